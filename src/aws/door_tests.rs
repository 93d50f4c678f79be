use super::*;
use futures::FutureExt;

const CODE: &str = "UnauthorizedOperation";

fn enter<'d>(doors: &'d Doors, service: &'d str) -> Option<Result<Guest<'d>, Shut>> {
    call(doors, service, "1")
}

fn call<'d>(doors: &'d Doors, service: &'d str, call: &'d str) -> Option<Result<Guest<'d>, Shut>> {
    let caller = caller(service, call);
    doors
        .enter("111122223333", "eu-west-1", caller)
        .now_or_never()
}

/// The call's name is that of its operation too.
fn caller<'d>(service: &'d str, call: &'d str) -> Caller<'d> {
    Caller {
        service,
        operation: call,
        call,
    }
}

fn closed() -> Knock {
    Knock::Closed(CODE.to_owned())
}

#[test]
fn the_others_wait_for_the_first() {
    let doors = Doors::default();
    let probe = enter(&doors, "ec2").unwrap().unwrap();
    assert!(enter(&doors, "ec2").is_none());
    assert!(
        enter(&doors, "rds").is_some(),
        "each service has its own probe"
    );
    probe.left(Knock::Answered);
    assert!(enter(&doors, "ec2").unwrap().is_ok());
}

#[tokio::test]
async fn who_waits_is_woken_by_the_answer() {
    let doors = Doors::default();
    let probe = enter(&doors, "ec2").unwrap().unwrap();
    let waiting = doors.enter("111122223333", "eu-west-1", caller("ec2", "2"));
    let (entered, ()) = tokio::join!(waiting, async {
        probe.left(closed());
    });
    assert_eq!(entered.unwrap_err(), Shut::Closed(CODE.to_owned()));
}

#[test]
fn a_region_is_closed_when_every_service_says_so() {
    let doors = Doors::default();
    let (ec2, rds) = (enter(&doors, "ec2"), enter(&doors, "rds"));
    ec2.unwrap().unwrap().left(closed());
    assert!(enter(&doors, "ec2").is_none(), "the other may still answer");
    rds.unwrap().unwrap().left(closed());
    assert!(enter(&doors, "ec2").unwrap().is_err());
    assert!(enter(&doors, "rds").unwrap().is_err());
}

#[test]
fn one_operation_that_a_policy_denies_closes_no_region() {
    let doors = Doors::default();
    let (ec2, rds) = (enter(&doors, "ec2"), enter(&doors, "rds"));
    ec2.unwrap().unwrap().left(closed());
    rds.unwrap().unwrap().left(Knock::Answered);
    assert!(enter(&doors, "ec2").unwrap().is_ok());
}

#[test]
fn a_service_that_a_policy_denies_is_shut_after_three_operations() {
    let doors = Doors::default();
    enter(&doors, "rds").unwrap().unwrap().left(Knock::Answered);
    for operation in ["1", "2", "3"] {
        let probe = call(&doors, "ec2", operation).unwrap().unwrap();
        assert!(call(&doors, "ec2", "other").is_none(), "one at a time");
        probe.left(closed());
    }
    let after = call(&doors, "ec2", "4").unwrap();
    assert_eq!(after.unwrap_err(), Shut::Closed(CODE.to_owned()));
}

#[test]
fn one_operation_refused_again_and_again_closes_no_service() {
    let doors = Doors::default();
    enter(&doors, "rds").unwrap().unwrap().left(Knock::Answered);
    for _ in 0..5 {
        let again = call(&doors, "ec2", "same").unwrap().unwrap();
        again.left(closed());
    }
    let other = call(&doors, "ec2", "other").unwrap().unwrap();
    other.left(Knock::Answered);
    assert!(call(&doors, "ec2", "third").unwrap().is_ok());
}

