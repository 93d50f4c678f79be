//! Untrusted text in every format, after the format is decoded.

use super::*;
use crate::report::sanitize::{clean, clean_lines};

/// All texts of a value, the names of fields too.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(fields) => {
            let names = fields.keys().cloned();
            names.chain(fields.values().flat_map(texts)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// What a reader of a format gets to show.
fn decoded(name: &str, text: &str) -> Vec<String> {
    match name {
        "csv" => {
            let mut rows = ::csv::Reader::from_reader(text.as_bytes());
            let rows = rows.records().map(Result::unwrap);
            rows.flat_map(|row| row.iter().map(str::to_owned).collect::<Vec<_>>())
                .collect()
        }
        "junit" => {
            let document = roxmltree::Document::parse(text).unwrap();
            let attributes = |node: roxmltree::Node| -> Vec<String> {
                let attributes = node.attributes();
                attributes
                    .map(|attribute| attribute.value().to_owned())
                    .collect()
            };
            let nodes = document.descendants();
            nodes
                .flat_map(|node| {
                    [
                        attributes(node),
                        node.text().map(str::to_owned).into_iter().collect(),
                    ]
                    .concat()
                })
                .collect()
        }
        "prometheus" => {
            let metrics = exposition::read(text).unwrap();
            let samples = metrics.into_iter().flat_map(|metric| metric.samples);
            samples
                .flat_map(|(labels, _)| labels.into_values())
                .collect()
        }
        _ => texts(&serde_json::from_str(text).unwrap()),
    }
}

#[test]
fn nothing_hidden_and_nothing_for_a_terminal_is_written() {
    for (name, writer) in FORMATS {
        let text = written(writer, &hostile_report());
        for line in text.lines() {
            assert_eq!(line.replace('\u{a0}', " "), clean(line), "{name}");
        }
    }
}

/// Consoles, code scanning and build servers show what is in these. The complete forms keep every character.
#[test]
fn nothing_hidden_and_nothing_for_a_terminal_is_shown() {
    let report = hostile_report().since(&earlier()).unwrap();
    for (name, writer) in FORMATS.into_iter().filter(|(name, _)| *name != "ndjson") {
        let texts = decoded(name, &written(writer, &report));
        assert!(!texts.is_empty(), "{name}");
        for text in texts {
            let shown = text.replace('\u{a0}', " ");
            assert_eq!(shown.trim_end(), clean_lines(&shown).trim_end(), "{name}");
        }
    }
}

/// As pages for people show it: nothing is an element, a link or an address that runs something.
#[test]
fn nothing_is_more_than_text_on_pages_for_people() {
    let report = hostile_report();
    let markdown = markdown(&report);
    for page in [
        markdown.clone(),
        self::markdown(&report.clone().since(&earlier()).unwrap()),
    ] {
        let shown = page.replace("<code>", "").replace("</code>", "");
        for dangerous in [
            "<script",
            "<img",
            "<a ",
            "javascript:",
            "http:",
            "](",
            "@admin",
            "onerror=\"",
        ] {
            assert!(!shown.contains(dangerous), "{dangerous} in {shown}");
        }
        assert!(
            page.lines()
                .all(|line| line.trim_end() == clean(line).trim_end()),
            "{page}"
        );
        assert!(shown.contains("javascript&#58;alert"), "{shown}");
    }
    for width in [60, 80, 200] {
        let options = TextOptions {
            width,
            color: false,
        };
        let page = text(&report, options);
        assert!(page.lines().all(|line| line == clean(line)), "{page}");
        let wide = page.lines().find(|line| line.chars().count() > width);
        assert_eq!(wide, None, "at {width}");
    }
    insta::assert_snapshot!(
        "text-hostile",
        text(
            &report,
            TextOptions {
                width: 100,
                color: false
            }
        )
    );
    insta::assert_snapshot!("markdown-hostile", markdown);
}
