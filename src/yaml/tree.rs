//! YAML text as a tree in which every value has a position.

use super::problem::{PathSeg, Pos, Problem};
use super::scalar::resolve;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError};
use serde_json::{Map, Value};

/// Deeper than any of our files; bounds the recursion over the tree.
const MAX_DEPTH: usize = 64;

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it starts.
    pub at: Pos,
    /// What it is.
    pub value: Tree,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// A string, number, boolean or null.
    Scalar {
        /// The text as written, unquoted and unfolded.
        raw: String,
        /// What it means by the rules of YAML 1.2: quoted text is a string, plain text may be a
        /// number, boolean or null.
        value: Value,
    },
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file.
    Map(Vec<Entry>),
}

/// One key of a map and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key starts.
    pub key_at: Pos,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The entry of a map by key.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// All entries of a map; none for anything else.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Tree::Map(entries) => entries,
            _ => &[],
        }
    }

    /// All items of a list; none for anything else.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Tree::List(items) => items,
            _ => &[],
        }
    }

    /// One step down.
    #[must_use]
    pub fn step(&self, seg: &PathSeg) -> Option<&Node> {
        match seg {
            PathSeg::Key(key) => self.entry(key).map(|entry| &entry.value),
            PathSeg::Index(index) => self.items().get(*index),
        }
    }

    /// The value without places.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.value {
            Tree::Scalar { value, .. } => value.clone(),
            Tree::List(items) => items.iter().map(Node::to_json).collect(),
            Tree::Map(entries) => {
                let pairs = entries.iter().map(|e| (e.key.clone(), e.value.to_json()));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
        }
    }

    /// What it is, in a word or two for people.
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match &self.value {
            Tree::Scalar { value, .. } => match value {
                Value::Null => "nothing",
                Value::Bool(_) => "a boolean",
                Value::Number(n) if n.is_f64() => "a fraction",
                Value::Number(_) => "a whole number",
                _ => "text",
            },
            Tree::List(_) => "a list",
            Tree::Map(_) => "a map",
        }
    }
}

/// Parses one YAML document.
pub(super) fn parse(file: &str, text: &str) -> Result<Node, Vec<Problem>> {
    let mut builder = Builder {
        file,
        problems: Vec::new(),
        open: Vec::new(),
        root: None,
    };
    // A byte order mark is not content; editors on Windows write one.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => builder.take(event, pos(span.start)),
            Err(error) => {
                builder.syntax(&error);
                break;
            }
        }
        if builder.open.len() > MAX_DEPTH {
            let at = builder.open.last().map_or(START, |frame| frame.at);
            let message = format!("nested more than {MAX_DEPTH} levels deep");
            builder.problem(at, message);
            break;
        }
    }
    if !builder.problems.is_empty() {
        return Err(builder.problems);
    }
    Ok(builder
        .root
        .unwrap_or_else(|| scalar(String::new(), true, START)))
}

const START: Pos = Pos { line: 1, column: 1 };

fn pos(marker: Marker) -> Pos {
    Pos {
        line: marker.line().max(1),
        column: marker.col() + 1,
    }
}

/// A list or map that has not ended yet.
struct Open {
    at: Pos,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        key: Option<(String, Pos)>,
    },
}

struct Builder<'a> {
    file: &'a str,
    problems: Vec<Problem>,
    open: Vec<Open>,
    root: Option<Node>,
}

