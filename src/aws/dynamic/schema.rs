//! The schemas by which the SDK's protocols read and write, made from a model.
//!
//! They live as long as the process: the SDK's runtime needs `'static` names, and each service is loaded
//! once. The file is a little long because every trait of a member is read and written here, side by side.

#![allow(
    clippy::struct_excessive_bools,
    reason = "traits of a member in the model, each by itself"
)]
#![allow(clippy::ptr_arg, reason = "the nodes are one arena")]

use crate::kinds::model::{
    Location, Member, Operation, Protocol, ServiceModel, Shape, ShapeIndex, ShapeKind,
    TimestampFormat,
};
use aws_smithy_schema::traits::{HttpTrait, TimestampFormat as Format};
use aws_smithy_schema::{Schema, ShapeId, ShapeType, intern_header_name};
use std::collections::HashMap;

pub(super) type StaticSchema = &'static Schema<'static>;

/// The schemas of a service.
#[derive(Debug)]
pub(super) struct Schemas {
    nodes: Vec<Node>,
    operations: HashMap<String, OperationSchema>,
}

/// A shape, and how its parts are read and written.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) schema: StaticSchema,
    pub(super) form: Form,
}

#[derive(Debug)]
pub(super) enum Form {
    Structure(Vec<Field>),
    List { item: Field, sparse: bool },
    Map { value: Field, sparse: bool },
    Text,
    Boolean,
    Integer,
    Long,
    Float,
    Double,
    Timestamp,
    Blob,
    Document,
}

/// A member of a structure, an item of a list, a value of a map.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    /// The schema to read it, and to write it as a member of a structure.
    pub(super) schema: StaticSchema,
    /// The schema to write it as an item or a value. It has no member name, because the protocols would write
    /// the name where it does not belong.
    pub(super) item: StaticSchema,
    /// The index of its shape.
    pub(super) target: usize,
    pub(super) required: bool,
    pub(super) idempotency_token: bool,
    pub(super) host_label: bool,
    pub(super) in_path: bool,
}

/// What goes in and comes out of one operation.
#[derive(Debug)]
pub(super) struct OperationSchema {
    pub(super) name: &'static str,
    pub(super) input: StaticSchema,
    /// The index of the input's shape.
    pub(super) input_shape: Option<usize>,
    /// The schema of the member that is the whole JSON body.
    pub(super) payload: Option<StaticSchema>,
    pub(super) output: StaticSchema,
    pub(super) output_shape: Option<usize>,
}

impl Schemas {
    pub(super) fn new(model: &'static ServiceModel) -> Self {
        let maker = Maker {
            model,
            xml: matches!(model.protocol, Protocol::RestXml | Protocol::Query),
            rest: matches!(model.protocol, Protocol::RestXml | Protocol::RestJson),
        };
        let nodes = model.shapes().map(|(_, shape)| maker.node(shape)).collect();
        let operations = model.operations();
        let operations = operations
            .map(|operation| (operation.name.clone(), maker.operation(operation, &nodes)))
            .collect();
        Self { nodes, operations }
    }

    pub(super) fn operation(&self, name: &str) -> Option<&OperationSchema> {
        self.operations.get(name)
    }

    pub(super) fn node(&self, place: usize) -> &Node {
        &self.nodes[place]
    }
}

/// Makes schemas, which are leaked.
struct Maker {
    model: &'static ServiceModel,
    xml: bool,
    rest: bool,
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn leak_text(text: String) -> &'static str {
    String::leak(text)
}

