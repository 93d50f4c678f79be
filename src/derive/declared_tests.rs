use super::*;
use crate::derive::sample::resource;
use std::sync::Arc;

const PLACE: (&str, &str) = ("eu-west-1", GLOBAL);

fn document(kind: &str, region: &str, id: &str, fields: &Value) -> Document {
    let fields = fields.as_object().cloned().unwrap_or_default();
    Document::declared(resource(kind, region, id), fields, BTreeMap::new())
}

/// A trail, which has a region, and buckets, which have none.
fn world(bucket: &str, buckets: &World) -> World {
    let mut world = World::default();
    let trail = json!({"bucket": bucket});
    world.add(
        PLACE.0,
        document("cloudtrail.trail", PLACE.0, "audit", &trail),
    );
    world.listed("cloudtrail.trail", PLACE.0);
    let mut global = World::default();
    for bucket in buckets.documents("s3.bucket", GLOBAL) {
        global.add(GLOBAL, bucket);
    }
    match buckets.complete("s3.bucket", GLOBAL) {
        Ok(()) => global.listed("s3.bucket", GLOBAL),
        Err(gap) => global.missing("s3.bucket", GLOBAL, gap),
    }
    world.share(GLOBAL, Arc::new(global));
    world
}

fn buckets() -> World {
    let mut world = World::default();
    let fields = json!({"versioning": "Enabled"});
    world.add(
        GLOBAL,
        document("s3.bucket", "eu-central-1", "logs", &fields),
    );
    world.listed("s3.bucket", GLOBAL);
    world
}

fn join(foreign: bool) -> Join {
    Join {
        name: "bucket",
        kind: "s3.bucket",
        from: vec!["bucket".to_owned()],
        root: "bucket",
        many: false,
        by: JoinBy::Id,
        foreign,
        fields: &["versioning"],
    }
}

fn found(world: &World, join: &Join) -> Part<Value> {
    let mut parts = joined(world, PLACE, "cloudtrail.trail", join);
    parts.remove("audit").unwrap_or(Part::Unread)
}

#[test]
fn what_has_a_region_refers_to_what_has_none() {
    let there = json!({"found": true, "versioning": "Enabled"});
    assert_eq!(
        found(&world("logs", &buckets()), &join(false)),
        Part::Read(there)
    );
    let none = json!({"found": false, "versioning": null});
    let elsewhere = world("other", &buckets());
    assert_eq!(found(&elsewhere, &join(false)), Part::Read(none));
    // The name of a bucket does not say whose it is.
    let Part::Gap(gap) = found(&elsewhere, &join(true)) else {
        panic!("a gap");
    };
    assert_eq!(gap.cause, Cause::Undecided);
}

#[test]
fn what_a_list_hides_is_unknown() {
    let mut hidden = buckets();
    hidden.missing(
        "s3.bucket",
        GLOBAL,
        Gap::new("s3:ListBuckets", Cause::Denied, ""),
    );
    let there = json!({"found": true, "versioning": "Enabled"});
    assert_eq!(
        found(&world("logs", &hidden), &join(false)),
        Part::Read(there)
    );
    for foreign in [false, true] {
        let Part::Gap(gap) = found(&world("other", &hidden), &join(foreign)) else {
            panic!("a gap");
        };
        assert_eq!(gap.cause, Cause::Denied);
    }
    let mut nothing = World::default();
    nothing.add(
        PLACE.0,
        document(
            "cloudtrail.trail",
            PLACE.0,
            "audit",
            &json!({"bucket": "logs"}),
        ),
    );
    let Part::Gap(gap) = found(&nothing, &join(false)) else {
        panic!("a gap");
    };
    assert_eq!(gap.cause, Cause::Uncollected);
}

#[test]
fn what_is_hidden_of_one_does_not_hide_the_others() {
    let gap = Gap::new("s3:GetBucketVersioning", Cause::Denied, "");
    let mut buckets = buckets();
    buckets.add(
        GLOBAL,
        Document {
            gaps: BTreeMap::from([("versioning".to_owned(), gap.clone())]),
            ..document("s3.bucket", "eu-central-1", "hidden", &json!({}))
        },
    );
    let hidden = json!({"found": true, "versioning": {"$gap": gap}});
    assert_eq!(
        found(&world("hidden", &buckets), &join(false)),
        Part::Read(hidden.clone())
    );

    let list = Gap::new("s3:ListBuckets", Cause::Denied, "");
    buckets.missing("s3.bucket", GLOBAL, list.clone());
    let mut world = world("logs", &buckets);
    let three = json!({"bucket": ["logs", "hidden", "other"]});
    world.add(
        PLACE.0,
        document("cloudtrail.trail", PLACE.0, "three", &three),
    );
    let many = Join {
        many: true,
        ..join(false)
    };
    let mut parts = joined(&world, PLACE, "cloudtrail.trail", &many);
    let there = json!({"found": true, "versioning": "Enabled"});
    let other = json!({"found": {"$gap": list}, "versioning": {"$gap": list}});
    assert_eq!(
        parts.remove("three"),
        Some(Part::Read(json!([there, hidden, other])))
    );
}
