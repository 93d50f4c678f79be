use super::*;

#[test]
fn the_time_of_a_stop_is_in_its_reason() {
    let time = |reason| transition_time(reason).map(|t| t.to_string());
    assert_eq!(
        time("User initiated (2024-01-01 12:00:00 GMT)").as_deref(),
        Some("2024-01-01T12:00:00Z")
    );
    assert_eq!(
        time("User initiated (2024-01-01 12:00:00 UTC)").as_deref(),
        Some("2024-01-01T12:00:00Z")
    );
    assert_eq!(time("User initiated"), None);
    assert_eq!(time("Server.InternalError (soon)"), None);
    assert_eq!(time(""), None);
}

#[test]
fn a_group_is_told_by_its_tags() {
    let tagged = |key: &str| [sdk::Tag::builder().key(key).value("web").build()];
    assert!(is_replaceable(&tagged("aws:autoscaling:groupName")));
    assert!(is_replaceable(&tagged("karpenter.sh/nodepool")));
    assert!(!is_replaceable(&tagged("Name")));
    assert!(!is_replaceable(&[]));
}

#[test]
fn a_burstable_instance_that_is_not_listed_is_standard() {
    let unlimited = "unlimited".to_owned();
    let of = |listed, kind| credit_option(listed, kind);
    assert_eq!(
        of(Some(&unlimited), "t3.micro").as_deref(),
        Some("unlimited")
    );
    assert_eq!(of(None, "t2.micro").as_deref(), Some("standard"));
    assert_eq!(of(Some(&unlimited), "m5.large"), None);
}
