//! Reads an answer into JSON, by the schemas of an operation. Members that nobody reads are skipped.

use super::schema::{Field, Form, Schemas};
use crate::kinds::model::Projection;
use aws_smithy_schema::Schema;
use aws_smithy_schema::serde::{SerdeError, ShapeDeserializer};
use aws_smithy_types::{DateTime, Document, Number};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// A [`Projection`] with members by index instead of by name.
#[derive(Debug, Clone)]
pub(super) enum Kept {
    All,
    /// What is kept of each member of the structure; `None` for nothing.
    Fields(Vec<Option<Kept>>),
}

impl Kept {
    /// What a projection keeps of a shape.
    ///
    /// # Errors
    /// The name of a member that the shape does not have.
    pub(super) fn of(
        schemas: &Schemas,
        place: usize,
        projection: &Projection,
    ) -> Result<Self, String> {
        let Projection::Members(members) = projection else {
            return Ok(Self::All);
        };
        match &schemas.node(place).form {
            Form::Structure(fields) => {
                let mut kept = vec![None; fields.len()];
                for (name, projection) in members {
                    let at = fields.iter().position(|field| field.name == name);
                    let at = at.ok_or_else(|| name.clone())?;
                    kept[at] = Some(Self::of(schemas, fields[at].target, projection)?);
                }
                Ok(Self::Fields(kept))
            }
            Form::List { item, .. } | Form::Map { value: item, .. } => {
                Self::of(schemas, item.target, projection)
            }
            // A plain value has no members.
            _ => match members.keys().next() {
                Some(name) => Err(name.clone()),
                None => Ok(Self::All),
            },
        }
    }

    fn member(&self, at: usize) -> Option<&Self> {
        match self {
            Self::All => Some(self),
            Self::Fields(kept) => kept.get(at)?.as_ref(),
        }
    }
}

/// Reads a value of a shape.
pub(super) fn read(
    schemas: &Schemas,
    place: usize,
    schema: &Schema<'_>,
    kept: &Kept,
    from: &mut dyn ShapeDeserializer,
) -> Result<Value, SerdeError> {
    Ok(match &schemas.node(place).form {
        Form::Structure(fields) => Value::Object(structure(
            schemas,
            schemas.node(place).schema,
            fields,
            kept,
            from,
        )?),
        Form::List { item, sparse } => {
            let mut items = Vec::with_capacity(from.container_size().unwrap_or_default());
            from.read_list(schema, &mut |from| {
                match value(schemas, item, item.schema, kept, from)? {
                    Value::Null if !sparse => {}
                    value => items.push(value),
                }
                Ok(())
            })?;
            Value::Array(items)
        }
        Form::Map {
            value: item,
            sparse,
        } => {
            let mut entries = Map::new();
            from.read_map(schema, &mut |key, from| {
                match value(schemas, item, item.schema, kept, from)? {
                    Value::Null if !sparse => {}
                    value => _ = entries.insert(key, value),
                }
                Ok(())
            })?;
            Value::Object(entries)
        }
        Form::Text => from.read_string(schema)?.into(),
        Form::Boolean => from.read_boolean(schema)?.into(),
        Form::Integer => from.read_integer(schema)?.into(),
        Form::Long => from.read_long(schema)?.into(),
        // By its decimal digits: 1.1 in 32 bits is not 1.1 in 64 bits.
        Form::Float => float(
            from.read_float(schema)?
                .to_string()
                .parse()
                .unwrap_or(f64::NAN),
        ),
        Form::Double => float(from.read_double(schema)?),
        Form::Timestamp => moment(&from.read_timestamp(schema)?)?,
        Form::Blob => STANDARD.encode(from.read_blob(schema)?.as_ref()).into(),
        Form::Document => json(from.read_document(schema)?),
    })
}

/// Reads a structure's members except those that are null, so that a missing value has one form.
fn structure(
    schemas: &Schemas,
    schema: &Schema<'_>,
    fields: &[Field],
    kept: &Kept,
    from: &mut dyn ShapeDeserializer,
) -> Result<Map<String, Value>, SerdeError> {
    let mut members = Map::new();
    from.read_struct(schema, &mut |member, from| {
        let Some(at) = member.member_index() else {
            return Ok(());
        };
        let Some(kept) = kept.member(at) else {
            return from.skip_value();
        };
        let field = &fields[at];
        match value(schemas, field, member, kept, from)? {
            Value::Null => {}
            value => _ = members.insert(field.name.to_owned(), value),
        }
        Ok(())
    })?;
    Ok(members)
}

fn value(
    schemas: &Schemas,
    field: &Field,
    schema: &Schema<'_>,
    kept: &Kept,
    from: &mut dyn ShapeDeserializer,
) -> Result<Value, SerdeError> {
    if from.is_null() {
        from.read_null()?;
        return Ok(Value::Null);
    }
    read(schemas, field.target, schema, kept, from)
}

/// JSON has no NaN and no infinity: they become text, as in AWS's own JSON.
fn float(number: f64) -> Value {
    match serde_json::Number::from_f64(number) {
        Some(number) => Value::Number(number),
        None if number.is_nan() => "NaN".into(),
        None if number > 0.0 => "Infinity".into(),
        None => "-Infinity".into(),
    }
}

fn moment(moment: &DateTime) -> Result<Value, SerdeError> {
    let nanos = i32::try_from(moment.subsec_nanos()).unwrap_or_default();
    jiff::Timestamp::new(moment.secs(), nanos)
        .map(|moment| moment.to_string().into())
        .map_err(|error| SerdeError::invalid_input(error.to_string()))
}

fn json(document: Document) -> Value {
    match document {
        Document::Null => Value::Null,
        Document::Bool(value) => value.into(),
        Document::Number(Number::PosInt(number)) => number.into(),
        Document::Number(Number::NegInt(number)) => number.into(),
        Document::Number(Number::Float(number)) => float(number),
        Document::String(text) => text.into(),
        Document::Array(items) => items.into_iter().map(json).collect(),
        Document::Object(entries) => {
            let entries = entries.into_iter();
            entries.map(|(key, value)| (key, json(value))).collect()
        }
    }
}
