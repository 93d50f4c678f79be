//! The queue and its leases.

use super::*;
use crate::store::database::tests::empty;

fn new(target: &str, key: Option<&str>, request: &str) -> NewRun {
    NewRun {
        target: target.to_owned(),
        cause: Cause::Request {
            idempotency_key: key.map(ToOwned::to_owned),
        },
        requested_by: "somebody".to_owned(),
        request: request.to_owned(),
        scope: String::new(),
        not_before: now(),
    }
}

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

#[tokio::test]
async fn a_key_is_one_request_and_a_slot_is_one_run() {
    let (database, _folder) = empty().await;
    let queue = async |run: &NewRun| database.enqueue(run, now()).await.unwrap();
    let Queued::New(id) = queue(&new("shop", Some("k"), "{}")).await else {
        panic!("it is new")
    };
    assert_eq!(
        queue(&new("shop", Some("k"), "{}")).await,
        Queued::Known(id)
    );
    let other = queue(&new("shop", Some("k"), "{\"a\":1}")).await;
    assert_eq!(other, Queued::OtherRequest);
    let slot = NewRun {
        cause: Cause::Schedule {
            name: "nightly".to_owned(),
            due: now(),
        },
        ..new("shop", None, "{}")
    };
    assert!(matches!(queue(&slot).await, Queued::New(_)));
    assert!(matches!(queue(&slot).await, Queued::Known(_)));
    assert_eq!(database.queue_length().await.unwrap(), (2, 0));
}

#[tokio::test]
async fn a_target_is_run_once_at_a_time_and_the_rest_waits() {
    let (database, _folder) = empty().await;
    for (order, target) in (0..).zip(["shop", "shop", "bank"]) {
        let at = now() + jiff::SignedDuration::from_millis(order);
        database
            .enqueue(&new(target, None, "{}"), at)
            .await
            .unwrap();
    }
    let claim = async || database.claim("w", now()).await.unwrap();
    let first = claim().await.unwrap();
    assert_eq!(first.run.target, "shop");
    assert_eq!(claim().await.unwrap().run.target, "bank");
    assert_eq!(claim().await, None);
    database
        .end(&first, Some("broken"), &[], now())
        .await
        .unwrap();
    let next = claim().await.unwrap();
    assert_eq!((next.run.target.as_str(), next.token), ("shop", 1));
}

#[tokio::test]
async fn a_lost_lease_writes_nothing() {
    let (database, _folder) = empty().await;
    database
        .enqueue(&new("shop", None, "{}"), now())
        .await
        .unwrap();
    let paused = database.claim("a", now()).await.unwrap().unwrap();
    let seen = database.held().await.unwrap().remove(0);
    // It counts, so nobody takes it.
    assert_eq!(database.beat(&paused, (1, 9)).await.unwrap(), Beat::Held);
    assert_eq!(database.take_over(&seen, "b").await.unwrap(), None);
    let seen = database.held().await.unwrap().remove(0);
    let taken = database.take_over(&seen, "b").await.unwrap().unwrap();
    assert_eq!((taken.token, taken.run.lists_read), (2, 1));
    assert_eq!(database.take_over(&seen, "c").await.unwrap(), None);
    assert_eq!(database.beat(&paused, (9, 9)).await.unwrap(), Beat::Lost);
    let error = database
        .end(&paused, Some("x"), &[], now())
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::LeaseLost(_)));
    database.release(&paused).await.unwrap();
    let run = database.run(&taken.run.id).await.unwrap().unwrap();
    assert_eq!(
        (run.state, run.worker.as_deref()),
        (RunState::Running, Some("b"))
    );
}

#[tokio::test]
async fn what_waits_is_cancelled_at_once_and_what_runs_by_its_holder() {
    let (database, _folder) = empty().await;
    for target in ["shop", "shop"] {
        database
            .enqueue(&new(target, None, "{}"), now())
            .await
            .unwrap();
    }
    let held = database.claim("a", now()).await.unwrap().unwrap();
    let all = database
        .runs(&RunFilter {
            limit: 9,
            ..RunFilter::default()
        })
        .await
        .unwrap();
    for run in &all {
        database
            .cancel(&run.id, "somebody", now())
            .await
            .unwrap()
            .unwrap();
    }
    assert_eq!(database.beat(&held, (0, 0)).await.unwrap(), Beat::Cancelled);
    database.end(&held, None, &[], now()).await.unwrap();
    let filter = RunFilter {
        state: Some(RunState::Cancelled),
        targets: vec!["shop".to_owned()],
        limit: 9,
        ..RunFilter::default()
    };
    let cancelled = database.runs(&filter).await.unwrap();
    assert_eq!(cancelled.len(), 2);
    assert!(
        cancelled
            .iter()
            .all(|run| run.cancelled_by.as_deref() == Some("somebody"))
    );
    assert_eq!(database.cancel("nothing", "x", now()).await.unwrap(), None);
}