fn id(name: &'static str) -> ShapeId<'static> {
    ShapeId::from_parts(leak_text(format!("aws#{name}")), "aws", name)
}

fn shape_type(kind: &ShapeKind) -> ShapeType {
    match kind {
        ShapeKind::Structure(structure) if structure.union => ShapeType::Union,
        ShapeKind::Structure(_) => ShapeType::Structure,
        ShapeKind::List(_) => ShapeType::List,
        ShapeKind::Map { .. } => ShapeType::Map,
        ShapeKind::String { .. } => ShapeType::String,
        ShapeKind::Boolean => ShapeType::Boolean,
        ShapeKind::Integer => ShapeType::Integer,
        ShapeKind::Long => ShapeType::Long,
        ShapeKind::Float => ShapeType::Float,
        ShapeKind::Double => ShapeType::Double,
        ShapeKind::Timestamp => ShapeType::Timestamp,
        ShapeKind::Blob => ShapeType::Blob,
        ShapeKind::Document => ShapeType::Document,
    }
}

fn format(format: TimestampFormat) -> Format {
    match format {
        TimestampFormat::DateTime => Format::DateTime,
        TimestampFormat::HttpDate => Format::HttpDate,
        TimestampFormat::EpochSeconds => Format::EpochSeconds,
    }
}

impl Maker {
    fn shape(&self, index: ShapeIndex) -> &'static Shape {
        self.model.shape(index)
    }

    /// The schema of a member. Containers have the schemas of their items in it; a structure's members are
    /// looked up at its own node, so shapes that contain themselves are no problem.
    fn member(&self, name: &'static str, member: &'static Member, at: usize) -> Schema<'static> {
        let shape = self.shape(member.shape);
        let schema = Schema::new_member(id(&shape.name), shape_type(&shape.kind), name, at);
        self.with_traits(schema, name, member)
    }

    /// Adds the traits of a member and its shape to a schema.
    fn with_traits(
        &self,
        schema: Schema<'static>,
        name: &'static str,
        member: &'static Member,
    ) -> Schema<'static> {
        let shape = self.shape(member.shape);
        let schema = self.with_value_traits(schema, member);
        let wire = member.wire_name.as_deref();
        match member.location.filter(|_| self.rest) {
            Some(Location::Uri) => return schema.with_http_label(),
            Some(Location::Query) if matches!(shape.kind, ShapeKind::Map { .. }) => {
                return schema.with_http_query_params();
            }
            Some(Location::Query) => return schema.with_http_query(wire.unwrap_or(name)),
            Some(Location::Header) => {
                return schema.with_http_header(intern_header_name(wire.unwrap_or(name)));
            }
            Some(Location::Headers) => {
                return schema.with_http_prefix_headers(wire.unwrap_or_default());
            }
            Some(Location::StatusCode) => return schema.with_http_response_code(),
            None => {}
        }
        if !self.xml {
            return match wire {
                Some(wire) => schema.with_json_name(wire),
                None => schema,
            };
        }
        self.with_xml_traits(schema, member)
    }

    /// Adds the traits of a value: the schemas of its items, its timestamp format, its media type.
    fn with_value_traits(
        &self,
        mut schema: Schema<'static>,
        member: &'static Member,
    ) -> Schema<'static> {
        let shape = self.shape(member.shape);
        match &shape.kind {
            ShapeKind::List(item) => {
                schema = schema.with_list_member(leak(self.member("member", item, 0)));
            }
            ShapeKind::Map { key, value } => {
                let key = leak(self.member("key", key, 0));
                schema = schema.with_map_members(key, leak(self.member("value", value, 1)));
            }
            _ => {}
        }
        if let Some(moment) = member.timestamp_format.or(shape.timestamp_format) {
            schema = schema.with_timestamp_format(format(moment));
        }
        if member.json_value {
            schema = schema.with_media_type("application/json");
        }
        schema
    }

    fn with_xml_traits(
        &self,
        mut schema: Schema<'static>,
        member: &'static Member,
    ) -> Schema<'static> {
        let shape = self.shape(member.shape);
        // A structure's own name is for the root element, not for members.
        let own = match &shape.kind {
            ShapeKind::Structure(_) => None,
            // Older models give the name to the items of an always flattened list, not to the list.
            ShapeKind::List(item) if shape.flattened => item.wire_name.as_deref(),
            _ => shape.xml_name.as_deref(),
        };
        if member.flattened || shape.flattened {
            schema = schema.with_xml_flattened();
        }
        if member.xml_attribute {
            schema = schema.with_xml_attribute();
        }
        if let Some(wire) = member.wire_name.as_deref().or(own) {
            schema = schema.with_xml_name(wire);
        }
        let namespace = member
            .xml_namespace
            .as_ref()
            .or(shape.xml_namespace.as_ref());
        match namespace {
            Some(namespace) => {
                schema.with_xml_namespace(&namespace.uri, namespace.prefix.as_deref())
            }
            None => schema,
        }
    }

    fn field(&self, name: &'static str, member: &'static Member, schema: StaticSchema) -> Field {
        let shape = self.shape(member.shape);
        // Items have the name that their container gives them.
        let item = Schema::new(id(&shape.name), shape_type(&shape.kind));
        let item = self.with_value_traits(item, member);
        Field {
            name,
            schema,
            item: leak(item),
            target: member.shape.get(),
            required: false,
            idempotency_token: member.idempotency_token,
            host_label: member.host_label,
            in_path: self.rest && member.location == Some(Location::Uri),
        }
    }

    fn node(&self, shape: &'static Shape) -> Node {
        let plain = |form| Node {
            schema: leak(Schema::new(id(&shape.name), shape_type(&shape.kind))),
            form,
        };
        match &shape.kind {
            ShapeKind::Structure(structure) => {
                let members = structure.members.iter().enumerate();
                let fields: Vec<Field> = members
                    .map(|(at, member)| {
                        let mut schema = self.member(&member.name, member, at);
                        if self.rest && structure.payload.as_deref() == Some(&member.name) {
                            schema = schema.with_http_payload();
                        }
                        let mut field = self.field(&member.name, member, leak(schema));
                        field.required = structure.required.contains(&member.name);
                        field
                    })
                    .collect();
                let schema = structure_schema(&shape.name, structure.union, &fields);
                let schema = match shape.xml_name.as_deref().filter(|_| self.xml) {
                    Some(name) => schema.with_xml_name(name),
                    None => schema,
                };
                Node {
                    schema: leak(schema),
                    form: Form::Structure(fields),
                }
            }
            ShapeKind::List(item) => {
                let schema = leak(self.member("member", item, 0));
                Node {
                    schema: leak(Schema::new_list(id(&shape.name), schema)),
                    form: Form::List {
                        item: self.field("member", item, schema),
                        sparse: shape.sparse,
                    },
                }
            }
            ShapeKind::Map { key, value } => {
                let key = leak(self.member("key", key, 0));
                let schema = leak(self.member("value", value, 1));
                Node {
                    schema: leak(Schema::new_map(id(&shape.name), key, schema)),
                    form: Form::Map {
                        value: self.field("value", value, schema),
                        sparse: shape.sparse,
                    },
                }
            }
            ShapeKind::String { .. } => plain(Form::Text),
            ShapeKind::Boolean => plain(Form::Boolean),
            ShapeKind::Integer => plain(Form::Integer),
            ShapeKind::Long => plain(Form::Long),
            ShapeKind::Float => plain(Form::Float),
            ShapeKind::Double => plain(Form::Double),
            ShapeKind::Timestamp => plain(Form::Timestamp),
            ShapeKind::Blob => plain(Form::Blob),
            ShapeKind::Document => plain(Form::Document),
        }
    }

    fn operation(&self, operation: &'static Operation, nodes: &Vec<Node>) -> OperationSchema {
        let fields = |side: Option<ShapeIndex>| match side.map(|index| &nodes[index.get()].form) {
            Some(Form::Structure(fields)) => fields.as_slice(),
            _ => &[],
        };
        let shape = operation.input.map(|index| self.shape(index));
        let name = shape.map_or(&operation.name, |shape| &shape.name);
        let mut schema = structure_schema(name, false, fields(operation.input));
        if self.rest {
            let uri = leak_text(self.uri(operation));
            schema = schema.with_http(HttpTrait::new(&operation.method, uri, None));
        }
        let own_name = shape.and_then(|shape| shape.xml_name.as_deref());
        if let Some(name) = own_name.or(operation.input_name.as_deref()) {
            schema = schema.with_xml_name(name);
        }
        let own_namespace = shape.and_then(|shape| shape.xml_namespace.as_ref());
        if let Some(namespace) = operation.input_namespace.as_ref().or(own_namespace) {
            schema = schema.with_xml_namespace(&namespace.uri, namespace.prefix.as_deref());
        }
        // A member that is the whole JSON body is written without its name.
        let json = self.model.protocol == Protocol::RestJson;
        let payload = fields(operation.input)
            .iter()
            .find(|field| field.schema.http_payload().is_some());
        let payload = payload
            .filter(|_| json)
            .map(|field| nodes[field.target].schema);
        let payload = payload.filter(|schema| schema.is_structure() || schema.is_union());
        let output = operation.output.map(|index| nodes[index.get()].schema);
        let nothing = || leak(structure_schema("Nothing", false, &[]));
        OperationSchema {
            name: &operation.name,
            input: leak(schema),
            input_shape: operation.input.map(ShapeIndex::get),
            payload,
            output: output.unwrap_or_else(nothing),
            output_shape: operation.output.map(ShapeIndex::get),
        }
    }

    /// The URI, with labels named as their members: the protocols expect that, botocore uses wire names.
    fn uri(&self, operation: &Operation) -> String {
        let mut uri = operation.uri.clone();
        for member in operation
            .input
            .map_or(&[][..], |index| self.model.members(index))
        {
            if let (Some(Location::Uri), Some(wire)) = (member.location, &member.wire_name) {
                let name = &member.name;
                uri = uri
                    .replace(&format!("{{{wire}}}"), &format!("{{{name}}}"))
                    .replace(&format!("{{{wire}+}}"), &format!("{{{name}+}}"));
            }
        }
        uri
    }
}

fn structure_schema(name: &'static str, union: bool, fields: &[Field]) -> Schema<'static> {
    let members: Vec<StaticSchema> = fields.iter().map(|field| field.schema).collect();
    let kind = if union {
        ShapeType::Union
    } else {
        ShapeType::Structure
    };
    Schema::new_struct(id(name), kind, Vec::leak(members))
}
