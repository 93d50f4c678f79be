//! IAM policy documents, as the policies of a principal, of a role's trust and of a bucket. What
//! more allowances give is never less, what denials leave is never more, and the order of
//! statements means nothing.
//!
//! A form feed, which JSON cannot have outside of its strings, parts a second document.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use sixpillars::derive::access::Owner;
use sixpillars::derive::access::document::{Effect, Policy};
use sixpillars::derive::access::privilege::PrincipalPolicies;
use sixpillars::derive::access::publicness::{Settings, publicness};
use sixpillars::derive::access::trust::trust;
use sixpillars::model::kinds::iam::Trust;
use sixpillars::model::kinds::s3::{Acl, PublicAccessBlock, Publicness};
use sixpillars::model::{Cause, Gap, Part};

const ACCOUNT: &str = "111122223333";
const ARN: &str = "arn:aws:iam::111122223333:user/someone";

fn only(policy: &Policy, effect: Effect) -> Policy {
    let statements = policy.statements.iter();
    Policy {
        statements: statements.filter(|s| s.effect == effect).cloned().collect(),
    }
}

/// What policies give. A condition that decides it makes a part of it a gap.
#[derive(Debug, PartialEq)]
struct Gives {
    administrator: Result<bool, Gap>,
    full_services: Result<Vec<String>, Gap>,
    escalation: Result<Vec<String>, Gap>,
    unbounded_actions: Result<Vec<String>, Gap>,
}

fn access(policies: &[&Policy], boundary: Option<&Policy>) -> Gives {
    let held = PrincipalPolicies {
        policies: policies.iter().map(|policy| ("policy", *policy)).collect(),
        boundary,
        own: vec![ARN],
        partition: "aws",
        account: ACCOUNT,
    };
    Gives {
        administrator: held.access().map(|access| access.administrator),
        full_services: held.full_services(),
        escalation: held.escalation(),
        unbounded_actions: held.unbounded_actions(),
    }
}

fn within<T: PartialEq>(less: &[T], more: &[T]) -> bool {
    less.iter().all(|item| more.contains(item))
}

/// Whether more can hold all of less, as far as both are certain.
fn known_within(less: &Result<Vec<String>, Gap>, more: &Result<Vec<String>, Gap>) -> bool {
    match (less, more) {
        (Ok(less), Ok(more)) => *more == ["*"] || within(less, more),
        _ => true,
    }
}

/// Whether the second access is all of the first; services alone may be left out.
fn gives(less: &Gives, more: &Gives, services: bool) -> bool {
    match (&less.administrator, &more.administrator) {
        (_, Ok(true) | Err(_)) => true,
        (Ok(true), Ok(false)) => false,
        (Ok(false) | Err(_), Ok(false)) => {
            (!services || known_within(&less.full_services, &more.full_services))
                && known_within(&less.escalation, &more.escalation)
                && known_within(&less.unbounded_actions, &more.unbounded_actions)
        }
    }
}

fn privileges(first: &Policy, second: &Policy) {
    let alone = access(&[first], None);
    let mut backwards = first.clone();
    backwards.statements.reverse();
    assert_eq!(alone, access(&[&backwards], None), "the order matters");

    let more = access(&[first, &only(second, Effect::Allow)], None);
    assert!(
        gives(&alone, &more, true),
        "allowed more: {alone:?}, then {more:?}"
    );
    let less = access(&[first, &only(second, Effect::Deny)], None);
    assert!(
        gives(&less, &alone, true),
        "denied more: {alone:?}, then {less:?}"
    );
    let bounded = access(&[first], Some(second));
    // A boundary may name the services of a wildcard that the policy does not spell out.
    assert!(
        gives(&bounded, &alone, false),
        "bounded: {alone:?}, then {bounded:?}"
    );
}

/// The statements of a document that has been read.
fn statements(text: &str) -> Vec<Value> {
    let Ok(Value::Object(document)) = serde_json::from_str(text) else {
        return Vec::new();
    };
    let found = document.get("Statement").or_else(|| {
        let mut entries = document.iter();
        let entry = entries.find(|(key, _)| key.eq_ignore_ascii_case("Statement"));
        entry.map(|(_, value)| value)
    });
    match found {
        Some(Value::Array(many)) => many.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    }
}

fn document(statements: &[Value]) -> String {
    json!({"Statement": statements}).to_string()
}

fn effect(statement: &Value) -> Option<Effect> {
    let policy = Policy::parse(&document(std::slice::from_ref(statement))).ok()?;
    policy.statements.first().map(|s| s.effect)
}

/// Whether the second trust lets in everyone that the first does. What is undecided in one of them
/// contradicts nothing.
fn lets_in(less: &Trust, more: &Trust) -> bool {
    let among = |less: &Part<Vec<String>>, more: &Part<Vec<String>>| match (less, more) {
        (Part::Read(less), Part::Read(more)) => within(less, more),
        _ => true,
    };
    let anyone = match (&less.anyone, &more.anyone) {
        (Part::Read(less), Part::Read(more)) => !less || *more,
        _ => true,
    };
    anyone
        && among(&less.external_accounts, &more.external_accounts)
        && among(
            &less.external_without_external_id,
            &more.external_without_external_id,
        )
        && within(&less.federated, &more.federated)
        && among(&less.unbounded_oidc, &more.unbounded_oidc)
        && within(&less.services, &more.services)
        && among(&less.services_without_source, &more.services_without_source)
}

