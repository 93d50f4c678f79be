//! The outbox, with times that are given.

use super::*;
use crate::store::database::tests::empty;

#[tokio::test]
async fn a_message_is_tried_until_it_arrives_under_one_id() {
    let (database, _folder) = empty().await;
    let begin = Timestamp::from_second(1_800_000_000).unwrap();
    let after = |seconds| begin + SignedDuration::from_secs(seconds);
    let mut transaction = database.write().await.unwrap();
    let message = NewMessage {
        id: "0019f00000000000ffffffff".to_owned(),
        channel: "chat".to_owned(),
        severity: 2,
        payload: "{}".to_owned(),
    };
    write(&mut transaction, "r", &message, Fate::Send, begin)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    let next = async |seconds| database.next_message(after(seconds)).await.unwrap();
    let first = next(0).await.unwrap();
    assert_eq!((first.attempt, first.channel.as_str()), (1, "chat"));
    // A message that is held is not given out again, however late it is. It can only be taken over.
    assert_eq!(next(100_000).await, None);
    let seen = database.held_messages().await.unwrap().remove(0);
    let take = async || database.take_message(&seen).await.unwrap();
    let second = take().await.unwrap();
    assert_eq!((&second.id, second.attempt), (&first.id, 2));
    assert_eq!(take().await, None);
    // The first one's failure comes too late to matter.
    assert!(database.not_sent(&first, "gone", after(122)).await.unwrap());
    assert_eq!(next(140).await, None);
    // Quiet hours are no attempt.
    let postponed = database.postpone(&second, after(130), after(122));
    postponed.await.unwrap();
    assert_eq!(next(129).await, None);
    let second = next(130).await.unwrap();
    assert_eq!(second.attempt, 2);
    database
        .not_sent(&second, "gone", after(131))
        .await
        .unwrap();
    assert_eq!(next(131 + 30).await, None);
    let third = next(131 + 38).await.unwrap();
    database.sent(&third, after(170)).await.unwrap();
    assert_eq!(next(100_000).await, None);
    assert_eq!(database.outbox_length().await.unwrap(), (0, 0));
}

#[test]
fn waits_grow_and_differ() {
    let none = "0019f00000000000000000000";
    assert_eq!(wait(none, 1), FIRST_WAIT);
    assert_eq!(wait(none, 2), FIRST_WAIT * 2);
    assert_eq!(wait(none, 40), LONGEST_WAIT);
    let all = "0019f00000000000ffffffff";
    assert_eq!(wait(all, 40), LONGEST_WAIT + LONGEST_WAIT / 4);
    assert_ne!(wait("0019f0000000000012345678", 3), wait(none, 3));
}

#[tokio::test]
async fn a_message_that_never_arrives_is_given_up_and_can_be_tried_again() {
    let (database, _folder) = empty().await;
    let mut now = Timestamp::from_second(1_800_000_000).unwrap();
    let mut transaction = database.write().await.unwrap();
    let message = NewMessage {
        id: "0019f0000000000012345678".to_owned(),
        channel: "chat".to_owned(),
        severity: 2,
        payload: "{}".to_owned(),
    };
    write(&mut transaction, "r", &message, Fate::Send, now)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    let begin = now;
    let mut attempts = 0;
    while let Some(message) = database.next_message(now).await.unwrap() {
        attempts += 1;
        let again = database.not_sent(&message, "gone", now).await.unwrap();
        assert_eq!(again, attempts < ATTEMPTS);
        now += LONGEST_WAIT * 2;
    }
    assert_eq!(attempts, ATTEMPTS);
    let dead = database.messages(Some("given-up"), None, 9).await.unwrap();
    assert_eq!(dead[0].error.as_deref(), Some("gone"));
    assert_eq!(dead[0].made, begin);
    assert_eq!(database.messages(Some("sent"), None, 9).await.unwrap(), []);
    assert!(database.send_again(&dead[0].id, now).await.unwrap());
    let again = database.next_message(now).await.unwrap().unwrap();
    assert_eq!((again.id, again.attempt), (dead[0].id.clone(), 1));
    assert_eq!(database.forget_messages(now).await.unwrap(), 0);
}

/// A message that waits.
async fn waiting(database: &Database, now: Timestamp) {
    let mut transaction = database.write().await.unwrap();
    let message = NewMessage {
        id: "0019f0000000000012345678".to_owned(),
        channel: "chat".to_owned(),
        severity: 2,
        payload: "{}".to_owned(),
    };
    write(&mut transaction, "r", &message, Fate::Send, now)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_clock_that_is_set_makes_a_message_earlier_and_never_later() {
    let hour = SignedDuration::from_hours(1);
    let true_time = Timestamp::from_second(1_800_000_000).unwrap();
    // Written, or tried in vain, while the clock was an hour ahead; then it is set back.
    let (database, _folder) = empty().await;
    waiting(&database, true_time + hour).await;
    let message = database.next_message(true_time).await.unwrap().unwrap();
    let failed = database.not_sent(&message, "gone", true_time + hour);
    assert!(failed.await.unwrap());
    let message = database.next_message(true_time).await.unwrap().unwrap();
    assert_eq!(message.attempt, 2);
    // From then on it waits its full time, also for a process that read the clock a little earlier.
    assert!(
        database
            .not_sent(&message, "gone", true_time)
            .await
            .unwrap()
    );
    let earlier = true_time - SignedDuration::from_millis(5);
    assert_eq!(database.next_message(earlier).await.unwrap(), None);
    assert_eq!(database.next_message(true_time).await.unwrap(), None);
    // Setting the clock forward while a message is being sent does not let anybody send it a second time.
    let message = database
        .next_message(true_time + hour)
        .await
        .unwrap()
        .unwrap();
    let later = true_time + hour * 3;
    assert_eq!(database.next_message(later).await.unwrap(), None);
    database.sent(&message, true_time).await.unwrap();
    assert_eq!(database.next_message(later).await.unwrap(), None);
    assert_eq!(database.held_messages().await.unwrap(), []);
}
