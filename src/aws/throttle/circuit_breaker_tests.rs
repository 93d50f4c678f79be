use super::*;
use futures::FutureExt;

const CODE: &str = "UnauthorizedOperation";

fn acquire<'d>(
    breakers: &'d CircuitBreakers,
    service: &'d str,
) -> Option<Result<Permit<'d>, Unavailable>> {
    call(breakers, service, "1")
}

fn call<'d>(
    breakers: &'d CircuitBreakers,
    service: &'d str,
    call: &'d str,
) -> Option<Result<Permit<'d>, Unavailable>> {
    let request = request(service, call);
    breakers
        .acquire("111122223333", "eu-west-1", request)
        .now_or_never()
}

/// The call's name is that of its operation too.
fn request<'d>(service: &'d str, call: &'d str) -> Request<'d> {
    Request {
        service,
        operation: call,
        call,
    }
}

fn closed() -> CallResult {
    CallResult::RegionDenied(CODE.to_owned())
}

fn failed(attempt: u32) -> CallResult {
    CallResult::Failed {
        attempt,
        of: 8,
        reason: None,
    }
}

#[test]
fn the_others_wait_for_the_first() {
    let breakers = CircuitBreakers::default();
    let probe = acquire(&breakers, "ec2").unwrap().unwrap();
    assert!(acquire(&breakers, "ec2").is_none());
    assert!(
        acquire(&breakers, "rds").is_some(),
        "each service has its own probe"
    );
    probe.record(CallResult::Answered);
    assert!(acquire(&breakers, "ec2").unwrap().is_ok());
}

#[tokio::test]
async fn who_waits_is_woken_by_the_answer() {
    let breakers = CircuitBreakers::default();
    let probe = acquire(&breakers, "ec2").unwrap().unwrap();
    let waiting = breakers.acquire("111122223333", "eu-west-1", request("ec2", "2"));
    let (entered, ()) = tokio::join!(waiting, async {
        probe.record(closed());
    });
    assert_eq!(
        entered.unwrap_err(),
        Unavailable::RegionDenied(CODE.to_owned())
    );
}

#[test]
fn a_region_is_closed_when_every_service_says_so() {
    let breakers = CircuitBreakers::default();
    let (ec2, rds) = (acquire(&breakers, "ec2"), acquire(&breakers, "rds"));
    ec2.unwrap().unwrap().record(closed());
    assert!(
        acquire(&breakers, "ec2").is_none(),
        "the other may still answer"
    );
    rds.unwrap().unwrap().record(closed());
    assert!(acquire(&breakers, "ec2").unwrap().is_err());
    assert!(acquire(&breakers, "rds").unwrap().is_err());
}

#[test]
fn one_operation_that_a_policy_denies_closes_no_region() {
    let breakers = CircuitBreakers::default();
    let (ec2, rds) = (acquire(&breakers, "ec2"), acquire(&breakers, "rds"));
    ec2.unwrap().unwrap().record(closed());
    rds.unwrap().unwrap().record(CallResult::Answered);
    assert!(acquire(&breakers, "ec2").unwrap().is_ok());
}

#[test]
fn a_service_that_a_policy_denies_is_shut_after_three_operations() {
    let breakers = CircuitBreakers::default();
    acquire(&breakers, "rds")
        .unwrap()
        .unwrap()
        .record(CallResult::Answered);
    for operation in ["1", "2", "3"] {
        let probe = call(&breakers, "ec2", operation).unwrap().unwrap();
        assert!(call(&breakers, "ec2", "other").is_none(), "one at a time");
        probe.record(closed());
    }
    let after = call(&breakers, "ec2", "4").unwrap();
    assert_eq!(
        after.unwrap_err(),
        Unavailable::RegionDenied(CODE.to_owned())
    );
}

#[test]
fn one_operation_refused_again_and_again_closes_no_service() {
    let breakers = CircuitBreakers::default();
    acquire(&breakers, "rds")
        .unwrap()
        .unwrap()
        .record(CallResult::Answered);
    for _ in 0..5 {
        let again = call(&breakers, "ec2", "same").unwrap().unwrap();
        again.record(closed());
    }
    let other = call(&breakers, "ec2", "other").unwrap().unwrap();
    other.record(CallResult::Answered);
    assert!(call(&breakers, "ec2", "third").unwrap().is_ok());
}

