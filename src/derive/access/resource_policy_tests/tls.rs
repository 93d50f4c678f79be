//! Requests without TLS.

use super::*;

#[test]
fn tls() {
    let open = |owner: &Owner<'_>, action: Value, resource: Value, condition: Value| {
        let access = of(
            owner,
            json!({
                "Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource,
                "Condition": condition,
            }),
        );
        let open = read(&access.open_without_tls);
        let required = read(&access.tls_required);
        assert_eq!(required, open.as_ref().map(Vec::is_empty));
        open
    };
    let plain = || json!({"Bool": {"aws:SecureTransport": "false"}});
    let whole = || {
        json!([
            "arn:aws:s3:::amzn-s3-demo-bucket",
            "arn:aws:s3:::amzn-s3-demo-bucket/*"
        ])
    };
    let none = named(&[]);
    assert_eq!(open(&BUCKET, json!("s3:*"), whole(), plain()), none);
    assert_eq!(open(&BUCKET, json!("*"), json!("*"), plain()), none);
    assert_eq!(
        open(
            &BUCKET,
            json!("s3:*"),
            json!("arn:aws:s3:::amzn-s3-demo-bucket*"),
            plain()
        ),
        none
    );
    let version = json!({"NumericLessThanIfExists": {"s3:TlsVersion": "1.2"}});
    assert_eq!(open(&BUCKET, json!("s3:*"), whole(), version), none);
    let of_bucket = named(&["s3:GetBucketPolicy", "s3:ListBucket", "s3:PutBucketPolicy"]);
    let objects = || json!("arn:aws:s3:::amzn-s3-demo-bucket/*");
    assert_eq!(open(&BUCKET, json!("s3:*"), objects(), plain()), of_bucket);
    let all = named(&[
        "s3:DeleteObject",
        "s3:GetBucketPolicy",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutBucketPolicy",
        "s3:PutObject",
    ]);
    assert_eq!(
        open(
            &BUCKET,
            json!("s3:*"),
            json!("arn:aws:s3:::other/*"),
            plain()
        ),
        all
    );
    let with = json!({"Bool": {"aws:SecureTransport": "true"}});
    assert_eq!(open(&BUCKET, json!("s3:*"), whole(), with), all);
    let absent = json!({"NumericLessThan": {"s3:TlsVersion": "1.2"}});
    assert_eq!(open(&BUCKET, json!("s3:*"), whole(), absent), all);
    // A second test weakens a denial: here it spares all others.
    let both = json!({
        "Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:PrincipalOrgID": "o-1"},
    });
    assert_eq!(open(&BUCKET, json!("s3:*"), whole(), both), all);
    let unknown = json!({
        "Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:KeyOfTomorrow": "x"},
    });
    assert_eq!(open(&BUCKET, json!("s3:*"), whole(), unknown), None);
    assert_eq!(
        open(&TOPIC, json!("sns:Publish"), json!("*"), plain()),
        none
    );
    assert_eq!(
        open(&KEY, json!("kms:Decrypt"), json!("*"), plain()),
        named(&["*"])
    );
    assert_eq!(open(&KEY, json!("kms:*"), json!("*"), plain()), none);
}
