//! Where the objects of buckets are replicated.

use super::{Derivation, GLOBAL, Need, World, part};
use crate::model::kinds::s3::{Bucket, ReplicationRule};
use crate::model::{Gap, Part, Resource, TypedDocument};
use serde_json::Value;
use std::collections::BTreeMap;

/// The derivations of this file.
pub const DERIVATIONS: &[Derivation] = &[Derivation {
    kind: Bucket::KIND,
    part: "replicated_elsewhere",
    needs: &[Need {
        kind: Bucket::KIND,
        parts: &["replication"],
    }],
    run: &replicated_elsewhere,
}];

/// The account's buckets in the regions of the scan, and the gap that may hide more.
struct Buckets {
    regions: BTreeMap<String, String>,
    hidden: Option<Gap>,
}

fn replicated_elsewhere(world: &World, _: &str) -> BTreeMap<String, Part<Value>> {
    let (known, hidden) = world.seen::<Bucket>(GLOBAL);
    let regions = known.iter().map(|(r, _)| (r.id.clone(), r.region.clone()));
    let buckets = Buckets {
        regions: regions.collect(),
        hidden,
    };
    known
        .iter()
        .map(|(resource, bucket)| {
            let elsewhere = elsewhere(resource, bucket, &buckets);
            (resource.id.clone(), part(elsewhere))
        })
        .collect()
}

fn elsewhere(resource: &Resource, bucket: &Bucket, buckets: &Buckets) -> Result<bool, Gap> {
    let mut unknown = None;
    let enabled = bucket.replication.get()?.iter();
    for rule in enabled.filter(|rule| rule.status == "Enabled") {
        match leads_elsewhere(rule, resource, buckets) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(gap) => unknown = unknown.or(Some(gap)),
        }
    }
    unknown.map_or(Ok(false), Err)
}

/// A rule names neither the region of its destination nor, most often, the account. All buckets of the
/// account in the bucket's own region were listed: one that is not among them is elsewhere.
fn leads_elsewhere(
    rule: &ReplicationRule,
    resource: &Resource,
    buckets: &Buckets,
) -> Result<bool, Gap> {
    let Some(destination) = &rule.destination_bucket else {
        return Ok(false);
    };
    if let Some(account) = &rule.destination_account
        && *account != resource.account
    {
        return Ok(true);
    }
    let name = destination.rsplit(':').next().unwrap_or_default();
    match (buckets.regions.get(name), &buckets.hidden) {
        (Some(region), _) => Ok(*region != resource.region),
        (None, None) => Ok(true),
        (None, Some(gap)) => Err(gap.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Cause, Document};
    use serde_json::json;

    fn add(world: &mut World, name: &str, region: &str, rules: &[Value]) {
        let resource = Resource {
            kind: Bucket::KIND.to_owned(),
            id: name.to_owned(),
            arn: None,
            name: name.to_owned(),
            account: "111122223333".to_owned(),
            region: region.to_owned(),
            tags: Part::Unread,
        };
        let own = json!({"creation_date": null, "replication": rules});
        let Value::Object(fields) = own else {
            unreachable!("an object")
        };
        let document = Document {
            resource,
            fields,
            gaps: BTreeMap::new(),
        };
        world.add(GLOBAL, document);
    }

    fn rule(status: &str, bucket: &str, account: Option<&str>) -> Value {
        json!({"id": null, "status": status, "filtered": false,
            "destination_bucket": format!("arn:aws:s3:::{bucket}"), "destination_account": account,
            "storage_class": null, "delete_marker_replication": null})
    }

    #[test]
    fn only_another_region_or_account_is_elsewhere() {
        let mut world = World::default();
        add(&mut world, "here", "eu-west-1", &[]);
        add(&mut world, "there", "us-east-1", &[]);
        for (name, rules) in [
            ("none", vec![]),
            ("same-region", vec![rule("Enabled", "here", None)]),
            ("other-region", vec![rule("Enabled", "there", None)]),
            ("off", vec![rule("Disabled", "there", None)]),
            ("not-listed", vec![rule("Enabled", "unseen", None)]),
            (
                "other-account",
                vec![rule("Enabled", "here", Some("444455556666"))],
            ),
            (
                "both",
                vec![
                    rule("Enabled", "here", Some("111122223333")),
                    rule("Enabled", "there", None),
                ],
            ),
        ] {
            add(&mut world, name, "eu-west-1", &rules);
        }
        let found = replicated_elsewhere(&world, GLOBAL);
        let is = |name: &str, expected: bool| {
            assert_eq!(found[name], Part::Read(json!(expected)), "{name}");
        };
        is("none", false);
        is("same-region", false);
        is("other-region", true);
        is("off", false);
        is("not-listed", true);
        is("other-account", true);
        is("both", true);

        let gap = Gap::new("s3:ListAllMyBuckets", Cause::Denied, "AccessDenied");
        world.missing(Bucket::KIND, GLOBAL, gap.clone());
        let found = replicated_elsewhere(&world, GLOBAL);
        assert_eq!(found["not-listed"], Part::Gap(gap));
        assert_eq!(found["same-region"], Part::Read(json!(false)));
        assert_eq!(found["other-account"], Part::Read(json!(true)));
    }
}
