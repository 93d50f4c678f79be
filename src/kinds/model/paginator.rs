//! How an operation is paginated: which members name the next page.

use serde_json::Value;

/// The pagination of an operation, from botocore's `paginators-1.json` or, if that lacks the operation,
/// inferred from its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paginator {
    /// The input members that take the tokens of the next page; as many as `output_tokens`.
    pub input_tokens: Vec<String>,
    /// Where the answer has these tokens.
    pub output_tokens: Vec<Path>,
    /// The input member for the size of a page.
    pub limit_key: Option<String>,
    /// Where the answer says whether there is more; without it, a token means that there is.
    pub more_results: Option<Path>,
    /// Where the answer has its items, as dotted paths: `DistributionList.Items`.
    pub result_keys: Vec<String>,
}

/// A path to a value in an answer, in the subset of JMESPath that botocore's paginators use.
/// `NextMarker || Contents[-1].Key` has two alternatives; the first that finds a value counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The alternatives, each a list of steps.
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
    /// Parses a path; `None` if it uses other features of JMESPath.
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

    /// The value at the path; `None` if it is missing or null.
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

    /// The members of each alternative, from the answer down. A projection must keep them.
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
