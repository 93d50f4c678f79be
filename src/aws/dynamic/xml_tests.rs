//! XML is read as the SDK reads it, and half a document not at all.

use super::*;
use crate::aws::dynamic::output::{self, Kept};
use crate::aws::dynamic::schema::Schemas;
use crate::kinds::model::{Projection, ServiceModel};
use aws_smithy_schema::codec::Codec;
use aws_smithy_xml::codec::XmlCodec;
use serde_json::{Value, json};

const MODEL: &str = r#"{
 "metadata": {"apiVersion": "1", "endpointPrefix": "x", "protocol": "rest-xml", "serviceId": "X", "signatureVersion": "v4"},
 "operations": {"Get": {"name": "Get", "http": {"method": "GET", "requestUri": "/"}, "output": {"shape": "Node"}}},
 "shapes": {
  "Node": {"type": "structure", "members": {
   "Id": {"shape": "Text", "xmlAttribute": true, "locationName": "id"},
   "Kind": {"shape": "Text", "xmlAttribute": true, "locationName": "xsi:type"},
   "Name": {"shape": "Text"},
   "Count": {"shape": "Number", "locationName": "n"},
   "Child": {"shape": "Node"},
   "Parts": {"shape": "Nodes", "flattened": true, "locationName": "Part"},
   "Others": {"shape": "Texts", "flattened": true, "locationName": "Other"},
   "List": {"shape": "Texts"},
   "Map": {"shape": "Map"},
   "Blob": {"shape": "Blob"}
  }},
  "Nodes": {"type": "list", "member": {"shape": "Node"}},
  "Texts": {"type": "list", "member": {"shape": "Text"}},
  "Map": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Node"}},
  "Text": {"type": "string"},
  "Number": {"type": "integer"},
  "Blob": {"type": "blob"}
 }
}"#;

fn schemas() -> Schemas {
    Schemas::new(Box::leak(Box::new(
        ServiceModel::parse(MODEL, None).unwrap(),
    )))
}

fn read_by(from: &mut dyn ShapeDeserializer, keep: &Projection) -> Result<Value, SerdeError> {
    let schemas = schemas();
    let operation = schemas.operation("Get").unwrap();
    let place = operation.output_shape.unwrap();
    let kept = Kept::of(&schemas, place, keep).unwrap();
    output::read(&schemas, place, operation.output, &kept, from)
}

fn read(body: &str) -> Result<Value, SerdeError> {
    read_by(&mut XmlReader::new(body.as_bytes()), &Projection::All)
}

fn by_the_sdk(body: &str) -> Result<Value, SerdeError> {
    let codec = XmlCodec::default();
    read_by(
        &mut codec.create_deserializer(body.as_bytes()),
        &Projection::All,
    )
}

const WHOLE: &str = "<?xml version=\"1.0\"?><!-- c --><Node id=\"a&amp;b\" x:type=\"y\" xsi:type=\"k\" xmlns:xsi=\"u\">\
    <Name>shop &amp; &#115;tock</Name><n>7</n> <p:Child xmlns:p=\"u\"><Name/></p:Child>\
    <Part><Name>1</Name><Part><Name>1.1</Name></Part></Part><Other>a</Other><Part id='2'/><Other>b</Other>\
    <List><member>x</member><z>y</z></List><Unknown a=\"b\"><Name>no</Name></Unknown>\
    <Map><entry><value><Name>v</Name></value><key>k</key></entry><entry><key>l</key></entry></Map>\
    <Blob>YQ==</Blob></Node>";

#[test]
fn every_form_of_a_value_is_read() {
    let wanted = json!({
        "Id": "a&b", "Kind": "k", "Name": "shop & stock", "Count": 7, "Child": {"Name": ""},
        "Parts": [{"Name": "1", "Parts": [{"Name": "1.1"}]}, {"Id": "2"}], "Others": ["a", "b"],
        "List": ["x", "y"], "Map": {"k": {"Name": "v"}}, "Blob": "YQ==",
    });
    assert_eq!(read(WHOLE).unwrap(), wanted);
}

#[test]
fn well_formed_xml_is_read_as_the_sdk_reads_it() {
    for name in [
        "",
        " ",
        " a\r\n b ",
        "a<!-- c -->b",
        "<!-- c -->b",
        "<![CDATA[a]]>",
        "a<![CDATA[b]]>c",
        "<?p i?>b",
        "&lt;&gt;&quot;&apos;&amp;&#x41;&#66;",
        "a<x>b</x>c",
        "<x/>",
        "&nope;",
        "&",
        "a & b",
        "a&lt",
        "&#xFFFFFFFF;",
        "\u{e9}",
    ] {
        let body = format!("<Node><Name>{name}</Name><n>1</n></Node>");
        assert_eq!(read(&body).ok(), by_the_sdk(&body).ok(), "{body}");
    }
    for body in [
        WHOLE,
        "",
        " ",
        "text",
        "<Node/>",
        "<Other/>",
        "\u{feff}<Node><Part/></Node>",
        "<Node><n> 1</n></Node>",
        "<Node><n/></Node>",
        "<Node><Child>text</Child></Node>",
        "<Node><Map><entry><key>a</key><value/></entry></Map></Node>",
        "<Node id=\"&nope;\"/>",
        "<Node><Blob>?</Blob></Node>",
        "<!DOCTYPE Node><Node><Name>a</Name></Node>",
    ] {
        assert_eq!(read(body).ok(), by_the_sdk(body).ok(), "{body}");
    }
}

