//! Reading errors in XML, which the SDK's protocols leave out.

use aws_smithy_xml::decode::{Document, ScopedDecoder, try_data};

/// What an XML error says.
#[derive(Debug, Default)]
pub(super) struct XmlError {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) request_id: Option<String>,
}

/// Reads `<ErrorResponse><Error><Code>…`, `<Error><Code>…` or `<Response><Errors><Error><Code>…`;
/// empty where the body is none of them.
pub(super) fn error(body: &[u8]) -> XmlError {
    let mut error = XmlError::default();
    if let Ok(body) = std::str::from_utf8(body)
        && let Ok(mut root) = Document::new(body).root_element()
    {
        read(&mut root, 0, &mut error);
    }
    error
}

fn read(element: &mut ScopedDecoder<'_, '_>, depth: usize, error: &mut XmlError) {
    let inside = element.start_el().local() == "Error";
    while let Some(mut tag) = element.next_tag() {
        match tag.start_el().local() {
            "Error" | "Errors" if !inside && depth < 2 => read(&mut tag, depth + 1, error),
            "Code" if inside => error.code = text(&mut tag),
            "Message" | "message" if inside => error.message = text(&mut tag),
            "RequestId" | "RequestID" => error.request_id = text(&mut tag),
            _ => {}
        }
    }
}

fn text(tag: &mut ScopedDecoder<'_, '_>) -> Option<String> {
    try_data(tag).ok().map(|text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_its_code_wherever_it_stands() {
        let inner =
            "<Type>Sender</Type><Code>NotFound</Code><Message>no &lt;such&gt; topic</Message>";
        for body in [
            format!(
                "<ErrorResponse xmlns=\"x\"><Error>{inner}</Error><RequestId>r-1</RequestId></ErrorResponse>"
            ),
            format!("<?xml version=\"1.0\"?>\n<Error>{inner}<RequestId>r-1</RequestId></Error>"),
            format!(
                "<Response><Errors><Error>{inner}</Error></Errors><RequestID>r-1</RequestID></Response>"
            ),
        ] {
            let error = error(body.as_bytes());
            assert_eq!(error.code.as_deref(), Some("NotFound"), "{body}");
            assert_eq!(error.message.as_deref(), Some("no <such> topic"), "{body}");
            assert_eq!(error.request_id.as_deref(), Some("r-1"), "{body}");
        }
        for body in [
            "",
            "oops",
            "{}",
            "<html><body>Code</body></html>",
            "<Error><Code>",
        ] {
            assert_eq!(error(body.as_bytes()).message, None, "{body}");
        }
    }
}
