//! One call for all resources of a kind, or for all items of a part: made once, then matched with each.

use super::call::{Values, text, variable_unknown};
use super::reader::{Matched, Reader};
use crate::kinds::declared::DeclaredCall;
use crate::kinds::template::Template;
use crate::model::{Cause, Gap};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use tokio::sync::OnceCell;

impl Reader<'_> {
    /// The items of a call whose members have the wanted values. The call is made once; `cell` keeps its
    /// result.
    pub(super) async fn matched_items(
        &self,
        ask: &DeclaredCall,
        pairs: &[(Vec<String>, Template)],
        values: Values<'_>,
        cell: &OnceCell<Matched>,
    ) -> Result<Vec<Value>, Gap> {
        let read = || async {
            let place = |name: &str| self.place_variable(None, name);
            let mut matched: HashMap<String, Vec<Value>> = HashMap::new();
            for item in self.items(ask, &place).await?.unwrap_or_default() {
                for keys in match_keys(&item, pairs) {
                    matched.entry(keys).or_default().push(item.clone());
                }
            }
            Ok(matched)
        };
        let matched = cell
            .get_or_init(read)
            .await
            .as_ref()
            .map_err(Clone::clone)?;
        // A value that is no plain one matches nothing, which is not to be taken for an empty list.
        let keys = pairs.iter().map(|(path, template)| {
            let key = template.fill(&values)?;
            text(&key).ok_or_else(|| path.join("."))
        });
        let keys: Result<Vec<String>, String> = keys.collect();
        let keys = keys.map_err(|name| {
            let detail = variable_unknown(ask.call.operation, &name);
            Gap::new(ask.call.action, Cause::Failed, detail)
        })?;
        Ok(matched.get(&keys.join("\0")).cloned().unwrap_or_default())
    }
}

/// The keys by which an item is found: the values of these members, in every combination if one is a list.
/// An item that lacks one of the values has no key.
fn match_keys(item: &Value, pairs: &[(Vec<String>, Template)]) -> BTreeSet<String> {
    let mut keys = vec![Vec::new()];
    for (member, _) in pairs {
        let mut values = BTreeSet::new();
        all_at(item, member, &mut values);
        keys = keys
            .iter()
            .flat_map(|key: &Vec<String>| {
                values.iter().map(|value| {
                    let mut key = key.clone();
                    key.push(value.clone());
                    key
                })
            })
            .collect();
    }
    keys.into_iter().map(|key| key.join("\0")).collect()
}

/// The plain values at a path, through lists.
fn all_at(value: &Value, path: &[String], found: &mut BTreeSet<String>) {
    match (value, path) {
        (Value::Array(items), _) => items.iter().for_each(|item| all_at(item, path, found)),
        (Value::Object(members), [first, rest @ ..]) => {
            if let Some(value) = members.get(first) {
                all_at(value, rest, found);
            }
        }
        (plain, []) => found.extend(text(plain)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn keys(item: &Value, members: &[&str]) -> Vec<String> {
        let pairs = members.iter().map(|member| {
            let path = member.split('.').map(ToOwned::to_owned).collect();
            (path, Template::text("$id"))
        });
        let pairs: Vec<_> = pairs.collect();
        match_keys(item, &pairs).into_iter().collect()
    }

    #[test]
    fn an_item_is_found_by_each_value_of_a_list() {
        let source = json!({"name": "s", "resourceArns": ["arn:a", "arn:b", "arn:a"]});
        assert_eq!(keys(&source, &["resourceArns"]), ["arn:a", "arn:b"]);
        assert_eq!(
            keys(&source, &["name", "resourceArns"]),
            ["s\0arn:a", "s\0arn:b"]
        );
    }

    #[test]
    fn an_item_without_a_value_is_found_by_nothing() {
        assert!(keys(&json!({"resourceArns": []}), &["resourceArns"]).is_empty());
        assert!(keys(&json!({"name": "s"}), &["name", "resourceArns"]).is_empty());
        assert!(keys(&json!({"resourceArns": {"a": 1}}), &["resourceArns"]).is_empty());
    }

    #[test]
    fn a_path_leads_through_lists() {
        let item = json!({"Targets": [{"Id": 1}, {"Id": 2}, {}]});
        assert_eq!(keys(&item, &["Targets.Id"]), ["1", "2"]);
    }
}
