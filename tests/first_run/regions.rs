//! Regions: none need be known to AWS for what asks nothing of it.

use crate::person::Person;
use crate::stand_in::{Answer, StandIn};

#[tokio::test(flavor = "multi_thread")]
async fn permissions_ask_nothing_of_aws() {
    let aws = StandIn::start(|_| Answer::new(500, "nobody asks")).await;
    let person = Person::new().endpoint(&aws.url());
    let ended = person.types("permissions --regions eu-west-1").await;
    assert!(ended.with(0).stdout.contains("\"Version\""));
    assert!(aws.asked().is_empty());
}
