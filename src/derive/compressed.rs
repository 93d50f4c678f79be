//! Documents as compressed JSON, in blocks of some dozens.
//!
//! A document as a tree of values takes five times the memory of its text, and the text compresses
//! to a tenth, since documents of a kind share names and phrases.

use crate::model::Document;
use std::fmt;

/// Bytes of text that are compressed together.
const BLOCK: usize = 32 << 10;
/// No block is larger than this, even with one very large document.
const LARGEST: usize = 1 << 30;
/// Fast, and enough.
const LEVEL: i32 = 1;

/// Documents in the order in which they came.
#[derive(Default)]
pub(crate) struct CompressedDocuments {
    blocks: Vec<Box<[u8]>>,
    /// The last documents, not compressed yet; one on a line.
    open: Vec<u8>,
}

impl fmt::Debug for CompressedDocuments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} blocks", self.blocks.len())
    }
}

impl CompressedDocuments {
    pub(crate) fn push(&mut self, document: &Document) {
        if let Err(error) = serde_json::to_writer(&mut self.open, document) {
            unreachable!("a document is JSON: {error}");
        }
        self.open.push(b'\n');
        if self.open.len() >= BLOCK {
            match zstd::bulk::compress(&self.open, LEVEL) {
                Ok(block) => self.blocks.push(block.into_boxed_slice()),
                Err(error) => unreachable!("memory can be compressed: {error}"),
            }
            self.open.clear();
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty() && self.open.is_empty()
    }

    /// The documents, one block of them in memory at a time.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Document> + '_ {
        let blocks = self.blocks.iter().map(|block| {
            zstd::bulk::decompress(block, LARGEST)
                .unwrap_or_else(|error| unreachable!("it was compressed here: {error}"))
        });
        blocks
            .chain([self.open.clone()])
            .flat_map(|text| documents(&text))
    }
}

fn documents(text: &[u8]) -> Vec<Document> {
    let lines = text.split(|byte| *byte == b'\n');
    lines
        .filter(|line| !line.is_empty())
        .map(|line| {
            serde_json::from_slice(line)
                .unwrap_or_else(|error| unreachable!("it was written here: {error}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Cause, Gap, Part, Resource};
    use serde_json::{Map, json};
    use std::collections::BTreeMap;

    fn document(number: u32) -> Document {
        let resource = Resource {
            kind: "ec2.volume".to_owned(),
            id: format!("vol-{number}"),
            arn: None,
            name: "line\nbreak".to_owned(),
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            tags: match number % 3 {
                0 => Part::Unread,
                1 => Part::Read(BTreeMap::from([("a".to_owned(), "b".to_owned())])),
                _ => Part::Gap(Gap::new("ec2:DescribeTags", Cause::Denied, "no")),
            },
        };
        let fields = json!({"share": 0.1 + f64::from(number), "big": u64::MAX, "text": "x".repeat(90),
            "none": null, "list": [{"a": -1}]});
        Document {
            resource,
            fields: fields.as_object().cloned().unwrap_or_else(Map::new),
            gaps: BTreeMap::from([("part".to_owned(), Gap::new("", Cause::Failed, "x"))]),
        }
    }

    #[test]
    fn documents_come_back_as_they_were() {
        let mut compressed = CompressedDocuments::default();
        assert!(compressed.is_empty());
        let documents: Vec<Document> = (0..1_000).map(document).collect();
        for document in &documents {
            compressed.push(document);
        }
        assert!(compressed.blocks.len() > 1 && !compressed.is_empty());
        assert!(compressed.iter().eq(documents.iter().cloned()));
        let bytes: usize = compressed.blocks.iter().map(|block| block.len()).sum();
        assert!(bytes < 1_000 * 50, "{bytes}");
    }
}