impl Builder<'_> {
    fn problem(&mut self, at: Pos, message: impl Into<String>) {
        self.problems.push(Problem::new(self.file, at, message));
    }

    fn syntax(&mut self, error: &ScanError) {
        self.problem(
            pos(*error.marker()),
            format!("not valid YAML: {}", error.info()),
        );
    }

    fn take(&mut self, event: Event<'_>, at: Pos) {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse(anchor, tag.is_some(), at);
                let plain = style == ScalarStyle::Plain;
                self.add(scalar(text.into_owned(), plain, at));
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse(anchor, tag.is_some(), at);
                let kind = OpenKind::List(Vec::new());
                self.open.push(Open { at, kind });
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse(anchor, tag.is_some(), at);
                let kind = OpenKind::Map {
                    entries: Vec::new(),
                    key: None,
                };
                self.open.push(Open { at, kind });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(_) => {
                self.problem(at, "aliases (`*name`) are not supported; repeat the value");
                self.add(scalar(String::new(), true, at));
            }
            Event::DocumentStart(_) if self.root.is_some() => {
                self.problem(at, "a file may hold only one YAML document");
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
    }

    /// Anchors and tags are refused; each use is reported.
    fn refuse(&mut self, anchor: usize, tagged: bool, at: Pos) {
        if anchor != 0 {
            self.problem(at, "anchors (`&name`) are not supported");
        }
        if tagged {
            self.problem(at, "tags (`!name`) are not supported");
        }
    }

    fn close(&mut self) {
        let Some(Open { at, kind }) = self.open.pop() else {
            return;
        };
        let value = match kind {
            OpenKind::List(items) => Tree::List(items),
            OpenKind::Map { entries, .. } => Tree::Map(entries),
        };
        self.add(Node { at, value });
    }

    fn add(&mut self, node: Node) {
        let (message, at) = match self.open.last_mut().map(|open| &mut open.kind) {
            None => {
                self.root.get_or_insert(node);
                return;
            }
            Some(OpenKind::List(items)) => {
                items.push(node);
                return;
            }
            Some(OpenKind::Map { entries, key }) => match (key.take(), node.value) {
                (Some((name, key_at)), value) => {
                    let repeated = entries.iter().any(|entry| entry.key == name);
                    let message = format!("`{name}` appears twice");
                    entries.push(Entry {
                        key: name,
                        key_at,
                        value: Node { at: node.at, value },
                    });
                    if !repeated {
                        return;
                    }
                    (message, key_at)
                }
                (None, Tree::Scalar { raw, .. }) => {
                    *key = Some((raw, node.at));
                    return;
                }
                (None, _) => {
                    *key = Some((String::new(), node.at));
                    ("a key must be a string".to_owned(), node.at)
                }
            },
        };
        self.problem(at, message);
    }
}

fn scalar(raw: String, plain: bool, at: Pos) -> Node {
    let value = if plain {
        resolve(&raw)
    } else {
        Value::String(raw.clone())
    };
    Node {
        at,
        value: Tree::Scalar { raw, value },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn json(text: &str) -> Value {
        parse("t.yaml", text).unwrap().to_json()
    }

    fn problems(text: &str) -> Vec<String> {
        let problems = parse("t.yaml", text).unwrap_err();
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn plain_text_means_what_yaml_1_2_says() {
        assert_eq!(
            json("[1, -2, 0x10, 1.5, 1e3, true, yes, ~, null, 2027-03-31, 1.2.3, '7', nan, ec2]"),
            serde_json::json!([
                1,
                -2,
                16,
                1.5,
                1000.0,
                true,
                "yes",
                null,
                null,
                "2027-03-31",
                "1.2.3",
                "7",
                "nan",
                "ec2"
            ])
        );
        assert_eq!(json(""), Value::Null);
        assert_eq!(json("a:\nb: {}\n"), serde_json::json!({"a": null, "b": {}}));
        assert_eq!(json("a: |\n  x\n  y\n"), serde_json::json!({"a": "x\ny\n"}));
    }

    #[test]
    fn what_is_refused_is_all_reported_with_its_place() {
        assert_eq!(
            problems("a: &x 1\nb: *x\na: !t 2\n"),
            [
                "t.yaml:1:4: anchors (`&name`) are not supported",
                "t.yaml:2:4: aliases (`*name`) are not supported; repeat the value",
                "t.yaml:3:4: tags (`!name`) are not supported",
                "t.yaml:3:1: `a` appears twice",
            ]
        );
        assert_eq!(problems("a: 1\n---\nb: 2\n").len(), 1);
        assert_eq!(problems(&"[".repeat(100)).len(), 1);
    }

    #[test]
    fn an_error_of_syntax_has_its_place() {
        let problems = parse("t.yaml", "a: 1\nb: [1, 2\nc: 3\n").unwrap_err();
        assert_eq!(problems.len(), 1);
        assert!(problems[0].message.starts_with("not valid YAML"));
        assert!(problems[0].line >= 2, "{problems:?}");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(?s).{0,200}") {
            let _ = parse("t.yaml", &text);
        }

        #[test]
        fn no_yaml_like_text_makes_it_panic(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "a", ": ", "- ", "\n", "  ", "[", "]", "{", "}", ",", "|", ">", "'", "\"",
                    "#", "&x", "*x", "!t", "? ", "---", "...", "\t", "%YAML", "\\u", "é", "\0",
                ]),
                0..40,
            )
        ) {
            let _ = parse("t.yaml", &pieces.concat());
        }
    }
}