#[test]
fn a_service_that_is_exempt_from_policies_proves_nothing() {
    let doors = Doors::default();
    enter(&doors, "s3").unwrap().unwrap().left(Knock::Answered);
    enter(&doors, "ec2").unwrap().unwrap().left(closed());
    assert!(call(&doors, "ec2", "2").unwrap().is_err());
}

#[test]
fn no_connection_shuts_at_once() {
    let doors = Doors::default();
    let probe = enter(&doors, "ec2").unwrap().unwrap();
    probe.left(Knock::NoConnection);
    let after = enter(&doors, "ec2").unwrap();
    assert_eq!(after.unwrap_err(), Shut::Unreachable);
}

#[tokio::test]
async fn other_failures_shut_after_three_attempts_of_one_call() {
    let doors = Doors::default();
    for attempt in [1, 2, 3] {
        let probe = call(&doors, "rds", "first").unwrap().unwrap();
        assert!(call(&doors, "rds", "second").is_none());
        probe.left(Knock::Failed { attempt });
        if attempt < 3 {
            assert!(call(&doors, "rds", "second").is_none(), "{attempt}");
        }
    }
    let after = call(&doors, "rds", "second").unwrap();
    assert_eq!(after.unwrap_err(), Shut::Unreachable);
}

#[test]
fn a_call_that_does_not_try_again_is_not_waited_for_for_ever() {
    let mut region = Region::default();
    let began = Instant::now();
    let until = began + COMES_BACK;
    assert!(matches!(
        region.entry(caller("rds", "first"), began),
        Entry::Go { probe: true }
    ));
    let again = Asking::Again {
        call: "first".to_owned(),
        until,
    };
    region.left(
        caller("rds", "first"),
        true,
        again,
        Some(Knock::Failed { attempt: 1 }),
    );
    let second = region.entry(caller("rds", "second"), began);
    assert!(matches!(second, Entry::Wait(Some(at)) if at == until));
    assert!(matches!(
        region.entry(caller("rds", "second"), until),
        Entry::Go { probe: true }
    ));
    assert!(matches!(
        region.entry(caller("rds", "first"), until),
        Entry::Wait(None)
    ));
}

#[test]
fn a_probe_that_was_given_up_leaves_the_question_open() {
    let doors = Doors::default();
    drop(enter(&doors, "ec2"));
    enter(&doors, "ec2").unwrap().unwrap().left(Knock::Answered);
    assert!(enter(&doors, "ec2").unwrap().is_ok());
}

#[test]
fn what_answered_once_is_lost_only_after_many_failures_in_a_row() {
    let doors = Doors::default();
    enter(&doors, "ec2").unwrap().unwrap().left(Knock::Answered);
    for _ in 0..LOST - 1 {
        enter(&doors, "ec2")
            .unwrap()
            .unwrap()
            .left(Knock::Failed { attempt: 1 });
    }
    enter(&doors, "ec2").unwrap().unwrap().left(Knock::Answered);
    for _ in 0..LOST {
        enter(&doors, "ec2")
            .unwrap()
            .unwrap()
            .left(Knock::NoConnection);
    }
    assert!(enter(&doors, "ec2").unwrap().is_err());
}

#[test]
fn what_answered_before_the_account_was_known_is_not_asked_again() {
    let doors = Doors::default();
    let known = |account| {
        let caller = caller("ec2", "1");
        let entry = doors.enter(account, "eu-west-1", caller).now_or_never();
        entry.expect("nobody is waited for").unwrap()
    };
    known("unidentified").left(Knock::Answered);
    doors.identified("unidentified", "111122223333");
    // Both at once: neither is a probe.
    let both = [enter(&doors, "ec2"), enter(&doors, "ec2")];
    assert!(both.iter().all(|guest| matches!(guest, Some(Ok(_)))));
    // A service that has not answered is still to be probed.
    let _probe = enter(&doors, "rds").unwrap().unwrap();
    assert!(enter(&doors, "rds").is_none());
}
