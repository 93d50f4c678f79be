use super::*;
use crate::kinds::endpoints::partitions;
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

const FIPS: Variant = Variant {
    fips: true,
    dual_stack: false,
};
const DUAL_STACK: Variant = Variant {
    fips: false,
    dual_stack: true,
};
const BOTH: Variant = Variant {
    fips: true,
    dual_stack: true,
};

fn resolve(service: &str, region: &str, variant: Variant) -> Result<Endpoint, EndpointError> {
    let endpoints = ServiceEndpoints::of(service).unwrap();
    endpoints.resolve(region, variant, &Map::new())
}

fn host(service: &str, region: &str, variant: Variant) -> String {
    let endpoint = resolve(service, region, variant).unwrap();
    endpoint.url.strip_prefix("https://").unwrap().to_owned()
}

#[test]
fn a_service_of_each_region() {
    let usual = Variant::default();
    for (region, variant, expected) in [
        ("eu-west-1", usual, "lambda.eu-west-1.amazonaws.com"),
        ("us-east-2", FIPS, "lambda-fips.us-east-2.amazonaws.com"),
        ("eu-west-1", DUAL_STACK, "lambda.eu-west-1.api.aws"),
        ("us-east-2", BOTH, "lambda-fips.us-east-2.api.aws"),
        ("cn-north-1", usual, "lambda.cn-north-1.amazonaws.com.cn"),
        (
            "cn-north-1",
            DUAL_STACK,
            "lambda.cn-north-1.api.amazonwebservices.com.cn",
        ),
        (
            "eusc-de-east-1",
            usual,
            "lambda.eusc-de-east-1.amazonaws.eu",
        ),
        ("us-iso-east-1", usual, "lambda.us-iso-east-1.c2s.ic.gov"),
        // Opened after the data were made.
        ("eu-east-9", usual, "lambda.eu-east-9.amazonaws.com"),
    ] {
        assert_eq!(host("lambda", region, variant), expected);
    }
    let endpoint = resolve("stepfunctions", "us-gov-west-1", FIPS).unwrap();
    assert_eq!(endpoint.url, "https://states.us-gov-west-1.amazonaws.com");
    assert_eq!(endpoint.signing_region, "us-gov-west-1");
    assert_eq!(endpoint.signing_name, None);
}

#[test]
fn a_service_of_the_whole_partition_signs_for_its_own_region() {
    for (service, region, url, signing_region) in [
        ("iam", "eu-west-1", "https://iam.amazonaws.com", "us-east-1"),
        (
            "iam",
            "cn-northwest-1",
            "https://iam.cn-north-1.amazonaws.com.cn",
            "cn-north-1",
        ),
        (
            "organizations",
            "us-gov-east-1",
            "https://organizations.us-gov-west-1.amazonaws.com",
            "us-gov-west-1",
        ),
        (
            "support",
            "eu-west-1",
            "https://support.us-east-1.amazonaws.com",
            "us-east-1",
        ),
        (
            "ce",
            "eu-west-1",
            "https://ce.us-east-1.amazonaws.com",
            "us-east-1",
        ),
        (
            "cloudfront",
            "eu-west-1",
            "https://cloudfront.amazonaws.com",
            "us-east-1",
        ),
        (
            "account",
            "eu-west-1",
            "https://account.us-east-1.amazonaws.com",
            "us-east-1",
        ),
    ] {
        let endpoint = resolve(service, region, Variant::default()).unwrap();
        assert_eq!(endpoint.url, url);
        assert_eq!(
            endpoint.signing_region, signing_region,
            "{service} {region}"
        );
    }
}

#[test]
fn what_a_request_says_counts() {
    let endpoints = ServiceEndpoints::of("s3control").unwrap();
    let resolve = |parameters: Value| {
        let parameters = parameters.as_object().unwrap();
        endpoints.resolve("eu-west-1", Variant::default(), parameters)
    };
    let endpoint =
        resolve(json!({"AccountId": "111122223333", "RequiresAccountId": true})).unwrap();
    assert_eq!(
        endpoint.url,
        "https://111122223333.s3-control.eu-west-1.amazonaws.com"
    );
    assert_eq!(endpoint.signing_name.as_deref(), Some("s3"));
    let refused = resolve(json!({"RequiresAccountId": true}));
    assert!(
        matches!(refused, Err(EndpointError::Refused(_))),
        "{refused:?}"
    );
    let own = resolve(json!({"Endpoint": "http://localhost:4566"})).unwrap();
    assert_eq!(own.url, "http://localhost:4566");
}

#[test]
fn no_name_leads_to_a_host_that_is_not_aws() {
    for region in [
        "",
        "evil.example/",
        "eu-west-1.evil",
        "eu west",
        "eu-west-1/",
        "a@b",
        "-x",
    ] {
        assert_eq!(
            resolve("lambda", region, Variant::default()),
            Err(EndpointError::Region(region.to_owned()))
        );
    }
}

#[test]
fn a_file_of_botocore_is_read_as_it_is() {
    let text = json!({
        "version": "1.0",
        "parameters": {
            "Region": {"builtIn": "AWS::Region", "required": true, "documentation": "…", "type": "string"},
            "Cell": {"required": true, "type": "string"},
        },
        "rules": [{
            "conditions": [],
            "endpoint": {"url": "https://{Cell}.x.{Region}.example", "properties": {}, "headers": {}},
            "type": "endpoint",
        }],
    });
    let endpoints = ServiceEndpoints::read(&text.to_string()).unwrap();
    let missing = endpoints.resolve("r-1", Variant::default(), &Map::new());
    assert_eq!(missing, Err(EndpointError::Missing("Cell".to_owned())));
    let parameters = json!({"Cell": "c", "Unknown": 1});
    let found = endpoints.resolve("r-1", Variant::default(), parameters.as_object().unwrap());
    assert_eq!(found.unwrap().url, "https://c.x.r-1.example");
    assert!(ServiceEndpoints::read("{}").is_err());
}

