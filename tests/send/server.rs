//! A web server that gives prepared answers and records the requests.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// What to answer to one request.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Status, headers, body.
    Say(u16, Vec<(&'static str, String)>, String),
    /// The connection is closed without one.
    Close,
}

impl Answer {
    pub(crate) fn status(status: u16) -> Self {
        Self::Say(status, Vec::new(), String::new())
    }
}

/// A request that arrived whole.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

#[derive(Default)]
struct Inner {
    answers: VecDeque<Answer>,
    arrived: Vec<Arrived>,
}

/// A running server. It stops with the runtime it was started on.
#[derive(Clone)]
pub(crate) struct Server {
    inner: Arc<Mutex<Inner>>,
    port: u16,
}

impl Server {
    /// Gives these answers in order, and 200 after them.
    pub(crate) async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let inner = Arc::new(Mutex::new(Inner {
            answers: answers.into_iter().collect(),
            arrived: Vec::new(),
        }));
        let server = Self { inner, port };
        tokio::spawn(server.clone().accept(listener));
        server
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.inner.lock().unwrap().arrived.clone()
    }

    async fn accept(self, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let server = self.clone();
            tokio::spawn(async move {
                let service = hyper::service::service_fn(|request| server.answer(request));
                // A connection that is closed early is what some answers are.
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Closed> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Closed)?.to_bytes();
        let answer = {
            let mut inner = self.inner.lock().unwrap();
            inner.arrived.push(Arrived {
                method: parts.method,
                path: parts.uri.to_string(),
                headers: parts.headers,
                body,
            });
            let next = inner.answers.pop_front();
            next.unwrap_or_else(|| Answer::status(200))
        };
        let Answer::Say(status, headers, body) = answer else {
            return Err(Closed);
        };
        let mut response = Response::new(Full::new(Bytes::from(body)));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        for (name, value) in headers {
            response.headers_mut().insert(name, value.parse().unwrap());
        }
        Ok(response)
    }
}

/// The connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("closed")]
struct Closed;

/// Nobody listens on the port of this address.
pub(crate) async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    format!("http://127.0.0.1:{port}")
}
