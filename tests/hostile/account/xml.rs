//! Answers in XML, as EC2, the query protocol and S3 give them.

use super::Answer;
use super::answer;
use crate::endpoint::modelled::escape;
use axum::http::StatusCode;
use std::fmt::{Display, Write};

/// The part of an answer written so far.
pub(super) struct Xml(String);

impl Xml {
    /// A whole answer: `<root xmlns="namespace">…</root>`.
    pub(super) fn answer(root: &str, namespace: &str, fill: impl FnOnce(&mut Self)) -> Answer {
        let mut xml = Self(format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{namespace}\">"
        ));
        fill(&mut xml);
        let _ = write!(xml.0, "</{root}>");
        answer(StatusCode::OK, "text/xml", xml.0)
    }

    /// An element with a text in it.
    pub(super) fn text(&mut self, name: &str, value: impl Display) -> &mut Self {
        let value = value.to_string();
        let _ = write!(self.0, "<{name}>{}</{name}>", escape(&value));
        self
    }

    /// A text outside of any element but the root.
    pub(super) fn bare(&mut self, value: &str) -> &mut Self {
        self.0 += &escape(value);
        self
    }

    /// An element that is left out where there is nothing to say.
    pub(super) fn maybe(&mut self, name: &str, value: Option<impl Display>) -> &mut Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// An element with others in it.
    pub(super) fn within(&mut self, name: &str, fill: impl FnOnce(&mut Self)) -> &mut Self {
        let _ = write!(self.0, "<{name}>");
        fill(self);
        // An element may have attributes; its end has none.
        let name = name.split(' ').next().unwrap_or(name);
        let _ = write!(self.0, "</{name}>");
        self
    }

    /// A list: `<name><item>…</item><item>…</item></name>`.
    pub(super) fn list<T>(
        &mut self,
        name: &str,
        item: &str,
        items: impl IntoIterator<Item = T>,
        fill: impl Fn(&mut Self, T),
    ) -> &mut Self {
        self.within(name, |xml| {
            for one in items {
                xml.within(item, |xml| fill(xml, one));
            }
        })
    }

    /// A list of texts.
    pub(super) fn texts<T: Display>(
        &mut self,
        name: &str,
        item: &str,
        items: impl IntoIterator<Item = T>,
    ) -> &mut Self {
        self.within(name, |xml| {
            for one in items {
                xml.text(item, one);
            }
        })
    }
}
