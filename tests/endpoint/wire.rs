//! A connection that can break at any point of an answer.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Where a connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Reset without an answer, as by a peer that is not there.
    Reset,
    /// Closed without an answer.
    Before,
    /// Closed in the middle of a header.
    Headers,
    /// Closed after half of the body that the headers declare.
    Body,
    /// Closed after the answer, though the headers let one expect that it stays open.
    After,
}

/// A server's side of a connection. The cut that is set applies to the next answer.
pub(super) struct Wire {
    stream: TcpStream,
    cut: Arc<Mutex<Option<Cut>>>,
    /// How much more is sent before the connection breaks.
    left: Option<usize>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, cut: Arc<Mutex<Option<Cut>>>) -> Self {
        Self {
            stream,
            cut,
            left: None,
        }
    }

    /// Where to break an answer that is all in `answer`, headers and body.
    fn break_at(&self, cut: Cut, answer: &[u8]) -> usize {
        let body = answer
            .windows(4)
            .position(|w| w == b"\r\n\r\n")
            .map_or(answer.len(), |at| at + 4);
        match cut {
            Cut::Reset => {
                // The break is as good if the peer was first.
                let _ = self.stream.set_zero_linger();
                0
            }
            Cut::Before => 0,
            Cut::Headers => body / 2,
            Cut::Body => body + (answer.len() - body) / 2,
            Cut::After => answer.len(),
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

/// Without vectored writes, hyper copies headers and body into one buffer, so the first write of an
/// answer has all of it.
impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let cut = self.cut.lock().unwrap().take();
        if let Some(cut) = cut {
            self.left = Some(self.break_at(cut, buf));
        }
        let Some(left) = self.left else {
            return Pin::new(&mut self.stream).poll_write(cx, buf);
        };
        if left == 0 {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let part = &buf[..left.min(buf.len())];
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, part))?;
        self.left = Some(left - written);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.left == Some(0) {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
