//! What the SDK's XML protocols leave out: reading errors, and checking that an answer is one at all.

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

/// Whether a body is an operation's answer in the query protocol, with its result in it. Without this check,
/// any other XML would be read as an empty list.
pub(super) fn is_answer(body: &[u8], operation: &str, wrapper: Option<&str>) -> bool {
    let Ok(body) = std::str::from_utf8(body) else {
        return false;
    };
    let mut document = Document::new(body);
    let Ok(mut root) = document.root_element() else {
        return false;
    };
    if root.start_el().local().strip_suffix("Response") != Some(operation) {
        return false;
    }
    let Some(wrapper) = wrapper else {
        return true;
    };
    while let Some(tag) = root.next_tag() {
        if tag.start_el().local() == wrapper {
            return true;
        }
    }
    false
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

    #[test]
    fn what_answers_nothing_is_no_empty_answer() {
        let answer = b"<ListTopicsResponse xmlns=\"x\"><ListTopicsResult/></ListTopicsResponse>";
        let wrapper = Some("ListTopicsResult");
        assert!(is_answer(answer, "ListTopics", wrapper));
        assert!(!is_answer(answer, "ListQueues", wrapper));
        assert!(!is_answer(b"<ListTopicsResponse/>", "ListTopics", wrapper));
        assert!(is_answer(b"<DeleteTopicResponse/>", "DeleteTopic", None));
        assert!(!is_answer(b"<html/>", "ListTopics", wrapper));
        assert!(!is_answer(b"", "ListTopics", wrapper));
    }
}
