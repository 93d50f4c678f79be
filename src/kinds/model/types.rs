//! What a model says: operations, and the shapes of what goes in and comes out. Names are the API's.
//! What few of the thousands of shapes have is behind a pointer, to keep the others small.

use super::paginator::Paginator;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A service: its protocol, its operations and their shapes.
#[derive(Debug, Clone)]
pub struct ServiceModel {
    /// botocore's name for it, the folder of its data: `stepfunctions`. Endpoint rules are found by it.
    pub service: String,
    /// AWS's identifier, `DynamoDB`.
    pub service_id: String,
    /// AWS's name for people, `Amazon DynamoDB`.
    pub full_name: String,
    /// The name of the API in links to its reference, `dynamodb-2012-08-10`.
    pub uid: String,
    /// The version of the API, `2012-08-10`.
    pub api_version: String,
    /// How requests and answers are written.
    pub protocol: Protocol,
    /// The prefix of the operation in a request's target, `DynamoDB_20120810`.
    pub target_prefix: Option<String>,
    /// The endpoint's name, `dynamodb`.
    pub endpoint_prefix: String,
    /// The service that a signature is for.
    pub signing_name: String,
    /// Whether requests are signed as S3 signs them: with the hash of the body in a header.
    pub s3_signing: bool,
    /// The XML namespace of requests.
    pub xml_namespace: Option<String>,
    /// Whether the service used to speak the query protocol, and still sends the error codes of that time
    /// in the header `x-amzn-query-error`.
    pub query_compatible: bool,
    /// Parameters that its operations pass to the endpoint rules, such as which host name they use.
    pub endpoint_parameters: serde_json::Map<String, serde_json::Value>,
    pub(super) operations: BTreeMap<String, Operation>,
    pub(super) shapes: Vec<Shape>,
}

/// How a service's requests and answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// AWS JSON 1.0.
    Json10,
    /// AWS JSON 1.1.
    Json11,
    /// REST with bodies of JSON.
    RestJson,
    /// REST with bodies of XML.
    RestXml,
    /// A form as request, XML as answer.
    Query,
    /// Smithy RPC v2 with CBOR.
    Cbor,
}

/// One operation.
#[derive(Debug, Clone)]
pub struct Operation {
    /// `ListTables`.
    pub name: String,
    /// The method, `POST`.
    pub method: String,
    /// The path and query, with places for labels: `/functions/{FunctionName}/policy`.
    pub uri: String,
    /// The structure that goes in.
    pub input: Option<ShapeIndex>,
    /// The structure that comes out.
    pub output: Option<ShapeIndex>,
    /// The root element of an XML request, where the operation names one.
    pub input_name: Option<String>,
    /// The namespace of that element.
    pub input_namespace: Option<Box<XmlNamespace>>,
    /// The element around a query answer's members.
    pub result_wrapper: Option<String>,
    /// The errors that it documents.
    pub errors: Vec<ShapeIndex>,
    /// The prefix of the host name, `{AccountId}.`.
    pub host_prefix: Option<String>,
    /// How answers are paginated; `None` if they are not.
    pub paginator: Option<Paginator>,
    /// Why it cannot be called: a stream of events, another signature, a checksum.
    pub unsupported: Option<&'static str>,
}

/// A shape's index in its model; see [`ServiceModel::shape`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ShapeIndex(pub(super) usize);

impl ShapeIndex {
    /// The index as a number, below [`ServiceModel::shape_count`].
    #[must_use]
    pub fn get(self) -> usize {
        self.0
    }
}

/// The form of a value.
#[derive(Debug, Clone)]
pub struct Shape {
    /// AWS's name for it.
    pub name: String,
    /// What it is.
    pub kind: ShapeKind,
    /// Whether AWS marks it as sensitive.
    pub sensitive: bool,
    /// Whether a list or map has no element around its items in XML.
    pub flattened: bool,
    /// Whether a list or map may hold null.
    pub sparse: bool,
    /// How a timestamp is written, if the shape says so.
    pub timestamp_format: Option<TimestampFormat>,
    /// The XML element's name, if the shape has one.
    pub xml_name: Option<String>,
    /// The XML element's namespace.
    pub xml_namespace: Option<Box<XmlNamespace>>,
}

/// What a shape is.
#[derive(Debug, Clone)]
pub enum ShapeKind {
    /// Named members.
    Structure(Structure),
    /// Items of one form.
    List(Member),
    /// Text to values of one form.
    Map {
        /// The keys.
        key: Box<Member>,
        /// The values.
        value: Box<Member>,
    },
    /// Text. `values` are those that AWS documents, none for free text. AWS adds values without notice.
    String {
        /// The documented values.
        values: Arc<[String]>,
    },
    /// True or false.
    Boolean,
    /// 32 bits.
    Integer,
    /// 64 bits.
    Long,
    /// 32 bits.
    Float,
    /// 64 bits.
    Double,
    /// A point in time.
    Timestamp,
    /// Bytes.
    Blob,
    /// JSON of any form.
    Document,
}

