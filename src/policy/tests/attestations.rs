//! Attestations: which one counts.

use super::*;

#[test]
fn every_problem_of_attestations_is_reported_at_once() {
    let text = "name: a
attestations:
  - {practice: OPS01-BP10, accounts: [12], status: mett, owner: '', date: 2026-10-01, expires: soon}
";
    let second = "name: b
attestations:
  - {practice: OPS01-BP10, status: met, owner: o, date: 2026-11-03, expires: 2026-11-02}
  - {practice: SEC01-BP02, status: met, owner: o, date: 2026-10-01, expires: 2027-11-02, link: http://a}
  - {practice: SEC01-BP02, accounts: [12], status: met, owner: o, date: 2026-10-01, expires: 2026-10-02}
  - {practice: SEC01-BP02, status: not_met, owner: o, date: 2026-11-02, expires: 2027-11-02, link: 'https://a b'}
";
    let problems = load_texts(&[text, second]).unwrap_err();
    insta::assert_snapshot!(lines(&problems).join("\n"));
}

#[test]
fn the_last_attestation_of_an_account_wins_and_all_accounts_need_one() {
    let one = |practice: &str, rest: &str| {
        format!("  - {{practice: {practice}, owner: o, date: 2026-10-01, {rest}}}\n")
    };
    let first = "name: a\nattestations:\n".to_owned()
        + &one("OPS01-BP01", "status: met, expires: 2027-01-01")
        + &one(
            "SEC08-BP04",
            "status: met, accounts: ['1*'], expires: 2027-01-01",
        );
    let second = "name: b\nattestations:\n".to_owned()
        + &one(
            "OPS01-BP01",
            "status: not_met, accounts: ['2*'], expires: 2027-01-01",
        );
    let third = "name: c\nattestations:\n".to_owned()
        + &one(
            "OPS01-BP01",
            "status: met, accounts: ['111111111111'], expires: 2026-10-31",
        );
    let look = |texts: &[&str], accounts: &[&str]| {
        let (stated, notices) = policy(texts).attestations(accounts, TODAY);
        let stated: Vec<String> = stated
            .iter()
            .map(|s| format!("{} {} {}", s.practice, s.status.words(), s.expires))
            .collect();
        let notices: Vec<String> = notices.into_iter().map(|n| n.message).collect();
        (stated.join(", "), notices.join(", "))
    };
    let (one, two) = ("111111111111", "222222222222");
    let both = "OPS01-BP01 met 2027-01-01, SEC08-BP04 met 2027-01-01";
    assert_eq!(look(&[&first], &[one]), (both.to_owned(), String::new()));
    let (stated, notices) = look(&[&first], &[one, two]);
    assert_eq!(stated, "OPS01-BP01 met 2027-01-01");
    assert_eq!(
        notices,
        "the attestation of SEC08-BP04 by o does not count: it does not cover account 222222222222"
    );
    // Nothing is said of the other account alone, and nothing has to be noted.
    let (stated, notices) = look(&[&first], &[two]);
    assert_eq!(
        (stated.as_str(), notices.as_str()),
        ("OPS01-BP01 met 2027-01-01", "")
    );
    // A later file wins for its accounts; together it is what claims least.
    let (stated, _) = look(&[&first, &second], &[one, two]);
    assert_eq!(stated, "OPS01-BP01 not met 2027-01-01");
    let (stated, _) = look(&[&second, &first], &[two]);
    assert_eq!(stated, "OPS01-BP01 met 2027-01-01");
    let (stated, _) = look(&[&first, &second, &third], &[one, two]);
    assert_eq!(stated, "OPS01-BP01 met 2026-10-31");
}
