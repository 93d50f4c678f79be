//! The values that are read from XML.

use super::xml_reader::{Member, XmlReader, name};
use aws_smithy_schema::Schema;
use aws_smithy_schema::serde::{SerdeError, ShapeDeserializer};
use aws_smithy_schema::traits::{TimestampFormat, TimestampFormatTrait};
use aws_smithy_types::date_time::Format;
use aws_smithy_types::{BigDecimal, BigInteger, Blob, DateTime, Document};

impl ShapeDeserializer for XmlReader<'_> {
    fn read_struct(
        &mut self,
        schema: &Schema<'_>,
        consumer: &mut Member<'_>,
    ) -> Result<(), SerdeError> {
        let (element, open) = self.enter()?;
        if !element.attributes_raw().is_empty() {
            self.attributes(&element, schema, consumer)?;
        }
        // The items of a flattened list are members of the structure, with others between them.
        let mut flattened: Vec<(&Schema<'_>, String)> = Vec::new();
        while let Some(child) = self.next()? {
            let local = child.local_name();
            let mut members = schema.members().iter();
            let member = members.find(|m| name(m).map(str::as_bytes) == Some(local.as_ref()));
            let Some(member) = member else {
                self.close(open)?;
                continue;
            };
            if member.xml_flattened() && member.shape_type().is_aggregate() {
                let item = self.rest()?;
                let known = flattened
                    .iter_mut()
                    .find(|(known, _)| known.member_index() == member.member_index());
                match known {
                    Some((_, items)) => items.push_str(item),
                    None => flattened.push((member, format!("<items>{item}"))),
                }
                continue;
            }
            self.element = Some(child);
            consumer(member, self)?;
            self.element = None;
            self.close(open)?;
        }
        for (member, mut items) in flattened {
            items.push_str("</items>");
            consumer(member, &mut XmlReader::at(&items, self.depth))?;
        }
        self.leave()
    }

    fn read_list(
        &mut self,
        _schema: &Schema<'_>,
        consumer: &mut dyn FnMut(&mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        let (_, open) = self.enter()?;
        while let Some(item) = self.next()? {
            self.element = Some(item);
            consumer(self)?;
            self.element = None;
            self.close(open)?;
        }
        self.leave()
    }

    fn read_map(
        &mut self,
        schema: &Schema<'_>,
        consumer: &mut dyn FnMut(String, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        let own = |part: Option<&Schema<'_>>| {
            let name = part.and_then(Schema::xml_name);
            name.map(|name| name.value().to_owned())
        };
        let key_name = own(schema.key()).unwrap_or_else(|| "key".to_owned());
        let value_name = own(schema.member()).unwrap_or_else(|| "value".to_owned());
        self.enter()?;
        while self.next()?.is_some() {
            // Either may come first.
            let (mut key, mut value) = (None, None);
            while let Some(part) = self.next()? {
                let name = part.local_name();
                let (is_key, is_value) = (
                    name.as_ref() == key_name.as_bytes(),
                    name.as_ref() == value_name.as_bytes(),
                );
                let part = self.rest()?;
                if is_key {
                    key = Some(part);
                } else if is_value {
                    value = Some(part);
                }
            }
            if let (Some(key), Some(value)) = (key, value) {
                let key = XmlReader::at(key, self.depth).text()?.into_owned();
                consumer(key, &mut XmlReader::at(value, self.depth))?;
            }
        }
        self.leave()
    }

    fn read_boolean(&mut self, _schema: &Schema<'_>) -> Result<bool, SerdeError> {
        self.parse()
    }

    fn read_byte(&mut self, _schema: &Schema<'_>) -> Result<i8, SerdeError> {
        self.parse()
    }

    fn read_short(&mut self, _schema: &Schema<'_>) -> Result<i16, SerdeError> {
        self.parse()
    }

    fn read_integer(&mut self, _schema: &Schema<'_>) -> Result<i32, SerdeError> {
        self.parse()
    }

    fn read_long(&mut self, _schema: &Schema<'_>) -> Result<i64, SerdeError> {
        self.parse()
    }

    fn read_float(&mut self, _schema: &Schema<'_>) -> Result<f32, SerdeError> {
        self.parse()
    }

    fn read_double(&mut self, _schema: &Schema<'_>) -> Result<f64, SerdeError> {
        self.parse()
    }

    fn read_big_integer(&mut self, _schema: &Schema<'_>) -> Result<BigInteger, SerdeError> {
        self.parse()
    }

    fn read_big_decimal(&mut self, _schema: &Schema<'_>) -> Result<BigDecimal, SerdeError> {
        self.parse()
    }

    fn read_string(&mut self, _schema: &Schema<'_>) -> Result<String, SerdeError> {
        Ok(self.text()?.into_owned())
    }

    fn read_blob(&mut self, _schema: &Schema<'_>) -> Result<Blob, SerdeError> {
        let bytes = aws_smithy_types::base64::decode(self.text()?);
        let bytes = bytes.map_err(|error| SerdeError::custom(error.to_string()))?;
        Ok(Blob::new(bytes))
    }

    fn read_timestamp(&mut self, schema: &Schema<'_>) -> Result<DateTime, SerdeError> {
        let format = match schema.timestamp_format().map(TimestampFormatTrait::format) {
            Some(TimestampFormat::EpochSeconds) => Format::EpochSeconds,
            Some(TimestampFormat::HttpDate) => Format::HttpDate,
            _ => Format::DateTimeWithOffset,
        };
        let moment = DateTime::from_str(&self.text()?, format);
        moment.map_err(|error| SerdeError::custom(error.to_string()))
    }

    fn read_document(&mut self, _schema: &Schema<'_>) -> Result<Document, SerdeError> {
        Err(SerdeError::unsupported("there are no documents in XML"))
    }

    fn is_null(&self) -> bool {
        // A null value has no element.
        false
    }

    /// The structure around it goes on to its end.
    fn skip_value(&mut self) -> Result<(), SerdeError> {
        Ok(())
    }

    fn container_size(&self) -> Option<usize> {
        None
    }
}

#[cfg(test)]
#[path = "xml_tests.rs"]
mod tests;