fn trusts(first: &str, second: &str) {
    let read = |statements: &[Value]| {
        trust(&document(statements), ACCOUNT).expect("each statement has been read")
    };
    let own = statements(first);
    let whole = read(&own);
    let backwards: Vec<Value> = own.iter().rev().cloned().collect();
    assert_eq!(whole, read(&backwards), "the order matters");

    let of = |effect_wanted| {
        let others = statements(second).into_iter();
        let others = others.filter(|s| effect(s) == Some(effect_wanted));
        own.iter().cloned().chain(others).collect::<Vec<_>>()
    };
    let more = read(&of(Effect::Allow));
    assert!(
        lets_in(&whole, &more),
        "allowed more: {whole:?}, then {more:?}"
    );
    let less = read(&of(Effect::Deny));
    assert!(
        lets_in(&less, &whole),
        "denied more: {whole:?}, then {less:?}"
    );

    let mut unconditional = own.clone();
    for statement in &mut unconditional {
        if effect(statement) == Some(Effect::Allow)
            && let Value::Object(fields) = statement
        {
            fields.retain(|key, _| !key.eq_ignore_ascii_case("Condition"));
        }
    }
    let open = read(&unconditional);
    assert!(
        open.anyone == Part::Read(true) || lets_in(&whole, &open),
        "without conditions: {whole:?}, then {open:?}"
    );
}

/// The settings of a bucket, the choice of which are there made by a number.
fn settings<'a>(
    text: &'a str,
    choice: usize,
    acl: &'a Acl,
    block: &'a PublicAccessBlock,
) -> Settings<'a> {
    let bit = |n: usize| choice >> n & 1 == 1;
    Settings {
        owner: Owner {
            service: "s3",
            arn: Some("arn:aws:s3:::example"),
            account: ACCOUNT,
        },
        policy: Ok(Some(text)),
        policy_is_public: match choice % 3 {
            0 => Ok(Some(true)),
            1 => Ok(Some(false)),
            _ => Err(gap()),
        },
        acl: Ok(acl),
        ownership: Ok(bit(3).then_some("BucketOwnerEnforced")),
        own_block: Ok(bit(4).then_some(block)),
        account_block: Ok(bit(5).then_some(block)),
    }
}

fn gap() -> Gap {
    Gap::new("s3:Get", Cause::Denied, "AccessDenied")
}

/// What is hidden of a bucket's settings never makes a public bucket private, or the reverse.
fn buckets(text: &str, denials: &str) {
    let acl: Acl = serde_json::from_value(json!({"owner_id": "o", "grants": [{
        "uri": "http://acs.amazonaws.com/groups/global/AllUsers", "permission": "READ",
    }]}))
    .expect("an ACL");
    let block: PublicAccessBlock = serde_json::from_value(json!({
        "block_public_acls": true, "ignore_public_acls": true,
        "block_public_policy": true, "restrict_public_buckets": true,
    }))
    .expect("a block");
    let nobody = Acl {
        grants: Vec::new(),
        ..acl.clone()
    };
    let choice: usize = text.bytes().map(usize::from).sum();
    let acl = if choice >> 2 & 1 == 1 { &acl } else { &nobody };
    let whole = publicness(&settings(text, choice, acl, &block));
    let hides: [fn(&mut Settings); 5] = [
        |s| s.policy = Err(gap()),
        |s| s.acl = Err(gap()),
        |s| s.ownership = Err(gap()),
        |s| s.own_block = Err(gap()),
        |s| s.account_block = Err(gap()),
    ];
    for hide in hides {
        let mut hidden = settings(text, choice, acl, &block);
        hide(&mut hidden);
        if let (Ok(whole), Ok(hidden)) = (&whole, publicness(&hidden)) {
            assert!(
                agree(whole, &hidden),
                "{whole:?}, then {hidden:?} with a gap"
            );
        }
    }
    let mut less = settings(denials, choice, acl, &block);
    less.policy_is_public = Err(gap());
    let mut more = settings(text, choice, acl, &block);
    more.policy_is_public = Err(gap());
    if let (Ok(less), Ok(more)) = (publicness(&less), publicness(&more)) {
        assert!(
            !less.public || more.public,
            "denied more: {more:?}, then {less:?}"
        );
    }
}

fn agree(whole: &Publicness, hidden: &Publicness) -> bool {
    let same = |a: Option<bool>, b: Option<bool>| a.is_none() || b.is_none() || a == b;
    whole.public == hidden.public
        && same(whole.read, hidden.read)
        && same(whole.write, hidden.write)
}

fuzz_target!(|text: &str| {
    let (first, second) = text
        .split_once('\u{c}')
        .unwrap_or((text, r#"{"Statement":[]}"#));
    let (Ok(one), Ok(two)) = (Policy::parse(first), Policy::parse(second)) else {
        return;
    };
    // AWS takes no larger one, and the analysis is quadratic in it.
    if one.statements.len() + two.statements.len() > 40 {
        return;
    }
    privileges(&one, &two);
    trusts(first, second);
    let denials = statements(second).into_iter();
    let denials = denials.filter(|s| effect(s) == Some(Effect::Deny));
    let denied: Vec<Value> = statements(first).into_iter().chain(denials).collect();
    buckets(first, &document(&denied));
});
