use super::*;

static REPORT: Call = crate::call!("iam", "GetCredentialReport").shared();
static LIST: Call = crate::call!("iam", "GetAccountAuthorizationDetails");

#[test]
fn what_kinds_share_is_counted_once_for_each_account() {
    let mut calls = Calls::new();
    for call in [&REPORT, &LIST] {
        count(&mut calls, call, 2, None, None);
        count(&mut calls, call, 2, None, None);
    }
    let each = Some(Share {
        each: "each account".to_owned(),
        calls: 1,
        of: 1,
    });
    count(&mut calls, &REPORT, 2, each, Some(2));
    let counted: Vec<_> = calls
        .values()
        .map(|call| {
            (
                call.operation,
                call.at_least,
                call.and_for.len(),
                call.expected,
            )
        })
        .collect();
    let expected = [
        ("GetAccountAuthorizationDetails", 4, 0, Some(4)),
        ("GetCredentialReport", 2, 0, Some(2)),
    ];
    assert_eq!(counted, expected);
}