/// A structure.
#[derive(Debug, Clone, Default)]
pub struct Structure {
    /// The members, in AWS's order.
    pub members: Vec<Member>,
    /// The names of the required members.
    pub required: Vec<String>,
    /// The member that is the whole body.
    pub payload: Option<String>,
    /// Whether exactly one of the members is there.
    pub union: bool,
    /// What kind of error this is, if it is one.
    pub error: Option<ErrorShape>,
}

impl Structure {
    /// A member by name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }
}

/// What marks a structure as an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErrorShape {
    /// The code that is sent, if it is not the shape's name.
    pub code: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
}

/// A member of a structure, an item of a list, a key or value of a map.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent traits of a member in the model"
)]
#[derive(Debug, Clone, Default)]
pub struct Member {
    /// Its name in the API; `member`, `key` and `value` for lists and maps.
    pub name: String,
    /// Its form.
    pub shape: ShapeIndex,
    /// Where in the HTTP message it is; `None` for the body.
    pub location: Option<Location>,
    /// Its name on the wire, if that differs from `name`.
    pub wire_name: Option<String>,
    /// Whether it has no element around its items in XML.
    pub flattened: bool,
    /// Whether it is an attribute of its XML element.
    pub xml_attribute: bool,
    /// Its XML namespace.
    pub xml_namespace: Option<Box<XmlNamespace>>,
    /// How a timestamp is written here.
    pub timestamp_format: Option<TimestampFormat>,
    /// Whether the caller sends a random value, by which AWS recognises a repeated request.
    pub idempotency_token: bool,
    /// Whether it is part of the host name.
    pub host_label: bool,
    /// Whether its text is JSON.
    pub json_value: bool,
}

/// An XML namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XmlNamespace {
    /// `http://…`.
    pub uri: String,
    /// The prefix, if there is one.
    pub prefix: Option<String>,
}

/// Where in an HTTP message a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Location {
    /// A label of the path.
    Uri,
    /// A query parameter; a map is several of them.
    Query,
    /// A header.
    Header,
    /// All headers with a prefix.
    Headers,
    /// The status code.
    StatusCode,
}

/// How a timestamp is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimestampFormat {
    /// `2026-01-31T12:00:00Z`.
    DateTime,
    /// `Sat, 31 Jan 2026 12:00:00 GMT`.
    HttpDate,
    /// Seconds since 1970.
    EpochSeconds,
}

impl ServiceModel {
    /// An operation by name.
    #[must_use]
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name)
    }

    /// All operations, by name.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.operations.values()
    }

    /// A shape.
    ///
    /// # Panics
    /// If the index is from another model.
    #[must_use]
    pub fn shape(&self, index: ShapeIndex) -> &Shape {
        &self.shapes[index.0]
    }

    /// How many shapes there are.
    #[must_use]
    pub fn shape_count(&self) -> usize {
        self.shapes.len()
    }

    /// All shapes with their indexes.
    pub fn shapes(&self) -> impl Iterator<Item = (ShapeIndex, &Shape)> {
        self.shapes
            .iter()
            .enumerate()
            .map(|(at, shape)| (ShapeIndex(at), shape))
    }

    /// The structure of a shape; `None` if it is no structure.
    #[must_use]
    pub fn structure(&self, index: ShapeIndex) -> Option<&Structure> {
        match &self.shape(index).kind {
            ShapeKind::Structure(structure) => Some(structure),
            _ => None,
        }
    }

    /// The members of a structure; empty for any other shape.
    #[must_use]
    pub fn members(&self, index: ShapeIndex) -> &[Member] {
        self.structure(index)
            .map_or(&[], |structure| &structure.members)
    }

    /// The codes of an operation's documented errors: the names of their shapes, which newer protocols send,
    /// and the codes of their own, if they have any.
    #[must_use]
    pub fn error_codes(&self, operation: &Operation) -> Vec<&str> {
        let mut codes = Vec::new();
        for index in &operation.errors {
            let shape = self.shape(*index);
            codes.push(shape.name.as_str());
            if let ShapeKind::Structure(Structure {
                error: Some(ErrorShape {
                    code: Some(code), ..
                }),
                ..
            }) = &shape.kind
                && *code != shape.name
            {
                codes.push(code);
            }
        }
        codes
    }

    /// The link to an operation in AWS's API reference.
    #[must_use]
    pub fn reference(&self, operation: &str) -> String {
        format!(
            "https://docs.aws.amazon.com/goto/WebAPI/{}/{operation}",
            self.uid
        )
    }
}
