//! `kinds`, and the pages of `docs/` that are made of it.

use super::sixpillars;
use predicates::prelude::*;
use std::fs;
use std::path::Path;

#[test]
fn kinds_show_fields_parts_and_actions() {
    sixpillars()
        .args(["kinds", "show", "s3.bucket"])
        .assert()
        .success()
        .stdout(
            predicate::str::contains("versioning")
                .and(predicate::str::contains("s3:GetBucketVersioning"))
                .and(predicate::str::contains("for each resource")),
        );
    sixpillars()
        .args(["kinds", "show", "s3.bukket"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("s3.bucket"));
}

/// The published schemas, the field reference and the permissions are generated; this holds them to
/// what the program prints. `UPDATE_SCHEMAS=1` writes them anew.
#[test]
fn the_field_reference_is_current() {
    let list = sixpillars()
        .args(["kinds", "list"])
        .assert()
        .success()
        .get_output()
        .stdout
        .clone();
    assert!(String::from_utf8_lossy(&list).contains("s3.bucket"));
    let mut page = String::from(
        "# The fields that checks may read\n\nGenerated from the types; `sixpillars kinds show KIND` prints the same.\n",
    );
    for collector in sixpillars::collect::registry() {
        let kind = collector.kind.name;
        let text = sixpillars::commands::kinds::details(collector.kind, true);
        page.extend(["\n## ", kind, "\n\n", &text]);
    }
    assert_page_is_current("docs/fields.md", &page);
}

#[track_caller]
fn assert_page_is_current(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, page).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "{name} is not current: run the tests with UPDATE_SCHEMAS=1"
    );
}

#[test]
fn the_page_of_calls_is_current() {
    let kinds =
        sixpillars::check::kinds(sixpillars::collect::registry().into_iter().map(|c| c.kind));
    let page = format!(
        "# The calls that each kind takes\n\nGenerated from the kinds. A scan makes those that the selected \
         checks need, and no others: `sixpillars plan` says which and how many. Here stand all that a kind \
         may take, with every part of it: for its list in one region (in one account where it is read once \
         for that), for each resource, for several resources at once, and once for all of them. Retries \
         and further pages come to that.\n\n{}",
        sixpillars::commands::kinds::calls(&kinds)
    );
    assert_page_is_current("docs/calls.md", &page);
}

/// Every operation that a kind takes leads to AWS's page about it.
#[test]
fn kinds_lead_to_the_reference() {
    for collector in sixpillars::collect::registry() {
        let text = sixpillars::commands::kinds::details(collector.kind, false);
        for call in collector.kind.calls() {
            let end = format!("/{}\n", call.operation);
            let found =
                text.contains(&end) && text.contains("https://docs.aws.amazon.com/goto/WebAPI/");
            assert!(found, "{}: {}\n{text}", collector.kind.name, call.operation);
        }
    }
}
