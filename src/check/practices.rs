//! stub, replaced on merge
use std::collections::BTreeMap;
/// p
#[derive(Debug, Default)]
pub struct Practices(BTreeMap<String, String>);
impl Practices {
    /// g
    pub fn get(&self, id: &str) -> Option<&String> {
        self.0.get(id)
    }
    /// i
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
