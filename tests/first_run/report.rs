//! A finished report, for what is done with one.

use crate::person::Person;
use std::path::Path;

/// Writes the golden `report.json` of the report's own tests into the person's home, and gives its path.
pub(crate) fn write(person: &Person) -> String {
    let golden = "src/report/snapshots/sixpillars__report__tests__json.snap";
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(golden)).unwrap();
    let (_, json) = text.split_once("\n---\n").unwrap();
    let file = person.path("report.json");
    std::fs::write(&file, json).unwrap();
    file.to_str().expect("UTF-8").to_owned()
}
