//! An HTTP proxy on this machine, whose answers the test chooses.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// What a proxy does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Manner {
    /// Connects to this port of this machine, whatever host was requested.
    Connects(u16),
    /// Answers with this status.
    Answers(u16),
    /// Breaks the connection off.
    Closes,
}

/// A running proxy. It stops with the runtime it was started on.
pub(crate) struct HttpProxy {
    pub(crate) port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl HttpProxy {
    pub(crate) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = Arc::clone(&kept);
                tokio::spawn(async move {
                    // The program may hang up at any time.
                    let _ = serve(stream, manner, &kept).await;
                });
            }
        });
        Self { port, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The heads of the requests that began a connection, in order.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// What it was asked to connect to, or to fetch, each once.
    pub(crate) fn targets(&self) -> BTreeSet<String> {
        let requests = self.requests().into_iter();
        let targets = requests.filter_map(|head| head.split(' ').nth(1).map(ToOwned::to_owned));
        targets.collect()
    }

    /// How often it was asked to connect to a target.
    pub(crate) fn asked_for(&self, target: &str) -> usize {
        let requests = self.requests().into_iter();
        requests
            .filter(|head| head.split(' ').nth(1) == Some(target))
            .count()
    }
}

async fn serve(
    mut stream: TcpStream,
    manner: Manner,
    kept: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read_buf(&mut head).await?;
        if read == 0 {
            return Ok(());
        }
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let connects = text.starts_with("CONNECT ");
    kept.lock().unwrap().push(text);
    match manner {
        Manner::Closes => Ok(()),
        Manner::Answers(status) => {
            let answer = format!("HTTP/1.1 {status} No\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await
        }
        Manner::Connects(port) => {
            let mut target = TcpStream::connect(("127.0.0.1", port)).await?;
            if connects {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            } else {
                target.write_all(&head).await?;
            }
            copy_bidirectional(&mut stream, &mut target).await?;
            Ok(())
        }
    }
}
