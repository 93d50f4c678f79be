//! The text exposition format of Prometheus, version 0.0.4, read strictly.
//!
//! Source: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>. Where readers may
//! be lenient this is not: blanks stand where the examples have them, a metric says once what it is, before its
//! first sample and in one group with all of them, and no two samples of it have the same labels. No sample has
//! a time, which the textfile collector refuses.

use std::collections::BTreeMap;

pub(super) struct Metric {
    pub(super) name: String,
    pub(super) help: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) samples: Vec<(Labels, f64)>,
}

type Labels = BTreeMap<String, String>;

/// The metrics of a text, or the line at which it is none.
pub(super) fn read(text: &str) -> Result<Vec<Metric>, String> {
    let mut metrics: Vec<Metric> = Vec::new();
    let text = text
        .strip_suffix('\n')
        .ok_or("the last line does not end")?;
    for line in text.split('\n') {
        add(&mut metrics, line).map_err(|why| format!("{why}: {line}"))?;
    }
    Ok(metrics)
}

fn add(metrics: &mut Vec<Metric>, line: &str) -> Result<(), &'static str> {
    if let Some(rest) = line.strip_prefix("# HELP ") {
        let (name, help) = rest.split_once(' ').ok_or("no help")?;
        let metric = the_metric(metrics, name)?;
        let first = metric.help.is_none() && metric.samples.is_empty();
        metric.help = Some(unescaped(help, false)?);
        return first.then_some(()).ok_or("help after all");
    }
    if let Some(rest) = line.strip_prefix("# TYPE ") {
        let (name, kind) = rest.split_once(' ').ok_or("no type")?;
        let kinds = ["counter", "gauge", "histogram", "summary", "untyped"];
        let metric = the_metric(metrics, name)?;
        let first = metric.kind.is_none() && metric.samples.is_empty();
        metric.kind = Some(kind.to_owned());
        return (first && kinds.contains(&kind))
            .then_some(())
            .ok_or("no type or a second");
    }
    let end = line.find(['{', ' ']).ok_or("neither labels nor value")?;
    let (name, rest) = line.split_at(end);
    let (labels, value) = labels(rest)?;
    let value = value.strip_prefix(' ').ok_or("no blank before the value")?;
    let value = number(value).ok_or("not a number")?;
    let metric = the_metric(metrics, name)?;
    let new = metric.samples.iter().all(|(other, _)| *other != labels);
    metric.samples.push((labels, value));
    new.then_some(()).ok_or("twice")
}

/// The last metric, or a new one: all lines of a metric are one group.
fn the_metric<'a>(
    metrics: &'a mut Vec<Metric>,
    name: &str,
) -> Result<&'a mut Metric, &'static str> {
    if metrics.last().is_none_or(|last| last.name != name) {
        if !is_name(name, true) || metrics.iter().any(|metric| metric.name == name) {
            return Err("not a name, or apart from its group");
        }
        metrics.push(Metric {
            name: name.to_owned(),
            help: None,
            kind: None,
            samples: Vec::new(),
        });
    }
    metrics.last_mut().ok_or("nothing")
}

fn is_name(name: &str, colons: bool) -> bool {
    let ok = |c: char| c.is_ascii_alphabetic() || c == '_' || (colons && c == ':');
    let mut chars = name.chars();
    chars.next().is_some_and(ok) && chars.all(|c| ok(c) || c.is_ascii_digit())
}

/// The labels, and what comes after them.
fn labels(text: &str) -> Result<(Labels, &str), &'static str> {
    let mut labels = Labels::new();
    let Some(mut rest) = text.strip_prefix('{') else {
        return Ok((labels, text));
    };
    loop {
        let (name, after) = rest.split_once("=\"").ok_or("no label")?;
        let end = closing(after).ok_or("a label without end")?;
        let value = unescaped(&after[..end], true)?;
        let new = labels.insert(name.to_owned(), value).is_none();
        if !new || !is_name(name, false) || name.starts_with("__") {
            return Err("not a label");
        }
        rest = &after[end + 1..];
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => return Ok((labels, rest.strip_prefix('}').ok_or("labels without end")?)),
        }
    }
}

/// Where the quote is that ends a value.
fn closing(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })
}

fn unescaped(text: &str, quotes: bool) -> Result<String, &'static str> {
    let (mut plain, mut chars) = (String::new(), text.chars());
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => match chars.next() {
                Some('\\') => '\\',
                Some('n') => '\n',
                Some('"') if quotes => '"',
                _ => return Err("not an escape"),
            },
            c => c,
        });
    }
    Ok(plain)
}

/// A number as Go writes it; nothing else that Rust would read.
fn number(text: &str) -> Option<f64> {
    let plain = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
    match text {
        "NaN" | "+Inf" | "-Inf" => text.to_lowercase().parse().ok(),
        text if text.chars().all(plain) => text.parse().ok(),
        _ => None,
    }
}

#[test]
fn what_is_no_exposition_is_found_out() {
    let good = "# HELP a x \\\\ y\n# TYPE a gauge\na{b=\"1\",c=\"\\\"\\n\"} 1.5\na 2e3\nd -Inf\n";
    let metrics = read(good).unwrap();
    assert_eq!(metrics.len(), 2);
    assert_eq!(metrics[0].samples[0].0["c"], "\"\n");
    assert_eq!(metrics[0].help.as_deref(), Some("x \\ y"));
    for bad in [
        "a 1",
        "\n",
        "a\n",
        "a  1\n",
        "a one\n",
        "a infinity\n",
        "a 1 1700000000000\n",
        "1a 1\n",
        "a{b=1} 1\n",
        "a{b=\"1} 1\n",
        "a{b=\"1\"}1\n",
        "a{b=\"\\x\"} 1\n",
        "a{b=\"1\",b=\"2\"} 1\n",
        "a{b:c=\"1\"} 1\n",
        "a{b=\"1\",} 1\n",
        "a 1\na 2\n",
        "a 1\nb 1\na{c=\"\"} 1\n",
        "a 1\n# TYPE a gauge\n",
        "# TYPE a number\n",
        "# TYPE a gauge\n# TYPE a gauge\n",
        "# a comment\n",
    ] {
        assert!(read(bad).is_err(), "{bad:?}");
    }
}
