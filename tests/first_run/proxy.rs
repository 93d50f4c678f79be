//! Proxies: those that work are used, those that do not are named, and no password is ever printed.

use crate::http_proxy::{HttpProxy, Manner};
use crate::network::{SCAN, fails_soon, person, sts};
use crate::person::Person;
use crate::stand_in::StandIn;
use crate::tls::{Authority, VALID};

const STS: &str = "sts.eu-west-1.amazonaws.com:443";

/// A person whose calls go to AWS's own hosts.
fn without_endpoint() -> Person {
    person().without("AWS_ENDPOINT_URL")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_on_which_nobody_listens_is_named() {
    let person = without_endpoint().variable("HTTPS_PROXY", "http://me:h1dden@127.0.0.1:9");
    fails_soon(&person, SCAN, 3)
        .await
        .says(&[
            "the proxy http://127.0.0.1:9 (HTTPS_PROXY) refuses connections",
            "help: check that the proxy runs there, or correct HTTPS_PROXY",
        ])
        .never_says("h1dden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_dns_does_not_know_is_named() {
    let person = without_endpoint().variable("https_proxy", "proxy.nowhere.invalid:3128");
    fails_soon(&person, SCAN, 3).await.says(&[
        "DNS ",
        "proxy.nowhere.invalid, the proxy that https_proxy names",
        "help: ",
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_wants_a_password_is_asked_once() {
    let proxy = HttpProxy::start(Manner::Answers(407)).await;
    let person = without_endpoint().variable("HTTPS_PROXY", &proxy.url());
    let named = format!("the proxy {} (HTTPS_PROXY)", proxy.url());
    fails_soon(&person, SCAN, 3).await.says(&[
        &named,
        "wants a user name and password (HTTP 407)",
        "help: write them into HTTPS_PROXY",
    ]);
    assert_eq!(proxy.asked_for(STS), 1, "{:?}", proxy.requests());
    let address = format!("http://me:h1dden@127.0.0.1:{}", proxy.port);
    let person = person.variable("HTTPS_PROXY", &address);
    fails_soon(&person, SCAN, 3)
        .await
        .says(&[&named, "does not accept the user name and password"])
        .never_says("h1dden");
    // "me:h1dden"
    let given = proxy.requests();
    let given = given
        .iter()
        .filter(|head| head.contains("Basic bWU6aDFkZGVu"));
    assert!(given.count() > 0, "{:?}", proxy.requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_does_not_connect_is_told_with_its_status() {
    for (status, help) in [
        (403, "help: ask whoever runs the proxy to allow sts."),
        (503, "help: the proxy itself may have no way there"),
    ] {
        let proxy = HttpProxy::start(Manner::Answers(status)).await;
        let person = without_endpoint().variable("HTTPS_PROXY", &proxy.url());
        let refuses = "refuses to connect to sts.eu-west-1.amazonaws.com:443";
        let status = format!("(HTTP {status})");
        let ended = fails_soon(&person, SCAN, 3).await;
        ended.says(&[&proxy.url(), refuses, &status, help]);
    }
    let proxy = HttpProxy::start(Manner::Closes).await;
    let person = without_endpoint().variable("HTTPS_PROXY", &proxy.url());
    let ended = fails_soon(&person, SCAN, 3).await;
    ended.says(&[&proxy.url(), "broke off", "help: check that HTTPS_PROXY"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_inspects_tls_needs_its_certificate_trusted() {
    let (authority, aws) = (Authority::new(), StandIn::start(sts).await);
    let names = ["*.eu-west-1.amazonaws.com", "*.amazonaws.com"];
    let port = authority.serves(&names, VALID, &aws).await;
    let proxy = HttpProxy::start(Manner::Connects(port)).await;
    let person = without_endpoint().variable("HTTPS_PROXY", &proxy.url());
    let person = person.file("company.pem", &authority.pem);
    fails_soon(&person, SCAN, 3).await.says(&[
        "the certificate of sts.eu-west-1.amazonaws.com:443 is not trusted",
        "it came through the proxy",
        "help: ",
        "AWS_CA_BUNDLE",
    ]);
    assert!(aws.asked().is_empty());
    let person = person.variable("AWS_CA_BUNDLE", "company.pem");
    let ended = person.types(SCAN).await;
    assert!(ended.stdout.contains("111122223333"), "{}", ended.stderr);
    assert!(aws.actions().contains(&"GetCallerIdentity".to_owned()));
    assert!(proxy.targets().contains(STS), "{:?}", proxy.targets());
}

/// The host of STS that a scan asks a proxy for that lets nothing through.
async fn asked_for(person: Person) -> Vec<String> {
    let proxy = HttpProxy::start(Manner::Answers(403)).await;
    let person = person.variable("HTTPS_PROXY", &proxy.url());
    person.types(SCAN).await.with(3);
    let targets = proxy.targets().into_iter();
    targets.filter(|target| target.starts_with("sts")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_may_be_fips_or_dual_stack() {
    let of = |name: &str| without_endpoint().variable(name, "true");
    let region = |person: Person| person.variable("AWS_REGION", "us-east-1");
    assert_eq!(
        asked_for(region(of("AWS_USE_FIPS_ENDPOINT"))).await,
        ["sts-fips.us-east-1.amazonaws.com:443"]
    );
    assert_eq!(
        asked_for(region(of("AWS_USE_DUALSTACK_ENDPOINT"))).await,
        ["sts.us-east-1.api.aws:443"]
    );
    let of_profile = "[default]\nuse_fips_endpoint = true\nregion = us-east-1\n";
    assert_eq!(
        asked_for(without_endpoint().config(of_profile)).await,
        ["sts-fips.us-east-1.amazonaws.com:443"]
    );
    let of_profile = "[default]\nuse_dualstack_endpoint = true\nregion = us-east-1\n";
    assert_eq!(
        asked_for(without_endpoint().config(of_profile)).await,
        ["sts.us-east-1.api.aws:443"]
    );
    // As AWS recommends, and as version 2 of the AWS CLI does by default.
    let legacy = without_endpoint().variable("AWS_STS_REGIONAL_ENDPOINTS", "legacy");
    assert_eq!(asked_for(legacy).await, [STS]);
}

/// Each partition has its own domain; the region tells which it is.
#[tokio::test(flavor = "multi_thread")]
async fn every_partition_has_its_own_hosts() {
    for (region, host) in [
        ("cn-north-1", "sts.cn-north-1.amazonaws.com.cn:443"),
        ("us-gov-west-1", "sts.us-gov-west-1.amazonaws.com:443"),
        ("eusc-de-east-1", "sts.eusc-de-east-1.amazonaws.eu:443"),
        ("us-iso-east-1", "sts.us-iso-east-1.c2s.ic.gov:443"),
    ] {
        // The older variable, which the AWS CLI reads too.
        for variable in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            let person = without_endpoint().variable(variable, region);
            assert_eq!(asked_for(person).await, [host]);
        }
    }
}

/// The configuration files may be elsewhere, and name the region and the keys.
#[tokio::test(flavor = "multi_thread")]
async fn the_configuration_files_may_be_elsewhere() {
    let keys = "[audit]\naws_access_key_id = 111122223333AKID\naws_secret_access_key = x\n";
    let person = Person::new()
        .without("AWS_ENDPOINT_URL")
        .file(
            "elsewhere/config",
            "[profile audit]\nregion = ap-southeast-2\n",
        )
        .file("elsewhere/keys", keys)
        .variable("AWS_CONFIG_FILE", "elsewhere/config")
        .variable("AWS_SHARED_CREDENTIALS_FILE", "elsewhere/keys")
        .variable("AWS_PROFILE", "audit");
    let host = "sts.ap-southeast-2.amazonaws.com:443";
    assert_eq!(asked_for(person).await, [host]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_url_may_be_of_one_service_of_a_profile_or_ignored() {
    let aws = StandIn::start(sts).await;
    let answers = |person: Person| {
        let aws = aws.clone();
        async move {
            let before = aws.asked().len();
            person.types(SCAN).await;
            aws.actions()[before..].contains(&"GetCallerIdentity".to_owned())
        }
    };
    let url = aws.url();
    assert!(answers(without_endpoint().variable("AWS_ENDPOINT_URL_STS", &url)).await);
    let nowhere = person().variable("AWS_ENDPOINT_URL_STS", &url);
    assert!(answers(nowhere).await, "that of the service wins");
    let of_profile = format!("[default]\nendpoint_url = {url}\n");
    assert!(answers(without_endpoint().config(&of_profile)).await);
    let of_service =
        format!("[default]\nservices = local\n[services local]\nsts =\n  endpoint_url = {url}\n");
    assert!(answers(without_endpoint().config(&of_service)).await);
    let proxy = HttpProxy::start(Manner::Answers(403)).await;
    let ignored = person()
        .endpoint(&url)
        .variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
        .variable("HTTPS_PROXY", &proxy.url());
    assert!(!answers(ignored).await);
    assert!(proxy.targets().contains(STS), "{:?}", proxy.targets());
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_goes_through_its_own_proxy() {
    let aws = StandIn::start(sts).await;
    let proxy = HttpProxy::start(Manner::Connects(aws.port())).await;
    let address = format!("http://me:h1dden@127.0.0.1:{}", proxy.port);
    let emulator = || person().endpoint("http://emulator.nowhere.invalid:4566");
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        let before = proxy.requests().len();
        let person = emulator().variable(variable, &address);
        let ended = person.types(SCAN).await;
        assert!(ended.stdout.contains("111122223333"), "{}", ended.stderr);
        let head = &proxy.requests()[before];
        assert!(head.starts_with("POST http://emulator.nowhere.invalid:4566/ "));
        assert!(head.contains("Basic bWU6aDFkZGVu"), "{head}");
    }
    let before = proxy.requests().len();
    let exempt = emulator()
        .variable("HTTP_PROXY", &address)
        .variable("NO_PROXY", ".nowhere.invalid");
    let ended = fails_soon(&exempt, SCAN, 3).await;
    ended.says(&["DNS ", "emulator.nowhere.invalid"]);
    assert_eq!(proxy.requests().len(), before);
    let wanting = HttpProxy::start(Manner::Answers(407)).await;
    let person = emulator().variable("HTTP_PROXY", &wanting.url());
    let ended = fails_soon(&person, SCAN, 3).await;
    ended.says(&["wants a user name and password (HTTP 407)"]);
    let first = &wanting.requests()[0];
    assert!(first.starts_with("POST http://emulator.nowhere.invalid:4566/ "));
}

/// The proxies of the environment are for others than this machine.
#[tokio::test(flavor = "multi_thread")]
async fn this_machine_is_never_asked_by_a_proxy() {
    let aws = StandIn::start(sts).await;
    let proxy = HttpProxy::start(Manner::Answers(403)).await;
    for host in ["localhost", "127.0.0.1", "s3.localhost"] {
        let person = person()
            .endpoint(&format!("http://{host}:{}", aws.port()))
            .variable("HTTP_PROXY", &proxy.url());
        let ended = person.types(SCAN).await;
        assert!(ended.stdout.contains("111122223333"), "{}", ended.stderr);
    }
    assert!(proxy.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_proxy_is_told_without_its_password() {
    for bad in [
        "http://me:h1d/den@proxy:8080",
        "socks5://me:h1dden@proxy:1080",
    ] {
        let person = without_endpoint().variable("HTTPS_PROXY", bad);
        fails_soon(&person, SCAN, 2)
            .await
            .says(&["HTTPS_PROXY ", "help: "])
            .never_says("h1d");
    }
}

/// A call is tried as often as `AWS_MAX_ATTEMPTS` says.
#[tokio::test(flavor = "multi_thread")]
async fn attempts_may_be_counted_out() {
    let busy = |_: &crate::stand_in::Asked| {
        crate::stand_in::Answer::new(500, "<Error><Code>InternalFailure</Code></Error>")
    };
    let aws = StandIn::start(busy).await;
    let identity = || {
        let actions = aws.actions().into_iter();
        actions
            .filter(|action| action == "GetCallerIdentity")
            .count()
    };
    let twice = person()
        .endpoint(&aws.url())
        .variable("AWS_MAX_ATTEMPTS", "2");
    twice.types(SCAN).await.with(3);
    assert_eq!(identity(), 2);
    let of_profile = person()
        .endpoint(&aws.url())
        .config("[default]\nmax_attempts = 1\n");
    of_profile.types(SCAN).await.with(3);
    assert_eq!(identity(), 3);
}