#[test]
fn a_service_that_is_exempt_from_policies_proves_nothing() {
    let breakers = CircuitBreakers::default();
    acquire(&breakers, "s3")
        .unwrap()
        .unwrap()
        .record(CallResult::Answered);
    acquire(&breakers, "ec2").unwrap().unwrap().record(closed());
    assert!(call(&breakers, "ec2", "2").unwrap().is_err());
}

#[test]
fn no_connection_shuts_at_once() {
    let breakers = CircuitBreakers::default();
    let probe = acquire(&breakers, "ec2").unwrap().unwrap();
    probe.record(CallResult::NoConnection(None));
    let after = acquire(&breakers, "ec2").unwrap();
    assert_eq!(after.unwrap_err(), Unavailable::Unreachable(None));
}

#[tokio::test]
async fn other_failures_shut_after_three_attempts_of_one_call() {
    let breakers = CircuitBreakers::default();
    for attempt in [1, 2, 3] {
        let probe = call(&breakers, "rds", "first").unwrap().unwrap();
        assert!(call(&breakers, "rds", "second").is_none());
        probe.record(failed(attempt));
        if attempt < 3 {
            assert!(call(&breakers, "rds", "second").is_none(), "{attempt}");
        }
    }
    let after = call(&breakers, "rds", "second").unwrap();
    assert_eq!(after.unwrap_err(), Unavailable::Unreachable(None));
}

#[test]
fn a_call_that_does_not_try_again_is_not_waited_for_for_ever() {
    let mut region = Region::default();
    let began = Instant::now();
    let until = began + RETRY_WINDOW;
    assert!(matches!(
        region.decide(request("rds", "first"), began),
        Decision::Send { probe: true }
    ));
    let again = Prober::Retry {
        call: "first".to_owned(),
        until,
    };
    region.record(request("rds", "first"), true, again, Some(failed(1)));
    let second = region.decide(request("rds", "second"), began);
    assert!(matches!(second, Decision::Wait(Some(at)) if at == until));
    assert!(matches!(
        region.decide(request("rds", "second"), until),
        Decision::Send { probe: true }
    ));
    assert!(matches!(
        region.decide(request("rds", "first"), until),
        Decision::Wait(None)
    ));
}

#[test]
fn a_probe_that_was_given_up_leaves_the_question_open() {
    let breakers = CircuitBreakers::default();
    drop(acquire(&breakers, "ec2"));
    acquire(&breakers, "ec2")
        .unwrap()
        .unwrap()
        .record(CallResult::Answered);
    assert!(acquire(&breakers, "ec2").unwrap().is_ok());
}

#[test]
fn what_answered_once_is_lost_only_after_many_failures_in_a_row() {
    let breakers = CircuitBreakers::default();
    acquire(&breakers, "ec2")
        .unwrap()
        .unwrap()
        .record(CallResult::Answered);
    for _ in 0..MAX_FAILURES - 1 {
        acquire(&breakers, "ec2")
            .unwrap()
            .unwrap()
            .record(failed(1));
    }
    acquire(&breakers, "ec2")
        .unwrap()
        .unwrap()
        .record(CallResult::Answered);
    for _ in 0..MAX_FAILURES {
        acquire(&breakers, "ec2")
            .unwrap()
            .unwrap()
            .record(CallResult::NoConnection(None));
    }
    assert!(acquire(&breakers, "ec2").unwrap().is_err());
}

#[test]
fn what_answered_before_the_account_was_known_is_not_asked_again() {
    let breakers = CircuitBreakers::default();
    let known = |account| {
        let request = request("ec2", "1");
        let decide = breakers
            .acquire(account, "eu-west-1", request)
            .now_or_never();
        decide.expect("nobody is waited for").unwrap()
    };
    known("unidentified").record(CallResult::Answered);
    breakers.identified("unidentified", "111122223333");
    // Both at once: neither is a probe.
    let both = [acquire(&breakers, "ec2"), acquire(&breakers, "ec2")];
    assert!(both.iter().all(|permit| matches!(permit, Some(Ok(_)))));
    // A service that has not answered is still to be probed.
    let _probe = acquire(&breakers, "rds").unwrap().unwrap();
    assert!(acquire(&breakers, "rds").is_none());
}
