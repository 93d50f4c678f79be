//! The parameters of a request, in a form or a query string, and pages.

use percent_encoding::percent_decode_str;
use std::collections::HashMap;
use std::ops::Range;

/// Parameters by name.
pub(super) struct Form(HashMap<String, String>);

impl Form {
    /// Reads `a=1&b=2`, as bodies of the query protocols and the queries of addresses have it.
    pub(super) fn of(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text);
        let decode = |text: &str| {
            let spaced = text.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
        };
        let pairs = text.split('&').map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self(pairs.collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.get(name)?.parse().ok()
    }

    /// The numbered values of a list: `Filter.1.Value.1`, `Filter.1.Value.2`.
    pub(super) fn list(&self, prefix: &str) -> Vec<&str> {
        (1..)
            .map_while(|n| self.get(&format!("{prefix}.{n}")))
            .collect()
    }

    /// The values of EC2's filter of this name.
    pub(super) fn filter(&self, name: &str) -> Option<Vec<&str>> {
        (1..)
            .map_while(|n| Some((n, self.get(&format!("Filter.{n}.Name"))?)))
            .find(|(_, found)| *found == name)
            .map(|(n, _)| self.list(&format!("Filter.{n}.Value")))
    }
}

/// One page of a list.
pub(super) struct Page {
    /// The numbers of what is on it.
    pub(super) range: Range<usize>,
    /// What to ask for the next page with; nothing on the last.
    pub(super) next: Option<String>,
}

impl Page {
    /// The page that a token asks for, or the first. A token says where its page begins; one that
    /// does not is refused.
    pub(super) fn of(count: usize, size: usize, token: Option<&str>) -> Option<Self> {
        let start = match token.filter(|token| !token.is_empty()) {
            Some(token) => token.strip_prefix("from-")?.parse().ok()?,
            None => 0,
        };
        let end = count.min(start + size.max(1));
        Some(Self {
            range: start..end,
            next: (end < count).then(|| format!("from-{end}")),
        })
    }
}
