//! Requests over one connection each, as a browser behind nothing would make them.

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

pub(crate) type Asker = Client<HttpConnector, Full<Bytes>>;

pub(crate) fn asker() -> Asker {
    Client::builder(TokioExecutor::new()).build_http()
}

/// The body of a good answer, as it comes.
pub(crate) async fn open(asker: &Asker, method: &str, address: &str) -> Incoming {
    let request = Request::builder()
        .method(method)
        .uri(address)
        .header("content-type", "application/json")
        .header("accept-encoding", "gzip")
        .body(Full::new(Bytes::from(if method == "POST" {
            "{}"
        } else {
            ""
        })))
        .unwrap();
    let response = asker.request(request).await.unwrap();
    assert!(
        response.status().is_success(),
        "{address}: {}",
        response.status()
    );
    response.into_body()
}

/// The body without compression.
pub(crate) async fn whole_plain(asker: &Asker, address: &str) -> Bytes {
    let response = asker.get(address.parse().unwrap()).await.unwrap();
    assert!(response.status().is_success(), "{address}");
    response.into_body().collect().await.unwrap().to_bytes()
}

pub(crate) async fn whole(asker: &Asker, method: &str, address: &str) -> Bytes {
    open(asker, method, address)
        .await
        .collect()
        .await
        .unwrap()
        .to_bytes()
}
