//! How the answers of an operation go on: which members name the next page.

use serde_json::Value;

/// What botocore's `paginators-1.json` says of an operation, or what its members say where botocore
/// does not mention it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paginator {
    /// The input's members that say where to go on; as many as `output_tokens`.
    pub input_tokens: Vec<String>,
    /// Where the answer has them.
    pub output_tokens: Vec<Path>,
    /// The input's member for the size of a page.
    pub limit_key: Option<String>,
    /// Where the answer says whether there is more; without it, a token says so.
    pub more_results: Option<Path>,
    /// Where the answer has its items, as dotted members: `DistributionList.Items`.
    pub result_keys: Vec<String>,
}

/// Where a value is in an answer: the little of JMESPath that botocore's paginators use.
/// `NextMarker || Contents[-1].Key` has two ways, the first that leads to something counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Ways, each of steps.
    pub ways: Vec<Vec<Step>>,
}

/// One step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A member of a structure.
    Member(String),
    /// The last item of a list.
    Last,
}

impl Path {
    /// Reads a path; nothing where it uses more of JMESPath than is known.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let ways = text.split("||").map(|way| {
            let mut steps = Vec::new();
            for piece in way.trim().split('.') {
                let (name, last) = match piece.strip_suffix("[-1]") {
                    Some(name) => (name, true),
                    None => (piece, false),
                };
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                if name.is_empty() || !name.chars().all(plain) {
                    return None;
                }
                steps.push(Step::Member(name.to_owned()));
                if last {
                    steps.push(Step::Last);
                }
            }
            Some(steps)
        });
        Some(Self {
            ways: ways.collect::<Option<_>>()?,
        })
    }

    /// A path of plain members.
    #[must_use]
    pub fn of_members(members: &[&str]) -> Self {
        let steps = members.iter().map(|name| Step::Member((*name).to_owned()));
        Self {
            ways: vec![steps.collect()],
        }
    }

    /// The value there; nothing if there is none, or null.
    #[must_use]
    pub fn find<'v>(&self, answer: &'v Value) -> Option<&'v Value> {
        self.ways.iter().find_map(|way| {
            let mut at = answer;
            for step in way {
                at = match step {
                    Step::Member(name) => at.get(name)?,
                    Step::Last => at.as_array()?.last()?,
                };
            }
            Some(at).filter(|found| !found.is_null())
        })
    }

    /// The members on each way, from the answer down: what a reader has to keep.
    pub fn members(&self) -> impl Iterator<Item = Vec<&str>> {
        self.ways.iter().map(|way| {
            let members = way.iter().filter_map(|step| match step {
                Step::Member(name) => Some(name.as_str()),
                Step::Last => None,
            });
            members.collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_leads_to_a_token() {
        let answer =
            json!({"Contents": [{"Key": "a"}, {"Key": "b"}], "List": {"Next": "n"}, "Empty": null});
        let find = |path: &str| {
            let path = Path::parse(path).expect("a path");
            path.find(&answer)
                .and_then(Value::as_str)
                .map(ToOwned::to_owned)
        };
        assert_eq!(find("List.Next").as_deref(), Some("n"));
        assert_eq!(find("NextMarker || Contents[-1].Key").as_deref(), Some("b"));
        assert_eq!(find("Empty || List.Next").as_deref(), Some("n"));
        assert_eq!(find("List.Other"), None);
        assert_eq!(Path::parse("Contents[].Key"), None);
        assert_eq!(Path::parse(""), None);
    }
}
