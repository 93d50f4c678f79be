//! Filters of findings, details of a finding, and differences of two audits: they agree with the reports, on
//! both databases.

use crate::endpoint::Endpoint;
use crate::postgres::Postgres;
use crate::server::{Place, Server, audit, small};
use serde_json::Value;
use std::collections::BTreeSet;

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

fn texts<'a>(values: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    let texts = values.into_iter().map(|value| value.as_str().unwrap());
    texts.map(ToOwned::to_owned).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// The ids that a filter finds, counted and page by page.
async fn found(server: &Server, filter: &str) -> BTreeSet<String> {
    let (mut ids, mut cursor) = (BTreeSet::new(), String::new());
    loop {
        let path = format!("/api/v1/findings?limit=40&{filter}{cursor}");
        let page = server.get(&path).await.with(200).json();
        if cursor.is_empty() {
            let whole = format!("/api/v1/findings?limit=500&{filter}");
            let rest = server.get(&whole).await.with(200).json();
            assert_eq!(page["total"], list(&rest["items"]).len(), "{filter}");
        }
        for item in list(&page["items"]) {
            assert!(
                ids.insert(item["id"].as_str().unwrap().to_owned()),
                "{filter}"
            );
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

/// A report, and what its findings are.
struct Expected(Value);

impl Expected {
    /// Ids of the findings that meet a condition.
    fn findings(&self, is: impl Fn(&Value) -> bool) -> BTreeSet<String> {
        let findings = list(&self.0["findings"]).iter();
        texts(findings.filter(|finding| is(finding)).map(|f| &f["id"]))
    }

    /// Ids of the findings whose checks meet a condition.
    fn of_checks(&self, is: impl Fn(&Value) -> bool) -> BTreeSet<String> {
        let checks = list(&self.0["checks"]).iter();
        let checks = texts(checks.filter(|check| is(check)).map(|check| &check["id"]));
        self.findings(|finding| checks.contains(finding["check"].as_str().unwrap()))
    }
}

impl Expected {
    /// Ids of the findings that have a text, in lower case, in their resource, in what their check says, or
    /// in the properties of the check.
    fn with_text(&self, text: &str) -> BTreeSet<String> {
        let has = |value: &Value| {
            let value = value.as_str().unwrap_or_default();
            value.to_lowercase().contains(text)
        };
        let tagged = |tags: &Value| {
            let tags = tags.as_object().into_iter().flatten();
            tags.filter(|(key, _)| *key != "$gap").any(|(key, value)| {
                let tag = format!("{key}={}", value.as_str().unwrap_or_default());
                tag.to_lowercase().contains(text)
            })
        };
        let own = self.findings(|finding| {
            let resource = &finding["resource"];
            let fields = ["id", "name", "arn"].map(|field| &resource[field]);
            fields.into_iter().any(has) || has(&finding["say"]) || tagged(&resource["tags"])
        });
        let of_check = self.of_checks(|check| {
            has(&check["id"])
                || has(&check["title"])
                || list(&check["best_practices"]).iter().any(has)
        });
        own.union(&of_check).cloned().collect()
    }
}

fn has_tag(finding: &Value, key: &str, value: &str) -> bool {
    finding["resource"]["tags"][key] == value
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_are_filtered_as_in_the_page_on_sqlite() {
    filtered("").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_are_filtered_as_in_the_page_on_postgresql() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    filtered(&format!("database: {}\n", postgres.url())).await;
}

async fn filtered(more: &str) {
    let endpoint = Endpoint::start(small()).await;
    let place = Place::new(more);
    let server = place.serve(&endpoint).await;
    let id = server.start(&audit()).await;
    assert_eq!(server.over(&id).await["state"], "finished");
    let report = server.get(&format!("/api/v1/audits/{id}/report")).await;
    let report = Expected(report.with(200).json());
    let all = report.findings(|_| true);
    let some = |ids: &BTreeSet<String>| assert!(!ids.is_empty() && ids.len() < all.len());

    // Tags of the resource, whole.
    let (key, value) = tag_of(&report);
    let with_tag = report.findings(|finding| has_tag(finding, &key, &value));
    some(&with_tag);
    let tag = encoded(&format!("{key}={value}"));
    assert_eq!(found(&server, &format!("tag={tag}")).await, with_tag);
    let part = encoded(&format!("{key}={}", &value[..value.len() - 1]));
    assert_eq!(
        found(&server, &format!("tag={part}")).await,
        BTreeSet::new()
    );

    // Properties of the checks.
    let checks = list(&report.0["checks"]);
    let practice = checks[0]["best_practices"][0].as_str().unwrap();
    let by_practice =
        report.of_checks(|check| texts(list(&check["best_practices"])).contains(practice));
    some(&by_practice);
    assert_eq!(
        found(&server, &format!("practice={practice}")).await,
        by_practice
    );
    let (framework, ids) = checks
        .iter()
        .find_map(|check| check["maps"].as_object()?.iter().next())
        .expect("a check is elsewhere too");
    let by_name = report.of_checks(|check| check["maps"].get(framework).is_some());
    some(&by_name);
    assert_eq!(
        found(&server, &format!("framework={}", encoded(framework))).await,
        by_name
    );
    let one = ids[0].as_str().unwrap();
    let by_id = report.of_checks(|check| {
        let ids = check["maps"].get(framework);
        ids.is_some_and(|ids| texts(list(ids)).contains(one))
    });
    let name = encoded(&format!("{framework} {one}"));
    assert_eq!(found(&server, &format!("framework={name}")).await, by_id);
    for effort in ["minutes", "hours", "days"] {
        let by_effort = report.of_checks(|check| check["effort"] == effort);
        let filter = format!("effort={effort}");
        assert_eq!(found(&server, &filter).await, by_effort, "{effort}");
        // All filters have to match.
        let both: BTreeSet<String> = by_effort.intersection(&with_tag).cloned().collect();
        assert_eq!(found(&server, &format!("{filter}&tag={tag}")).await, both);
    }
    assert_eq!(found(&server, "effort=minutes,hours,days").await, all);
    let bad = server.get("/api/v1/findings?effort=weeks").await.with(400);
    assert!(bad.json()["detail"].as_str().unwrap().contains("effort"));

    // A text of a tag, a check, or what it says, taken literally.
    for text in [
        &value.to_uppercase(),
        &practice.to_lowercase(),
        "%",
        "_",
        "' OR 1=1 --",
    ] {
        let by_text = report.with_text(&text.to_lowercase());
        let filter = format!("q={}", encoded(text));
        assert_eq!(found(&server, &filter).await, by_text, "{text}");
    }
    assert!(
        report
            .with_text(&value.to_lowercase())
            .is_superset(&with_tag)
    );

    // The values are offered.
    let values = server.get("/api/v1/findings/values").await.with(200).json();
    assert!(texts(list(&values["tags"])).contains(&format!("{key}={value}")));
    assert!(texts(list(&values["practices"])).contains(practice));
    assert!(texts(list(&values["frameworks"])).contains(framework.as_str()));
    assert_eq!(
        texts(list(&values["checks"])),
        texts(list(&report.0["findings"]).iter().map(|f| &f["check"]))
    );

    details(&server, &id, &report).await;
    differ(&server, &id).await;
}

/// A tag of a resource that can be written in an address: others are hostile, and are refused there.
fn tag_of(report: &Expected) -> (String, String) {
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    let tagged = list(&report.0["findings"]).iter().find_map(|finding| {
        let tags = finding["resource"]["tags"].as_object()?;
        let (key, value) = tags.iter().find(|(key, value)| {
            let value = value.as_str();
            plain(key) && value.is_some_and(|value| value.len() > 1 && plain(value))
        })?;
        Some((key.clone(), value.as_str()?.to_owned()))
    });
    tagged.expect("something has tags")
}

/// The details of a finding are those of its report.
async fn details(server: &Server, audit: &str, report: &Expected) {
    let checks = list(&report.0["checks"]);
    for finding in list(&report.0["findings"]).iter().step_by(17) {
        let id = finding["id"].as_str().unwrap();
        let path = format!("/api/v1/findings/shop/{id}/details");
        let details = server.get(&path).await.with(200).json();
        let check = checks.iter().find(|check| check["id"] == finding["check"]);
        assert_eq!(
            (&details["finding"], &details["check"]),
            (finding, check.unwrap())
        );
        assert_eq!(details["audit"], audit);
    }
}

/// The differences of two audits, page by page, are those of the whole comparison.
async fn differ(server: &Server, earlier: &str) {
    let later = server.start(&audit()).await;
    assert_eq!(server.over(&later).await["state"], "finished");
    let diff = server
        .get(&format!("/api/v1/audits/{later}/diff?with={earlier}"))
        .await
        .with(200)
        .json();
    let whole = list(&diff["differences"]);
    assert!(whole.len() > 5);
    let pages = async |filter: &str| {
        let (mut rows, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!(
                "/api/v1/audits/{later}/differences?with={earlier}&limit=3&{filter}{cursor}"
            );
            let page = server.get(&path).await.with(200).json();
            for part in ["old", "new", "counts", "pillars"] {
                assert_eq!(page[part], diff[part], "{part}");
            }
            rows.extend(list(&page["items"]).iter().cloned());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return rows,
            }
        }
    };
    let in_order = |mut rows: Vec<Value>| {
        rows.sort_by_key(|row| row["id"].to_string());
        rows
    };
    let only = |is: &dyn Fn(&Value) -> bool| {
        let rows = whole.iter().filter(|row| is(row)).cloned();
        in_order(rows.collect())
    };
    let all = pages("").await;
    let rank = |row: &Value| {
        let severities = ["critical", "high", "medium", "low", "info"];
        severities
            .iter()
            .position(|known| row["severity"] == *known)
    };
    assert!(all.is_sorted_by_key(rank));
    assert_eq!(in_order(all), only(&|_| true));
    let row = &whole[0];
    let text = |field: &str| row[field].as_str().unwrap().to_owned();
    for field in ["change", "severity", "pillar", "check"] {
        let filter = format!("{field}={}", encoded(&text(field)));
        let wanted = only(&|other| other[field] == row[field]);
        assert_eq!(in_order(pages(&filter).await), wanted, "{filter}");
    }
    let name = row["resource"]["name"].as_str().unwrap().to_uppercase();
    let by_text = pages(&format!("q={}", encoded(&name))).await;
    assert!(by_text.contains(row), "{name}");
    assert!(pages("change=fixed").await.is_empty());
    for (wrong, status) in [
        (format!("with={later}"), 400),
        (format!("with={earlier}&change=odd"), 400),
        (format!("with={earlier}&cursor=odd"), 400),
        ("with=nothing".to_owned(), 404),
    ] {
        let path = format!("/api/v1/audits/{later}/differences?{wrong}");
        server.get(&path).await.with(status);
    }
    let path = format!("/api/v1/audits/{earlier}/differences?with={later}");
    server.get(&path).await.with(422);
}
