//! Server-sent events: <https://html.spec.whatwg.org/multipage/server-sent-events.html>.

use super::RemoteError;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use std::collections::VecDeque;
use std::time::Duration;

/// The longest silence. The service sends a comment every fifteen seconds.
const SILENCE_TIMEOUT: Duration = Duration::from_mins(1);
/// The longest event, in bytes.
const LONGEST: usize = 4 << 20;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its kind; `message` where the server names none.
    pub kind: String,
    /// What it says.
    pub data: String,
}

/// Events as they arrive.
pub struct Events {
    host: String,
    body: SdkBody,
    decoder: Decoder,
    ready: VecDeque<Event>,
}

impl Events {
    pub(super) fn new(host: &str, body: SdkBody) -> Self {
        Self {
            host: host.to_owned(),
            body,
            decoder: Decoder::default(),
            ready: VecDeque::new(),
        }
    }

    /// The next event; none at the end of the stream.
    ///
    /// # Errors
    /// When the connection breaks or nothing comes for a minute.
    pub async fn next(&mut self) -> Result<Option<Event>, RemoteError> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(Some(event));
            }
            let broken = |why: String| RemoteError::Unreachable {
                host: self.host.clone(),
                why,
                is_final: false,
            };
            let frame = tokio::time::timeout(SILENCE_TIMEOUT, self.body.frame()).await;
            match frame {
                Err(_) => return Err(broken("nothing came for a minute".to_owned())),
                Ok(None) => return Ok(None),
                Ok(Some(Err(error))) => return Err(broken(error.to_string())),
                Ok(Some(Ok(frame))) => {
                    if let Some(bytes) = frame.data_ref() {
                        self.decoder.take(bytes, &mut self.ready);
                    }
                    if self.decoder.size() > LONGEST {
                        return Err(RemoteError::UnexpectedAnswer {
                            host: self.host.clone(),
                            why: "an event does not end".to_owned(),
                        });
                    }
                }
            }
        }
    }
}

/// Turns bytes into events.
#[derive(Debug, Default)]
struct Decoder {
    line: Vec<u8>,
    kind: String,
    data: String,
    /// Whether the last byte was a carriage return, whose line feed belongs to it.
    returned: bool,
}

impl Decoder {
    fn size(&self) -> usize {
        self.line.len() + self.data.len()
    }

    fn take(&mut self, bytes: &[u8], ready: &mut VecDeque<Event>) {
        for byte in bytes {
            let returned = std::mem::replace(&mut self.returned, *byte == b'\r');
            match byte {
                b'\n' if returned => {}
                b'\n' | b'\r' => self.end_of_line(ready),
                byte => self.line.push(*byte),
            }
        }
    }

    fn end_of_line(&mut self, ready: &mut VecDeque<Event>) {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        if line.is_empty() {
            let (kind, data) = (
                std::mem::take(&mut self.kind),
                std::mem::take(&mut self.data),
            );
            if !data.is_empty() {
                ready.push_back(Event {
                    kind: if kind.is_empty() {
                        "message".to_owned()
                    } else {
                        kind
                    },
                    data: data.strip_suffix('\n').unwrap_or(&data).to_owned(),
                });
            }
            return;
        }
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.kind),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            // Comments, ids, and fields that a later version may add.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(pieces: &[&str]) -> Vec<(String, String)> {
        let (mut decoder, mut ready) = (Decoder::default(), VecDeque::new());
        for piece in pieces {
            decoder.take(piece.as_bytes(), &mut ready);
        }
        ready.into_iter().map(|e| (e.kind, e.data)).collect()
    }

    #[test]
    fn events_are_read_however_they_are_cut() {
        let text = ": hello\n\nevent: audit\r\ndata: {\"a\":\r\ndata: 1}\r\n\r\nid: 7\rdata:x\r\rdata: cut";
        let whole = events(&[text]);
        let audit = ("audit".to_owned(), "{\"a\":\n1}".to_owned());
        assert_eq!(whole, [audit, ("message".to_owned(), "x".to_owned())]);
        for at in 0..text.len() {
            assert_eq!(events(&[&text[..at], &text[at..]]), whole, "{at}");
        }
    }
}