#[test]
fn half_a_document_is_no_document() {
    for at in (0..WHOLE.len()).filter(|at| WHOLE.is_char_boundary(*at)) {
        assert!(read(&WHOLE[..at]).is_err(), "{}", &WHOLE[..at]);
        let nothing = &mut XmlReader::new(&WHOLE.as_bytes()[..at]);
        assert!(
            read_by(nothing, &Projection::none()).is_err(),
            "{}",
            &WHOLE[..at]
        );
    }
}

#[test]
fn ill_formed_xml_is_an_error_even_where_nobody_reads_it() {
    for body in [
        "<Node><Unknown></Node>",
        "<Node><Unknown><a></b></Unknown></Node>",
        "<Node><Unknown a=b/></Node>",
        "<Node><Unknown a='1' a='2'/></Node>",
        "<Node><Unk<Unknown/></Node>",
        "<Node/><Node/>",
        "<Node/></Node>",
        "<Node/>text",
        "text<Node/>",
        "<Node><!-- </Node>",
        "<Node><Name>a</n></Node>",
    ] {
        assert!(read(body).is_err(), "{body}");
    }
}

#[test]
fn what_nobody_reads_may_have_any_value() {
    let body = "<Node><Name>a</Name><n>x</n><List><member>&nope; & </member></List><Other/></Node>";
    let keep = Projection::of(["Name"]);
    let read = read_by(&mut XmlReader::new(body.as_bytes()), &keep);
    assert_eq!(read.unwrap(), json!({"Name": "a"}));
}

#[test]
fn structures_are_nested_as_deep_as_the_sdk_allows() {
    for (name, most) in [("Child", 128), ("Part", 64)] {
        for depth in [most, most + 1] {
            let inner = depth - 1;
            let (open, close) = (format!("<{name}>"), format!("</{name}>"));
            let body = format!("<Node>{}{}</Node>", open.repeat(inner), close.repeat(inner));
            assert_eq!(read(&body).is_ok(), depth == most, "{name} {depth}");
            assert_eq!(by_the_sdk(&body).is_ok(), depth == most, "{name} {depth}");
        }
    }
    let unread = format!(
        "<Node>{}{}</Node>",
        "<a>".repeat(100_000),
        "</a>".repeat(100_000)
    );
    assert_eq!(read(&unread).unwrap(), json!({}));
}

#[test]
fn what_answers_nothing_is_no_empty_answer() {
    let is_answer = |body: &str, operation: &str, wrapper| {
        XmlReader::of_query(body.as_bytes(), operation, wrapper).is_ok()
    };
    let answer = "<ListTopicsResponse xmlns=\"x\"><ListTopicsResult/></ListTopicsResponse>";
    let wrapper = Some("ListTopicsResult");
    assert!(is_answer(answer, "ListTopics", wrapper));
    assert!(!is_answer(answer, "ListQueues", wrapper));
    assert!(!is_answer("<ListTopicsResponse/>", "ListTopics", wrapper));
    assert!(is_answer("<DeleteTopicResponse/>", "DeleteTopic", None));
    assert!(!is_answer("<html/>", "ListTopics", wrapper));
    assert!(!is_answer("", "ListTopics", wrapper));
}

#[test]
fn the_result_of_an_answer_is_read_and_the_rest_of_it_must_be_there() {
    let body = "<GetResponse><GetMetadata><Name>no</Name></GetMetadata><GetResult><Name>a</Name></GetResult><Meta/></GetResponse>";
    for wrapper in [Some("GetResult"), None] {
        let read = |body: &str| {
            let mut reader = XmlReader::of_query(body.as_bytes(), "Get", wrapper)?;
            read_by(&mut reader, &Projection::All)
        };
        assert_eq!(read(body).unwrap(), json!({"Name": "a"}));
        assert!(read(body.trim_end_matches("</GetResponse>")).is_err());
    }
    let mut bare =
        XmlReader::of_query(b"<GetResponse><Name>a</Name></GetResponse>", "Get", None).unwrap();
    assert_eq!(
        read_by(&mut bare, &Projection::All).unwrap(),
        json!({"Name": "a"})
    );
}