/// Every rule set gives an endpoint, or a reason why there is none, in the first region of each partition.
#[test]
fn every_service_has_an_endpoint_or_a_reason() {
    let mut with = 0;
    for service in RULES.services.keys() {
        let endpoints = ServiceEndpoints::of(service).unwrap();
        for region in partitions().iter().filter_map(|p| p.regions.keys().next()) {
            for variant in [Variant::default(), FIPS, DUAL_STACK, BOTH] {
                match endpoints.resolve(region, variant, &Map::new()) {
                    Ok(endpoint) => {
                        assert!(endpoint.url.starts_with("https://"), "{}", endpoint.url);
                        with += 1;
                    }
                    Err(EndpointError::Refused(_) | EndpointError::Missing(_)) => {}
                    Err(error) => panic!("{service} {region}: {error}"),
                }
            }
        }
    }
    assert!(with > 10_000, "{with}");
}

/// botocore's own test cases, `endpoints/<service>.json`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cases {
    test_cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    expect: Expected,
    #[serde(default)]
    params: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Expected {
    Endpoint {
        url: String,
        #[serde(default)]
        properties: Value,
        #[serde(default)]
        headers: BTreeMap<String, Vec<String>>,
    },
    Error(String),
}

/// How many cases of a service fail, and why. The cases are from botocore's release of 2026-08-07 (1.43.67),
/// and AWS has changed its endpoints since. With the data of that release, all 14,027 cases of 429 services
/// pass.
const CHANGED: &[(&str, usize, &str)] = &[
    (
        "acm",
        2,
        "ACME is in GovCloud too, and the refusal elsewhere says so",
    ),
    (
        "dynamodb",
        51,
        "China and GovCloud have endpoints of accounts",
    ),
    (
        "geo-maps",
        8,
        "the version is a part of the operations' paths",
    ),
    (
        "kinesis",
        2,
        "the refusals of ARNs of other types have other words",
    ),
    (
        "organizations",
        24,
        "the region that signs is named, and has dual stack alone in China and GovCloud",
    ),
    (
        "support",
        22,
        "the region that signs is named, and has FIPS and dual stack alone in GovCloud",
    ),
];

/// The services that the program reads, or will read, by botocore's names.
const READ: &[&str] = &[
    "accessanalyzer",
    "account",
    "acm",
    "apigateway",
    "apigatewayv2",
    "application-autoscaling",
    "autoscaling",
    "backup",
    "budgets",
    "ce",
    "cloudfront",
    "cloudtrail",
    "cloudwatch",
    "compute-optimizer",
    "config",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "efs",
    "eks",
    "elasticache",
    "elb",
    "elbv2",
    "guardduty",
    "iam",
    "inspector2",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "macie2",
    "opensearch",
    "organizations",
    "rds",
    "redshift",
    "resourcegroupstaggingapi",
    "route53",
    "s3",
    "s3control",
    "secretsmanager",
    "securityhub",
    "service-quotas",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
    "sts",
    "support",
    "trustedadvisor",
    "wafv2",
];

/// Services that AWS has ended. Newer data lack them.
const ENDED: &[&str] = &["finspace", "finspace-data", "tnb"];

#[test]
fn botocore_finds_the_same_endpoints() {
    let Some(folder) = std::env::var_os("SIXPILLARS_PEER_TESTS") else {
        println!("NOT CHECKED: botocore's endpoint tests; SIXPILLARS_PEER_TESTS names no folder");
        return;
    };
    let folder = Path::new(&folder).join("botocore/endpoints");
    let mut problems = String::new();
    let mut passed = 0;
    let mut services = BTreeSet::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let service = path.file_stem().unwrap().to_string_lossy().into_owned();
        let Some(endpoints) = ServiceEndpoints::of(&service) else {
            assert!(ENDED.contains(&service.as_str()), "no rules of {service}");
            continue;
        };
        let cases: Cases = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let (same, other): (Vec<Case>, Vec<Case>) = cases
            .test_cases
            .into_iter()
            .partition(|case| case.holds(&endpoints));
        passed += same.len();
        let changed = CHANGED.iter().find(|(changed, ..)| *changed == service);
        if other.len() != changed.map_or(0, |(_, cases, _)| *cases) {
            for case in other {
                let found = endpoints.evaluate(&case.params);
                writeln!(problems, "{service}: {:?}: {found:?}", case.params).unwrap();
            }
        }
        services.insert(service);
    }
    println!("{passed} cases of {} services hold", services.len());
    assert!(problems.is_empty(), "{problems}");
    for service in READ {
        assert!(services.contains(*service), "no cases of {service}");
    }
}

impl Case {
    fn holds(&self, endpoints: &ServiceEndpoints) -> bool {
        match (&self.expect, endpoints.evaluate(&self.params)) {
            (
                Expected::Endpoint {
                    url,
                    properties,
                    headers,
                },
                Ok(Outcome::Endpoint {
                    url: found_url,
                    properties: found_properties,
                    headers: found_headers,
                }),
            ) => {
                let none = Map::new();
                let expected = properties.as_object().unwrap_or(&none);
                *url == found_url
                    && Some(expected) == found_properties.as_object()
                    && *headers == found_headers
            }
            (Expected::Error(error), Ok(Outcome::Error(found))) => *error == found,
            // Smithy does not define the message for a missing parameter.
            (Expected::Error(_), Err(EndpointError::Missing(_))) => true,
            _ => false,
        }
    }
}
