//! AWS Identity and Access Management.

mod credentials;

use super::form::{Form, Page};
use super::item::Item;
use super::xml::Xml;
use super::{Account, Answer, Call, error};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// What customer managed policies allow.
const STATEMENTS: &[&str] = &[
    r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-00001/*"}"#,
    r#"{"Effect":"Allow","Action":["logs:PutLogEvents","logs:CreateLogStream"],"Resource":"arn:aws:logs:*:*:log-group:/app/*"}"#,
    r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#,
    r#"{"Effect":"Allow","Action":["iam:PassRole","lambda:CreateFunction","lambda:InvokeFunction"],"Resource":"*"}"#,
    r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#,
    r#"{"Effect":"Allow","Action":["kms:Decrypt","secretsmanager:GetSecretValue"],"Resource":"*"}"#,
    r#"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}"#,
    r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#,
    r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"shop"}}}"#,
];

/// The policies of AWS that the account uses, as far as they matter here.
const AWS_MANAGED: &[(&str, &str)] = &[
    (
        "AdministratorAccess",
        r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#,
    ),
    (
        "PowerUserAccess",
        r#"{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"}"#,
    ),
    (
        "ReadOnlyAccess",
        r#"{"Effect":"Allow","Action":["ec2:Describe*","s3:Get*","s3:List*"],"Resource":"*"}"#,
    ),
];

struct Iam<'a> {
    account: &'a Account,
    call: &'a Call<'a>,
    form: Form,
}

pub(super) fn answer(account: &Account, call: &Call<'_>) -> Option<Answer> {
    let iam = Iam {
        account,
        call,
        form: Form::of(call.body),
    };
    Some(match call.operation {
        "GetAccountAuthorizationDetails" => iam.details(),
        "ListRoles" => iam.list("Roles", account.size.roles, |xml, index| {
            iam.role_head(xml, index);
            let long = iam.item("role", index).one_in(6, "session");
            xml.text("MaxSessionDuration", if long { 43_200 } else { 3_600 });
        }),
        "ListAccountAliases" => iam.respond(|xml| {
            xml.texts("AccountAliases", "member", ["acme-shop"]);
            xml.text("IsTruncated", false);
        }),
        "ListPolicyTags" => iam.policy_tags(),
        "ListVirtualMFADevices" => {
            // The root user, and every other user.
            let count = account.size.users.div_ceil(2) + 1;
            iam.list("VirtualMFADevices", count, |xml, index| {
                iam.device(xml, index);
            })
        }
        "GetAccountSummary" => iam.summary(),
        "GetAccountPasswordPolicy" => iam.respond(|xml| {
            xml.within("PasswordPolicy", |xml| {
                xml.text("MinimumPasswordLength", 8)
                    .text("RequireSymbols", true)
                    .text("RequireNumbers", true)
                    .text("RequireUppercaseCharacters", true)
                    .text("RequireLowercaseCharacters", true)
                    .text("AllowUsersToChangePassword", true)
                    .text("ExpirePasswords", false);
            });
        }),
        "GenerateCredentialReport" => iam.respond(|xml| {
            xml.text("State", "COMPLETE");
        }),
        "GetCredentialReport" => iam.respond(|xml| {
            xml.text("Content", STANDARD.encode(iam.credential_report()))
                .text("ReportFormat", "text/csv")
                .text("GeneratedTime", account.now);
        }),
        _ => return None,
    })
}

impl Iam<'_> {
    fn item(&self, kind: &'static str, index: usize) -> Item<'_> {
        self.account.item(kind, "global", index)
    }

    fn arn(&self, path: &str) -> String {
        format!("arn:aws:iam::{}:{path}", self.call.account)
    }

    fn respond(&self, fill: impl FnOnce(&mut Xml)) -> Answer {
        let operation = self.call.operation;
        Xml::answer(&format!("{operation}Response"), NAMESPACE, |xml| {
            xml.within(&format!("{operation}Result"), fill);
        })
    }

    fn list(&self, set: &str, count: usize, fill: impl Fn(&mut Xml, usize)) -> Answer {
        let size = self.form.number("MaxItems").unwrap_or(100);
        let Some(page) = Page::of(count, size, self.form.get("Marker")) else {
            return error::respond(self.call, StatusCode::BAD_REQUEST, "ValidationError");
        };
        self.respond(|xml| {
            xml.list(set, "member", page.range, fill);
            xml.text("IsTruncated", page.next.is_some());
            xml.maybe("Marker", page.next);
        })
    }

    /// Everything about one type of identity. AWS mixes several types in one answer; the program never
    /// requests several.
    fn details(&self) -> Answer {
        let size = &self.account.size;
        match self.form.get("Filter.member.1") {
            Some("User") => self.list("UserDetailList", size.users, |xml, n| self.user(xml, n)),
            Some("Group") => self.list("GroupDetailList", size.groups, |xml, n| self.group(xml, n)),
            Some("Role") => self.list("RoleDetailList", size.roles, |xml, n| self.role(xml, n)),
            Some("LocalManagedPolicy") => {
                self.list("Policies", size.policies, |xml, n| self.policy(xml, n))
            }
            Some("AWSManagedPolicy") => self.list("Policies", AWS_MANAGED.len(), |xml, n| {
                self.aws_managed(xml, n);
            }),
            _ => error::respond(self.call, StatusCode::BAD_REQUEST, "ValidationError"),
        }
    }

    fn user(&self, xml: &mut Xml, index: usize) {
        let item = self.item("user", index);
        let name = user_name(index);
        xml.text("Path", "/")
            .text("UserName", &name)
            .text("UserId", format!("AIDA{index:017}"))
            .text("Arn", self.arn(&format!("user/{name}")))
            .text("CreateDate", item.past("create", 1500));
        let group =
            (!item.one_in(4, "alone")).then(|| group_name(index % self.account.size.groups));
        xml.texts("GroupList", "member", group);
        let attached = match item.draw("attached", 8) {
            0 => Some("AdministratorAccess"),
            1 => Some("ReadOnlyAccess"),
            _ => None,
        };
        aws_managed(xml, attached);
        tags(xml, item);
    }

    fn group(&self, xml: &mut Xml, index: usize) {
        let item = self.item("group", index);
        let name = group_name(index);
        xml.text("Path", "/")
            .text("GroupName", &name)
            .text("GroupId", format!("AGPA{index:017}"))
            .text("Arn", self.arn(&format!("group/{name}")))
            .text("CreateDate", item.past("create", 1500));
        aws_managed(
            xml,
            Some(item.pick("attached", &["ReadOnlyAccess", "PowerUserAccess"])),
        );
    }

    fn role_head(&self, xml: &mut Xml, index: usize) {
        let item = self.item("role", index);
        let name = role_name(index);
        let account = self.call.account;
        let trust = match item.draw("trust", 6) {
            0 => r#"{"AWS":"*"}"#.to_owned(),
            1 => r#"{"AWS":"arn:aws:iam::444455556666:root"}"#.to_owned(),
            2 => format!(r#"{{"AWS":"arn:aws:iam::{account}:root"}}"#),
            3 => r#"{"Service":["lambda.amazonaws.com","edgelambda.amazonaws.com"]}"#.to_owned(),
            _ => r#"{"Service":"ec2.amazonaws.com"}"#.to_owned(),
        };
        let document = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{trust},"Action":"sts:AssumeRole"}}]}}"#
        );
        xml.text("Path", "/")
            .text("RoleName", &name)
            .text("RoleId", format!("AROA{index:017}"))
            .text("Arn", self.arn(&format!("role/{name}")))
            .text("CreateDate", item.past("create", 1500))
            .text("AssumeRolePolicyDocument", encode(&document));
    }

    fn role(&self, xml: &mut Xml, index: usize) {
        let item = self.item("role", index);
        self.role_head(xml, index);
        let policy = index % self.account.size.policies;
        xml.list("AttachedManagedPolicies", "member", [policy], |xml, n| {
            xml.text("PolicyName", policy_name(n))
                .text("PolicyArn", self.arn(&format!("policy/{}", policy_name(n))));
        });
        let inline = item.one_in(4, "inline").then_some(STATEMENTS[0]);
        xml.list("RolePolicyList", "member", inline, |xml, statement| {
            xml.text("PolicyName", "inline")
                .text("PolicyDocument", encode(&document(statement)));
        });
        if !item.one_in(3, "unused") {
            xml.within("RoleLastUsed", |xml| {
                xml.text("LastUsedDate", item.past("used", 30))
                    .text("Region", "eu-west-1");
            });
        }
        tags(xml, item);
    }

    fn policy(&self, xml: &mut Xml, index: usize) {
        let item = self.item("policy", index);
        let name = policy_name(index);
        let roles = self.account.size.roles;
        let attached = (index..roles).step_by(self.account.size.policies).count();
        xml.text("PolicyName", &name)
            .text("PolicyId", format!("ANPA{index:017}"))
            .text("Arn", self.arn(&format!("policy/{name}")))
            .text("Path", "/")
            .text("DefaultVersionId", "v1")
            .text("AttachmentCount", attached)
            .text("PermissionsBoundaryUsageCount", 0)
            .text("IsAttachable", true)
            .text("CreateDate", item.past("create", 1500))
            .text("UpdateDate", item.now);
        let statement = STATEMENTS[index % STATEMENTS.len()];
        version(xml, statement, &item.past("create", 1500));
    }

    fn aws_managed(&self, xml: &mut Xml, index: usize) {
        let (name, statement) = AWS_MANAGED[index];
        let created = self.item("aws-managed", index).past("create", 1500);
        xml.text("PolicyName", name)
            .text("PolicyId", format!("ANPAAWS{index:014}"))
            .text("Arn", format!("arn:aws:iam::aws:policy/{name}"))
            .text("Path", "/")
            .text("DefaultVersionId", "v1")
            .text("AttachmentCount", 1)
            .text("PermissionsBoundaryUsageCount", 0)
            .text("IsAttachable", true)
            .text("CreateDate", created)
            .text("UpdateDate", created);
        version(xml, statement, &created);
    }

    fn policy_tags(&self) -> Answer {
        let arn = self.form.get("PolicyArn").unwrap_or_default();
        let index = arn.rsplit('-').next().and_then(|n| n.parse::<usize>().ok());
        let Some(index) = index.filter(|n| *n < self.account.size.policies) else {
            return error::respond(self.call, StatusCode::NOT_FOUND, "NoSuchEntity");
        };
        self.respond(|xml| {
            tags(xml, self.item("policy", index));
            xml.text("IsTruncated", false);
        })
    }
}

fn user_name(index: usize) -> String {
    format!("user-{index:04}")
}

fn group_name(index: usize) -> String {
    format!("group-{index:04}")
}

fn role_name(index: usize) -> String {
    format!("role-{index:04}")
}

fn policy_name(index: usize) -> String {
    format!("policy-{index:04}")
}

fn document(statement: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#)
}

/// The one version that a policy has.
fn version(xml: &mut Xml, statement: &str, created: &impl std::fmt::Display) {
    xml.list(
        "PolicyVersionList",
        "member",
        [statement],
        |xml, statement| {
            xml.text("Document", encode(&document(statement)))
                .text("VersionId", "v1")
                .text("IsDefaultVersion", true)
                .text("CreateDate", created);
        },
    );
}

/// IAM gives documents percent-encoded.
fn encode(document: &str) -> String {
    utf8_percent_encode(document, NON_ALPHANUMERIC).to_string()
}

fn aws_managed(xml: &mut Xml, name: Option<&str>) {
    xml.list("AttachedManagedPolicies", "member", name, |xml, name| {
        xml.text("PolicyName", name)
            .text("PolicyArn", format!("arn:aws:iam::aws:policy/{name}"));
    });
}

fn tags(xml: &mut Xml, item: Item<'_>) {
    xml.list("Tags", "member", item.tags(), |xml, (key, value)| {
        xml.text("Key", key).text("Value", value);
    });
}
