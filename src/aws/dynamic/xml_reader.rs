//! Reads XML by schemas, in one pass. The SDK's own reader goes through each element once for each level
//! above it.
//!
//! What is in an element is read as the SDK reads it: names without their prefixes, the first text alone.
//! Ill-formed XML is an error even where nobody reads it: the half of an answer must not pass for a whole one.

use aws_smithy_schema::Schema;
use aws_smithy_schema::serde::{SerdeError, ShapeDeserializer};
use aws_smithy_schema::traits::XmlNameTrait;
use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

/// How deep structures, lists and maps may be nested: as deep as the SDK allows.
const MAX_DEPTH: u32 = 128;

/// Reads the elements of a document, one after the other.
pub(super) struct XmlReader<'a> {
    body: &'a str,
    events: Reader<&'a [u8]>,
    /// Where the last start tag starts.
    start: u64,
    /// The start tag of the value that is read next. Without one, it is the root.
    pub(super) element: Option<BytesStart<'a>>,
    /// The value that is read next, if it is an attribute.
    attribute: Option<String>,
    /// How many elements are open.
    open: usize,
    /// How many structures, lists and maps are being read.
    pub(super) depth: u32,
}

impl<'a> XmlReader<'a> {
    /// Reads a body from its root. One that is not UTF-8 is read like an empty one.
    pub(super) fn new(body: &'a [u8]) -> Self {
        Self::at(std::str::from_utf8(body).unwrap_or_default(), 0)
    }

    /// Reads an operation's answer in the query protocol: the result in it.
    ///
    /// # Errors
    /// It is no answer of the operation, or has no result. Without this check, any other XML would be read as
    /// an empty list.
    pub(super) fn of_query(
        body: &'a [u8],
        operation: &str,
        wrapper: Option<&str>,
    ) -> Result<Self, SerdeError> {
        let none = || SerdeError::invalid_input("no answer of this operation");
        let mut reader = Self::new(body);
        let root = reader.next().ok().flatten().ok_or_else(none)?;
        let name = root.local_name();
        if name.as_ref().strip_suffix(b"Response") != Some(operation.as_bytes()) {
            return Err(none());
        }
        while let Some(child) = reader.next()? {
            let name = child.local_name();
            let is_result = match wrapper {
                Some(wrapper) => name.as_ref() == wrapper.as_bytes(),
                // The model does not say what it is called.
                None => name.as_ref().ends_with(b"Result"),
            };
            if is_result {
                reader.element = Some(child);
                return Ok(reader);
            }
            reader.close(1)?;
        }
        if wrapper.is_none() {
            return Ok(Self::new(body));
        }
        Err(none())
    }

    pub(super) fn at(body: &'a str, depth: u32) -> Self {
        let body = body.strip_prefix('\u{feff}').unwrap_or(body);
        let mut events = Reader::from_str(body);
        let config = events.config_mut();
        config.expand_empty_elements = true;
        // It is an error of the member that has it, and nobody may read that one.
        config.allow_dangling_amp = true;
        Self {
            body,
            events,
            start: 0,
            element: None,
            attribute: None,
            open: 0,
            depth,
        }
    }

