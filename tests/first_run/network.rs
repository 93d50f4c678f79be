//! A network that does not lead to AWS, and certificates that are not trusted.

use crate::person::{Ended, Person};
use crate::stand_in::{Answer, Asked, StandIn};
use crate::tls::{Authority, VALID, Years};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

pub(crate) const SCAN: &str =
    "scan --quiet --no-journal --regions eu-west-1 --checks s3/bucket-public";

/// Knows who is calling, and allows nothing else.
pub(crate) fn sts(asked: &Asked) -> Answer {
    match asked.action() {
        "GetCallerIdentity" => Answer::new(
            200,
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
             <GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/me</Arn>\
             <UserId>AIDAEXAMPLE</UserId><Account>111122223333</Account>\
             </GetCallerIdentityResult></GetCallerIdentityResponse>",
        ),
        _ => Answer::new(
            403,
            "<Error><Code>AccessDenied</Code><Message>no</Message></Error>",
        ),
    }
}

pub(crate) fn person() -> Person {
    Person::new().access_key("111122223333AKIDEXAMPLE")
}

/// Types a command that cannot succeed, and asserts that it ends within two seconds more than one takes
/// that asks nobody.
pub(crate) async fn fails_soon(person: &Person, command: &str, code: i32) -> Ended {
    let began = Instant::now();
    person
        .types("permissions --regions eu-west-1")
        .await
        .with(0);
    let usual = began.elapsed();
    let began = Instant::now();
    let ended = person.types(command).await;
    let took = began.elapsed();
    assert!(
        took < usual * 2 + Duration::from_secs(2),
        "took {took:?}, and {usual:?} without AWS: {}",
        ended.stderr
    );
    ended.with(code)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_dns_does_not_know_is_named() {
    let person = person().endpoint("https://sts.nowhere.invalid");
    // Where the tests have no name server, DNS does not answer.
    let ended = fails_soon(&person, SCAN, 3).await;
    ended.says(&["DNS ", "sts.nowhere.invalid", "help: ", "AWS_ENDPOINT_URL"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_network_that_is_what_is_said() {
    // No connection leads to an address of a group.
    let person = person().endpoint("http://224.0.0.1");
    fails_soon(&person, SCAN, 3).await.says(&[
        "this machine has no network that leads to 224.0.0.1:80",
        "help: check the network",
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_on_which_nobody_listens_is_named() {
    let person = person().endpoint("http://127.0.0.1:9");
    fails_soon(&person, SCAN, 3).await.says(&[
        "127.0.0.1:9 refuses connections: nothing listens there",
        "help: start what should answer there, or correct the endpoint URL",
    ]);
}

/// A port whose queue is full, so that the system drops what else comes.
struct Blackhole {
    address: SocketAddr,
    _listener: TcpListener,
    _queue: Vec<TcpStream>,
}

fn blackhole() -> Blackhole {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        queue.push(stream);
    }
    Blackhole {
        address,
        _listener: listener,
        _queue: queue,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firewall_that_says_nothing_is_waited_for_once() {
    let hole = tokio::task::spawn_blocking(blackhole).await.unwrap();
    let person = person().endpoint(&format!("http://{}", hole.address));
    let accepted = format!("{} accepted no connection within 1.9s", hole.address);
    fails_soon(&person, SCAN, 3).await.says(&[
        &accepted,
        "help: check the network, the VPN and the firewall",
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_not_trusted_is_told() {
    let (authority, sts) = (Authority::new(), StandIn::start(sts).await);
    let port = authority.serves(&["localhost"], VALID, &sts).await;
    let person = person().endpoint(&format!("https://localhost:{port}"));
    fails_soon(&person, SCAN, 3).await.says(&[
        &format!("the certificate of localhost:{port} is not trusted"),
        "its issuer is not among the certificates of this system",
        "help: ",
        "AWS_CA_BUNDLE",
    ]);
    assert!(sts.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_of_a_file_are_trusted_and_no_others() {
    let (authority, sts) = (Authority::new(), StandIn::start(sts).await);
    let port = authority.serves(&["localhost"], VALID, &sts).await;
    let person = || {
        let person = person().endpoint(&format!("https://localhost:{port}"));
        person
            .file("company.pem", &authority.pem)
            .file("other.pem", &Authority::of("Another company").pem)
    };
    let [company, other] = ["company.pem", "other.pem"];
    for variable in ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"] {
        let trusting = person().variable(variable, company);
        let ended = trusting.types(SCAN).await;
        assert!(ended.stdout.contains("111122223333"), "{}", ended.stderr);
    }
    let of_profile = |file: &str| format!("[default]\nca_bundle = {file}\n");
    let trusting = person().config(&of_profile(company));
    let ended = trusting.types(SCAN).await;
    assert!(ended.stdout.contains("111122223333"), "{}", ended.stderr);
    // The environment wins.
    let trusting = person()
        .config(&of_profile(other))
        .variable("AWS_CA_BUNDLE", company);
    let ended = trusting.types(SCAN).await;
    assert!(ended.stdout.contains("111122223333"), "{}", ended.stderr);
    let distrusting = person().variable("AWS_CA_BUNDLE", other);
    fails_soon(&distrusting, SCAN, 3).await.says(&[
        "its issuer is not among those in other.pem (AWS_CA_BUNDLE)",
        "help: add the CA certificate",
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_another_time_or_name_is_told() {
    let (authority, sts) = (Authority::new(), StandIn::start(sts).await);
    for (names, years, said) in [
        (["localhost"], Years(2001, 2002), "it has expired"),
        (["localhost"], Years(2090, 2091), "it is not valid yet"),
        (["example.com"], VALID, "it is for another name"),
    ] {
        let port = authority.serves(&names, years, &sts).await;
        let person = person()
            .endpoint(&format!("https://localhost:{port}"))
            .file("company.pem", &authority.pem)
            .variable("AWS_CA_BUNDLE", "company.pem");
        let of = format!("the certificate of localhost:{port} is not trusted");
        fails_soon(&person, SCAN, 3)
            .await
            .says(&[&of, said, "help: "]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_speak_tls_is_told() {
    let sts = StandIn::start(sts).await;
    let person = person().endpoint(&format!("https://localhost:{}", sts.port()));
    fails_soon(&person, SCAN, 3).await.says(&[
        &format!("localhost:{} does not speak TLS as it should", sts.port()),
        "help: if the endpoint speaks plain HTTP, give its URL as http://",
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_cannot_be_used_are_told_at_once_and_nobody_is_asked() {
    let sts = StandIn::start(sts).await;
    let person = person()
        .endpoint(&sts.url())
        .variable("AWS_MAX_ATTEMPTS", "many")
        .variable("AWS_USE_FIPS_ENDPOINT", "perhaps")
        .variable("AWS_ENDPOINT_URL_S3", "localhost:4566/h1dden");
    fails_soon(&person, SCAN, 2)
        .await
        .says(&["AWS_USE_FIPS_ENDPOINT is neither true nor false"])
        .says(&["AWS_ENDPOINT_URL_S3 is not the address of an endpoint"])
        .says(&["AWS_MAX_ATTEMPTS is no number of attempts", "help: "])
        .never_says("h1dden");
    let person = person.without("AWS_MAX_ATTEMPTS");
    let person = person.without("AWS_USE_FIPS_ENDPOINT");
    let person = person
        .without("AWS_ENDPOINT_URL_S3")
        .variable("AWS_CA_BUNDLE", "/nowhere/ca.pem");
    fails_soon(&person, SCAN, 2).await.says(&[
        "AWS_CA_BUNDLE names /nowhere/ca.pem, which cannot be read",
        "help: name a file with the CA certificates to trust, in PEM form",
    ]);
    let person = person.file("ca.pem", "not PEM");
    let person = person.variable("AWS_CA_BUNDLE", "ca.pem");
    let none = "AWS_CA_BUNDLE names ca.pem, which holds no certificate";
    fails_soon(&person, SCAN, 2).await.says(&[none]);
    assert!(sts.asked().is_empty());
}
