//! Amazon S3 and S3 Control, with path-style addresses as emulators have them.

use super::form::{Form, Page};
use super::item::Item;
use super::xml::Xml;
use super::{Account, Answer, Call, error};
use axum::http::StatusCode;

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
const OWNER: &str = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
const EVERYONE: &str = "http://acs.amazonaws.com/groups/global/AllUsers";

pub(super) fn answer(account: &Account, call: &Call<'_>) -> Option<Answer> {
    if call.service == "s3control" {
        let root = "PublicAccessBlockConfiguration";
        return (call.operation == "GetPublicAccessBlock").then(|| {
            Xml::answer(root, NAMESPACE, |xml| {
                block(xml, [true, true, false, false]);
            })
        });
    }
    if call.operation == "ListBuckets" {
        return Some(buckets(account, call));
    }
    let name = call.uri.path().trim_matches('/');
    let index = name.strip_prefix("acme-").and_then(|n| n.parse().ok());
    let Some(index) = index.filter(|index| *index < account.size.buckets) else {
        return Some(error::respond(call, StatusCode::NOT_FOUND, "NoSuchBucket"));
    };
    let item = account.item("bucket", "global", index);
    let bucket = Bucket { account, item };
    let known = bucket.access(call).or_else(|| bucket.data(call));
    known
        .or_else(|| bucket.protection(call))
        .or_else(|| bucket.serving(call))
        .or_else(|| bucket.monitoring(call))
        .map(|answer| match answer {
            Ok(answer) => answer,
            Err(absent) => error::respond(call, StatusCode::NOT_FOUND, absent),
        })
}

fn name(index: usize) -> String {
    format!("acme-{index:05}")
}

fn region(account: &Account, index: usize) -> &'static str {
    let regions = account.size.regions();
    regions[index % regions.len()]
}

fn buckets(account: &Account, call: &Call<'_>) -> Answer {
    let form = Form::of(call.uri.query().unwrap_or_default().as_bytes());
    let size = form.number("max-buckets").unwrap_or(10_000);
    let count = account.size.buckets;
    let Some(page) = Page::of(count, size, form.get("continuation-token")) else {
        return error::respond(call, StatusCode::BAD_REQUEST, "InvalidArgument");
    };
    Xml::answer("ListAllMyBucketsResult", NAMESPACE, |xml| {
        xml.within("Owner", |xml| {
            xml.text("ID", OWNER);
        });
        xml.list("Buckets", "Bucket", page.range, |xml, index| {
            let item = account.item("bucket", "global", index);
            xml.text("Name", name(index))
                .text("CreationDate", item.past("create", 2000));
            // The last one is listed as servers do it that leave the region out.
            if index + 1 < count {
                xml.text("BucketRegion", region(account, index));
            }
        });
        xml.maybe("ContinuationToken", page.next);
    })
}

fn block(xml: &mut Xml, [acls, ignore, policy, restrict]: [bool; 4]) {
    xml.text("BlockPublicAcls", acls)
        .text("IgnorePublicAcls", ignore)
        .text("BlockPublicPolicy", policy)
        .text("RestrictPublicBuckets", restrict);
}

/// A bucket. What it does not have is an error with a code of its own.
struct Bucket<'a> {
    account: &'a Account,
    item: Item<'a>,
}

type Told = Option<Result<Answer, &'static str>>;