    /// The next element in the one that is open; `None` at its end, or at the end of the document.
    pub(super) fn next(&mut self) -> Result<Option<BytesStart<'a>>, SerdeError> {
        loop {
            let start = self.events.buffer_position();
            match self.events.read_event().map_err(ill_formed)? {
                Event::Start(element) => {
                    well_formed(&element)?;
                    self.start = start;
                    self.open += 1;
                    return Ok(Some(element));
                }
                Event::End(_) => {
                    self.open -= 1;
                    return Ok(None);
                }
                Event::Eof if self.open > 0 => return Err(ill_formed("it ends too early")),
                Event::Eof => return Ok(None),
                Event::Text(text) if self.open == 0 && !text.trim_ascii().is_empty() => {
                    return Err(ill_formed("there is text outside of the root"));
                }
                _ => {}
            }
        }
    }

    /// Goes on until no more than so many elements are open.
    pub(super) fn close(&mut self, open: usize) -> Result<(), SerdeError> {
        while self.open > open {
            while self.next()?.is_some() {}
        }
        Ok(())
    }

    /// Goes to the end of the element that was opened last, and returns all of it.
    pub(super) fn rest(&mut self) -> Result<&'a str, SerdeError> {
        let start = self.start;
        self.close(self.open - 1)?;
        let place = |at: u64| usize::try_from(at).map_err(ill_formed);
        let (start, end) = (place(start)?, place(self.events.buffer_position())?);
        let element = self.body.get(start..end);
        element.ok_or_else(|| ill_formed("an element is cut"))
    }

    /// The start tag of the value to read.
    fn element(&mut self) -> Result<BytesStart<'a>, SerdeError> {
        if let Some(element) = self.element.take() {
            return Ok(element);
        }
        let root = self.next()?;
        root.ok_or_else(|| SerdeError::custom("no root element"))
    }

    /// Enters a structure, a list or a map. Returns its start tag, and how many elements are open in it.
    pub(super) fn enter(&mut self) -> Result<(BytesStart<'a>, usize), SerdeError> {
        if self.attribute.is_some() {
            return Err(SerdeError::custom("expected XML element, found text"));
        }
        if self.depth >= MAX_DEPTH {
            return Err(SerdeError::custom("maximum nesting depth exceeded"));
        }
        self.depth += 1;
        let element = self.element()?;
        Ok((element, self.open))
    }

    /// Leaves it. What follows the outermost one is read to the end of the document.
    pub(super) fn leave(&mut self) -> Result<(), SerdeError> {
        self.depth -= 1;
        if self.depth == 0 {
            self.close(0)?;
            if self.next()?.is_some() {
                return Err(ill_formed("there are several roots"));
            }
        }
        Ok(())
    }

    /// The text of the value to read.
    pub(super) fn text(&mut self) -> Result<Cow<'a, str>, SerdeError> {
        if let Some(text) = self.attribute.take() {
            return Ok(Cow::Owned(text));
        }
        self.element()?;
        let inside = self.open;
        let mut text = None;
        loop {
            match self.events.read_event().map_err(ill_formed)? {
                Event::Text(piece) => {
                    if piece.contains(&b'&') {
                        return Err(ill_formed("an entity is not closed"));
                    }
                    add(&mut text, piece.decode().map_err(ill_formed)?);
                }
                Event::GeneralRef(name) => add(&mut text, entity(&name)?),
                Event::Start(_) if text.is_none() => {
                    return Err(SerdeError::custom("expected text, found an element"));
                }
                Event::Start(element) => {
                    well_formed(&element)?;
                    self.open += 1;
                    break;
                }
                Event::End(_) => {
                    self.open -= 1;
                    break;
                }
                Event::Eof => return Err(ill_formed("it ends too early")),
                // What follows a comment or the like is no longer the first text.
                _ if text.is_some() => break,
                _ => {}
            }
        }
        self.close(inside - 1)?;
        Ok(text.unwrap_or_default())
    }

    pub(super) fn parse<T: FromStr<Err: Display>>(&mut self) -> Result<T, SerdeError> {
        let text = self.text()?;
        text.parse()
            .map_err(|error: T::Err| SerdeError::custom(error.to_string()))
    }

    /// Hands over the members that are attributes.
    pub(super) fn attributes(
        &mut self,
        element: &BytesStart<'a>,
        schema: &Schema<'_>,
        consumer: &mut Member<'_>,
    ) -> Result<(), SerdeError> {
        for member in schema.members().iter().filter(|m| m.xml_attribute()) {
            let name = name(member).unwrap_or_default().as_bytes();
            for attribute in element.attributes().with_checks(false) {
                let attribute = attribute.map_err(ill_formed)?;
                let key = attribute.key;
                // A name without a prefix goes with any.
                if key.as_ref() == name || key.local_name().as_ref() == name {
                    let value = std::str::from_utf8(&attribute.value).map_err(ill_formed)?;
                    let value = unescape(value).map_err(ill_formed)?;
                    self.attribute = Some(value.into_owned());
                    consumer(member, self)?;
                    self.attribute = None;
                    break;
                }
            }
        }
        Ok(())
    }
}

pub(super) type Member<'c> =
    dyn FnMut(&Schema<'_>, &mut dyn ShapeDeserializer) -> Result<(), SerdeError> + 'c;

fn ill_formed(problem: impl Display) -> SerdeError {
    SerdeError::invalid_input(format!("ill-formed XML: {problem}"))
}

/// Checks what the tokenizer leaves to those who read it.
fn well_formed(element: &BytesStart<'_>) -> Result<(), SerdeError> {
    if element.contains(&b'<') {
        return Err(ill_formed("a tag is cut"));
    }
    if !element.attributes_raw().is_empty() {
        for attribute in element.attributes() {
            attribute.map_err(ill_formed)?;
        }
    }
    Ok(())
}

fn add<'a>(text: &mut Option<Cow<'a, str>>, piece: Cow<'a, str>) {
    match text {
        Some(text) => text.to_mut().push_str(&piece),
        None => *text = Some(piece),
    }
}

/// What stands for a character: `&lt;`, `&#60;`.
fn entity<'a>(name: &BytesRef<'a>) -> Result<Cow<'a, str>, SerdeError> {
    if let Some(character) = name.resolve_char_ref().map_err(ill_formed)? {
        return Ok(Cow::Owned(character.to_string()));
    }
    let name = name.decode().map_err(ill_formed)?;
    let text = resolve_predefined_entity(&name);
    text.map(Cow::Borrowed)
        .ok_or_else(|| ill_formed("an entity is not known"))
}

/// The name of a member's element or attribute.
pub(super) fn name<'s>(member: &'s Schema<'_>) -> Option<&'s str> {
    let own = member.xml_name().map(XmlNameTrait::value);
    own.or_else(|| member.member_name())
}
