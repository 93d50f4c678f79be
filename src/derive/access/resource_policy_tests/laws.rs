//! Laws that hold for every policy: a denial never widens access, nor does a condition on an allowance.

use super::*;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

/// Statements in which many of the ways to be let in, or kept out, meet.
fn statement() -> impl Strategy<Value = Value> {
    let principal = prop::sample::select(vec![
        json!("*"),
        json!({"AWS": OTHER}),
        json!({"AWS": HOME}),
        json!({"Service": "sns.amazonaws.com"}),
    ]);
    let action = prop::sample::select(vec!["sqs:*", "sqs:SendMessage", "sqs:Send*", "*"]);
    let resource = prop::sample::select(vec!["*", "arn:aws:sqs:eu-west-1:111122223333:orders"]);
    let conditions = prop::collection::vec(condition(), 0..3);
    let names = (any::<bool>(), any::<bool>());
    (
        any::<bool>(),
        principal,
        action,
        resource,
        conditions,
        names,
    )
        .prop_map(
            |(allow, principal, action, resource, conditions, (not_principal, not_action))| {
                let mut statement = json!({
                    "Effect": if allow { "Allow" } else { "Deny" },
                    "Resource": resource,
                    "Condition": merged(conditions),
                });
                let key = if not_principal && !allow {
                    "NotPrincipal"
                } else {
                    "Principal"
                };
                statement[key] = principal;
                statement[if not_action { "NotAction" } else { "Action" }] = json!(action);
                statement
            },
        )
}

fn condition() -> impl Strategy<Value = (String, String, Value)> {
    let operator = prop::sample::select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringEqualsIfExists",
        "ForAllValues:StringEquals",
        "ForAnyValue:StringNotEquals",
        "Bool",
        "Null",
        "StringMatches",
    ]);
    let key = prop::sample::select(vec![
        "aws:PrincipalOrgID",
        "aws:PrincipalAccount",
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:PrincipalArn",
        "aws:SourceVpce",
        "aws:SecureTransport",
        "aws:PrincipalIsAWSService",
        "aws:userid",
        "aws:KeyOfTomorrow",
        "aws:Referer",
    ]);
    let value = prop::sample::select(vec![
        "*",
        "o-1",
        HOME,
        OTHER,
        "true",
        "false",
        "arn:aws:s3:::uploads",
        "arn:aws:iam::444455556666:root",
        "${aws:ResourceAccount}",
    ]);
    (operator, key, value)
        .prop_map(|(operator, key, value)| (operator.to_owned(), key.to_owned(), json!(value)))
}

/// Conditions as a policy has them. Of two with the same operator and key the later stays.
fn merged(conditions: Vec<(String, String, Value)>) -> Value {
    let mut merged = json!({});
    for (operator, key, value) in conditions {
        merged[operator][key] = value;
    }
    merged
}

/// Which of [`openness`] is about an organization.
const ORGANIZATION: usize = 1;

/// How far each question is open, from closed (0) over unknown (1) to open (2): of strangers, an
/// organization and a service on behalf of anyone. Other accounts are only reported by name.
fn openness(statements: &[Value]) -> [u8; 3] {
    let access = of(&QUEUE, json!(statements));
    let truth = |part: &Part<bool>| match part {
        Part::Read(false) => 0,
        Part::Read(true) => 2,
        _ => 1,
    };
    let has = |part: &Part<Vec<String>>, names: &[&str]| match part {
        Part::Read(list) if list.iter().any(|item| names.contains(&item.as_str())) => 2,
        Part::Read(_) => 0,
        _ => 1,
    };
    let public = truth(&access.public);
    // Who is let in as anyone is let in as the others too.
    let deputies = has(&access.services_without_source, &["*", "sns.amazonaws.com"]);
    [
        public,
        has(&access.organizations, &["o-1"]).max(public),
        deputies.max(public),
    ]
}

/// Whether each of many callers is let in.
fn let_in(statements: &[Value]) -> Vec<Applies> {
    let text = json!({ "Statement": statements }).to_string();
    let policy = Policy::parse(&text).unwrap();
    let queue = ResourcePolicy::new(&policy, &QUEUE);
    let stranger = Caller::stranger(HOME);
    let whos = [
        CallerScope::Stranger,
        CallerScope::Account(OTHER),
        CallerScope::Account(HOME),
        CallerScope::Member("o-1"),
        CallerScope::Everyone,
    ];
    let callers = whos.iter().flat_map(|who| {
        let caller = stranger.of(*who);
        [
            caller,
            caller.through("sns.amazonaws.com"),
            caller.through("*"),
            caller.knowing(WITHOUT_ORGANIZATION),
        ]
    });
    callers.map(|caller| queue.lets_in(&caller)).collect()
}

/// What is certainly closed stays closed, and no caller has more access than before.
fn assert_no_wider(before: &[Value], after: &[Value]) -> Result<(), TestCaseError> {
    for (before, after) in let_in(before).iter().zip(let_in(after)) {
        prop_assert!(after <= *before, "{before:?} {after:?}");
    }
    // A list of which one entry is unknown is unknown as a whole, so it may become certain.
    // An organization that no statement mentions has no answer; its members are compared above.
    let is_asked = |question| question != ORGANIZATION || json!(before).to_string().contains("o-1");
    let both = openness(before).into_iter().zip(openness(after));
    for (question, (before, after)) in both.enumerate().filter(|(question, _)| is_asked(*question))
    {
        prop_assert!(before > 0 || after == 0, "{question}: {before} {after}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_denial_never_widens(
        statements in prop::collection::vec(statement(), 1..4), mut denial in statement(),
    ) {
        denial["Effect"] = json!("Deny");
        let after = [statements.as_slice(), &[denial]].concat();
        assert_no_wider(&statements, &after)?;
    }

    #[test]
    fn a_condition_never_widens(
        statements in prop::collection::vec(statement(), 0..3),
        mut allowance in statement(),
        (operator, key, value) in condition(),
    ) {
        allowance["Effect"] = json!("Allow");
        prop_assume!(allowance["Condition"][&operator].get(&key).is_none());
        if allowance.get("NotPrincipal").is_some() {
            let principal = allowance["NotPrincipal"].take();
            allowance.as_object_mut().unwrap().remove("NotPrincipal");
            allowance["Principal"] = principal;
        }
        let before = [statements.as_slice(), &[allowance.clone()]].concat();
        allowance["Condition"][operator][key] = value;
        let after = [statements.as_slice(), &[allowance]].concat();
        assert_no_wider(&before, &after)?;
    }

    #[test]
    fn an_unknown_key_is_never_public_and_never_safe(key in "[a-z]{2,8}:zq7[a-zA-Z]{0,8}") {
        let statement = |effect: &str| json!({
            "Effect": effect, "Principal": "*", "Action": "sqs:*", "Resource": "*",
            "Condition": {"StringEquals": {key.as_str(): "x"}},
        });
        prop_assert_eq!(openness(&[statement("Allow")])[0], 1);
        let open = json!({"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"});
        prop_assert_eq!(openness(&[open.clone(), statement("Deny")])[0], 1);
        // Beside an allowance without it, it does not matter.
        prop_assert_eq!(openness(&[open, statement("Allow")])[0], 2);
    }

    #[test]
    fn the_order_of_statements_means_nothing(statements in prop::collection::vec(statement(), 1..5)) {
        let mut reversed = statements.clone();
        reversed.reverse();
        prop_assert_eq!(of(&QUEUE, json!(statements)), of(&QUEUE, json!(reversed)));
    }
}