impl Bucket<'_> {
    fn name(&self) -> String {
        name(self.item.index)
    }

    /// Whether one bucket in `sides` has something, or else the code that says it has not.
    fn one_in(&self, sides: usize, what: &str, absent: &'static str) -> Result<(), &'static str> {
        let has = self.item.one_in(sides, what);
        has.then_some(()).ok_or(absent)
    }

    /// Every sixth bucket is there for the public.
    fn is_public(&self) -> bool {
        self.item.index % 6 == 5
    }

    fn policy(&self) -> Option<String> {
        let name = self.name();
        if self.is_public() {
            return Some(format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"Public","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{name}/*"}}]}}"#
            ));
        }
        self.item.one_in(2, "tls").then(|| {
            format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::{name}","arn:aws:s3:::{name}/*"],"Condition":{{"Bool":{{"aws:SecureTransport":"false"}}}}}}]}}"#
            )
        })
    }

    /// Who may do what.
    fn access(&self, call: &Call<'_>) -> Told {
        let item = &self.item;
        Some(match call.operation {
            "GetBucketPolicy" => self
                .policy()
                .map(|policy| super::answer(StatusCode::OK, "application/json", policy))
                .ok_or("NoSuchBucketPolicy"),
            "GetBucketPolicyStatus" => match self.policy() {
                Some(_) => Ok(Xml::answer("PolicyStatus", NAMESPACE, |xml| {
                    xml.text("IsPublic", self.is_public());
                })),
                None => Err("NoSuchBucketPolicy"),
            },
            "GetBucketAcl" => Ok(Xml::answer("AccessControlPolicy", NAMESPACE, |xml| {
                xml.within("Owner", |xml| {
                    xml.text("ID", OWNER);
                });
                xml.within("AccessControlList", |xml| {
                    grant(xml, "CanonicalUser", "ID", OWNER, "FULL_CONTROL");
                    if item.index % 12 == 5 {
                        grant(xml, "Group", "URI", EVERYONE, "READ");
                    }
                });
            })),
            "GetBucketOwnershipControls" => {
                let acls = item.index % 12 == 5;
                let ownership = if acls {
                    "ObjectWriter"
                } else {
                    "BucketOwnerEnforced"
                };
                Ok(Xml::answer("OwnershipControls", NAMESPACE, |xml| {
                    xml.within("Rule", |xml| {
                        xml.text("ObjectOwnership", ownership);
                    });
                }))
            }
            "GetPublicAccessBlock" => match item.index % 6 {
                5 => Err("NoSuchPublicAccessBlockConfiguration"),
                index => Ok(Xml::answer(
                    "PublicAccessBlockConfiguration",
                    NAMESPACE,
                    |xml| block(xml, [true, true, index != 4, index != 4]),
                )),
            },
            _ => return None,
        })
    }

    /// How data is kept.
    fn data(&self, call: &Call<'_>) -> Told {
        let item = &self.item;
        Some(match call.operation {
            "GetBucketEncryption" => {
                let kms = item.one_in(2, "kms");
                Ok(Xml::answer(
                    "ServerSideEncryptionConfiguration",
                    NAMESPACE,
                    |xml| {
                        xml.within("Rule", |xml| {
                            xml.within("ApplyServerSideEncryptionByDefault", |xml| {
                                xml.text("SSEAlgorithm", if kms { "aws:kms" } else { "AES256" });
                            });
                            xml.text("BucketKeyEnabled", item.one_in(2, "bucket key"));
                            if item.one_in(2, "sse-c") {
                                xml.texts("BlockedEncryptionTypes", "EncryptionType", ["SSE-C"]);
                            }
                        });
                    },
                ))
            }
            "GetBucketVersioning" => Ok(Xml::answer("VersioningConfiguration", NAMESPACE, |xml| {
                let on = item.one_in(2, "versioning").then_some("Enabled");
                xml.maybe("Status", on);
            })),
            "GetBucketLifecycleConfiguration" => self
                .one_in(2, "lifecycle", "NoSuchLifecycleConfiguration")
                .map(|()| {
                    Xml::answer("LifecycleConfiguration", NAMESPACE, |xml| {
                        xml.within("Rule", |xml| {
                            xml.text("ID", "tidy").text("Status", "Enabled");
                            xml.within("Filter", |xml| {
                                xml.text("Prefix", "");
                            });
                            for (name, field) in [
                                ("Expiration", "Days"),
                                ("NoncurrentVersionExpiration", "NoncurrentDays"),
                                ("AbortIncompleteMultipartUpload", "DaysAfterInitiation"),
                            ] {
                                xml.within(name, |xml| {
                                    xml.text(field, 30);
                                });
                            }
                        });
                    })
                }),
            _ => return None,
        })
    }

    /// What keeps data from being lost.
    fn protection(&self, call: &Call<'_>) -> Told {
        let item = &self.item;
        Some(match call.operation {
            "GetBucketReplication" => self
                .one_in(5, "replication", "ReplicationConfigurationNotFoundError")
                .map(|()| {
                    Xml::answer("ReplicationConfiguration", NAMESPACE, |xml| {
                        xml.text("Role", "arn:aws:iam::111122223333:role/replicate");
                        xml.within("Rule", |xml| {
                            xml.text("ID", "all").text("Status", "Enabled");
                            xml.within("Destination", |xml| {
                                xml.text("Bucket", "arn:aws:s3:::acme-copies").maybe(
                                    "StorageClass",
                                    item.one_in(2, "class").then_some("GLACIER"),
                                );
                            });
                        });
                    })
                }),
            "GetObjectLockConfiguration" => self
                .one_in(4, "lock", "ObjectLockConfigurationNotFoundError")
                .map(|()| {
                    Xml::answer("ObjectLockConfiguration", NAMESPACE, |xml| {
                        xml.text("ObjectLockEnabled", "Enabled");
                        if item.one_in(2, "retention") {
                            xml.within("Rule", |xml| {
                                xml.within("DefaultRetention", |xml| {
                                    xml.text("Mode", "GOVERNANCE").text("Days", 30);
                                });
                            });
                        }
                    })
                }),
            _ => return None,
        })
    }

    /// Where it is, and what it serves.
    fn serving(&self, call: &Call<'_>) -> Told {
        let item = &self.item;
        Some(match call.operation {
            "GetBucketLocation" => Ok(Xml::answer("LocationConstraint", NAMESPACE, |xml| {
                xml.bare(region(self.account, item.index));
            })),
            "GetBucketTagging" if item.one_in(4, "untagged") => Err("NoSuchTagSet"),
            "GetBucketTagging" => Ok(Xml::answer("Tagging", NAMESPACE, |xml| {
                xml.list("TagSet", "Tag", item.tags(), |xml, (key, value)| {
                    xml.text("Key", key).text("Value", value);
                });
            })),
            "GetBucketWebsite" if item.index % 6 != 5 => Err("NoSuchWebsiteConfiguration"),
            "GetBucketWebsite" => Ok(Xml::answer("WebsiteConfiguration", NAMESPACE, |xml| {
                if item.one_in(2, "redirect") {
                    xml.within("RedirectAllRequestsTo", |xml| {
                        xml.text("HostName", "www.example.com")
                            .maybe("Protocol", item.one_in(2, "https").then_some("https"));
                    });
                } else {
                    xml.within("IndexDocument", |xml| {
                        xml.text("Suffix", "index.html");
                    });
                }
            })),
            "GetBucketCors" if !item.one_in(3, "cors") => Err("NoSuchCORSConfiguration"),
            "GetBucketCors" => Ok(Xml::answer("CORSConfiguration", NAMESPACE, |xml| {
                xml.within("CORSRule", |xml| {
                    let any = item.one_in(2, "any origin");
                    xml.text("AllowedMethod", "GET").text(
                        "AllowedOrigin",
                        if any { "*" } else { "https://example.com" },
                    );
                });
            })),
            _ => return None,
        })
    }

    /// What tells of its use.
    fn monitoring(&self, call: &Call<'_>) -> Told {
        let item = &self.item;
        Some(match call.operation {
            "GetBucketLogging" => Ok(Xml::answer("BucketLoggingStatus", NAMESPACE, |xml| {
                if item.one_in(2, "logging") {
                    let itself = item.one_in(4, "itself");
                    xml.within("LoggingEnabled", |xml| {
                        let to = if itself {
                            self.name()
                        } else {
                            "acme-logs".to_owned()
                        };
                        xml.text("TargetBucket", to).text("TargetPrefix", "s3/");
                    });
                }
            })),
            "GetBucketNotificationConfiguration" => {
                Ok(Xml::answer("NotificationConfiguration", NAMESPACE, |xml| {
                    if item.one_in(3, "notify") {
                        xml.within("EventBridgeConfiguration", |_| {});
                    }
                }))
            }
            "ListBucketMetricsConfigurations" => Ok(Xml::answer(
                "ListMetricsConfigurationsResult",
                NAMESPACE,
                |xml| {
                    xml.text("IsTruncated", false);
                    if item.one_in(3, "request metrics") {
                        xml.within("MetricsConfiguration", |xml| {
                            xml.text("Id", "EntireBucket");
                        });
                    }
                },
            )),
            _ => return None,
        })
    }
}

fn grant(xml: &mut Xml, kind: &str, field: &str, who: &str, permission: &str) {
    let grantee = format!(
        r#"Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="{kind}""#
    );
    xml.within("Grant", |xml| {
        xml.within(&grantee, |xml| {
            xml.text(field, who);
        });
        xml.text("Permission", permission);
    });
}
