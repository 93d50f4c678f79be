//! AWS Lambda.

use super::form::{Form, Page};
use super::item::Item;
use super::{Account, Answer, Call, answer as respond, error};
use axum::http::StatusCode;
use serde_json::{Map, Value, json};

/// Planted in an environment variable.
pub(crate) const PASSWORD: &str = "planted-in-environment-4Xw";
/// Planted in an environment variable, in the form of a token of GitHub.
pub(crate) const TOKEN: &str = "ghp_PlantedInTheEnvironment7Kq2mZt5Vb9Nc";

pub(super) fn answer(account: &Account, call: &Call<'_>) -> Option<Answer> {
    let path: Vec<&str> = call.uri.path().trim_matches('/').split('/').collect();
    let body = match (call.operation, path.as_slice()) {
        ("ListFunctions", _) => return Some(functions(account, call)),
        ("GetPolicy", [_, "functions", name, ..]) => {
            Function::of(account, call, name).and_then(|function| function.policy())
        }
        (operation, [_, "functions" | "tags", function, ..]) => {
            let about = match operation {
                "GetFunctionConcurrency" => Function::concurrency,
                "ListFunctionEventInvokeConfigs" => Function::event_invoke,
                "ListFunctionUrlConfigs" => Function::urls,
                "ListTags" => Function::tags,
                _ => return None,
            };
            Function::of(account, call, function).map(|function| about(&function))
        }
        _ => return None,
    };
    Some(match body {
        Some(body) => respond(StatusCode::OK, "application/json", body.to_string()),
        None => error::respond(call, StatusCode::NOT_FOUND, "ResourceNotFoundException"),
    })
}

fn functions(account: &Account, call: &Call<'_>) -> Answer {
    let form = Form::of(call.uri.query().unwrap_or_default().as_bytes());
    // AWS returns at most fifty.
    let size = form.number("MaxItems").unwrap_or(50).min(50);
    let Some(page) = Page::of(account.size.functions, size, form.get("Marker")) else {
        let code = "InvalidParameterValueException";
        return error::respond(call, StatusCode::BAD_REQUEST, code);
    };
    let all: Vec<Value> = page
        .range
        .map(|index| Function::new(account, call, index).configuration())
        .collect();
    let body = json!({"Functions": all, "NextMarker": page.next});
    respond(StatusCode::OK, "application/json", body.to_string())
}

struct Function<'a> {
    account: &'a Account,
    call: &'a Call<'a>,
    item: Item<'a>,
}

impl<'a> Function<'a> {
    fn new(account: &'a Account, call: &'a Call<'a>, index: usize) -> Self {
        let item = account.item("function", call.region, index);
        Self {
            account,
            call,
            item,
        }
    }

    /// By name or ARN.
    fn of(account: &'a Account, call: &'a Call<'a>, name: &str) -> Option<Self> {
        let index = name.rsplit('-').next()?.parse().ok()?;
        (index < account.size.functions).then(|| Self::new(account, call, index))
    }

    fn name(&self) -> String {
        format!("function-{:05}", self.item.index)
    }

    fn arn(&self) -> String {
        let (region, account) = (self.call.region, self.call.account);
        format!("arn:aws:lambda:{region}:{account}:function:{}", self.name())
    }

    fn configuration(&self) -> Value {
        let item = &self.item;
        let id = |prefix, index| self.account.item("", self.call.region, index).id(prefix);
        let runtime = item.pick(
            "runtime",
            &["python3.13", "nodejs22.x", "python3.8", "java21"],
        );
        let arm = item.one_in(2, "arm");
        let variables = match item.draw("environment", 5) {
            0 => json!({"DB_PASSWORD": PASSWORD, "STAGE": "prod"}),
            1 => json!({"SOURCE": TOKEN}),
            _ => json!({"STAGE": "prod", "LOG_LEVEL": "info"}),
        };
        let account = self.call.account;
        let role = item.draw("role", self.account.size.roles);
        let traced = item.one_in(2, "traced");
        let mut function = json!({
            "FunctionName": self.name(),
            "FunctionArn": self.arn(),
            "Runtime": runtime,
            "Role": format!("arn:aws:iam::{account}:role/role-{role:04}"),
            "Handler": "index.handler",
            "CodeSize": 1_000_000,
            "Description": "generated <function>",
            "Timeout": item.pick("timeout", &[3, 60, 900]),
            "MemorySize": item.pick("memory", &[128, 1024]),
            "LastModified": item.past("modify", 700).strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string(),
            "Version": "$LATEST",
            "PackageType": "Zip",
            "Architectures": [if arm { "arm64" } else { "x86_64" }],
            "Environment": {"Variables": variables},
            "TracingConfig": {"Mode": if traced { "Active" } else { "PassThrough" }},
            "EphemeralStorage": {"Size": 512},
            "LoggingConfig": {"LogFormat": "Text", "LogGroup": format!("/aws/lambda/{}", self.name())},
        });
        if item.one_in(3, "vpc") {
            let vpc = item.draw("which vpc", self.account.size.vpcs);
            let zones = if item.one_in(2, "zones") { 2 } else { 1 };
            let subnets: Vec<String> = (0..zones).map(|n| id("subnet", vpc * 4 + 2 + n)).collect();
            function["VpcConfig"] = json!({
                "VpcId": id("vpc", vpc),
                "SubnetIds": subnets,
                "SecurityGroupIds": [id("sg", vpc)],
            });
        }
        if item.one_in(3, "dead letters") {
            let region = self.call.region;
            let queue = format!("arn:aws:sqs:{region}:{account}:dead-letters");
            function["DeadLetterConfig"] = json!({"TargetArn": queue});
        }
        function
    }

    /// Most have none; some may be called by a bucket, some by everyone.
    fn policy(&self) -> Option<Value> {
        let statement = match self.item.draw("policy", 6) {
            0 => json!({"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction",
                "Resource": self.arn()}),
            1 | 2 => json!({"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
                "Action": "lambda:InvokeFunction", "Resource": self.arn(),
                "Condition": {"StringEquals": {"aws:SourceAccount": self.call.account}}}),
            _ => return None,
        };
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
        Some(json!({"Policy": policy.to_string(), "RevisionId": "1"}))
    }

    fn tags(&self) -> Value {
        let tags = self.item.tags().into_iter();
        let tags: Map<String, Value> = tags.map(|(key, value)| (key, value.into())).collect();
        json!({"Tags": tags})
    }

    fn concurrency(&self) -> Value {
        let reserved = self.item.one_in(4, "reserved");
        if reserved {
            json!({"ReservedConcurrentExecutions": 10})
        } else {
            json!({})
        }
    }

    fn event_invoke(&self) -> Value {
        let item = &self.item;
        let queue = format!(
            "arn:aws:sqs:{}:{}:failed",
            self.call.region, self.call.account
        );
        let configs = item.one_in(3, "destination").then(|| {
            json!({
                "FunctionArn": format!("{}:$LATEST", self.arn()),
                "MaximumRetryAttempts": 1,
                "DestinationConfig": {"OnFailure": {"Destination": queue}},
            })
        });
        let configs: Vec<Value> = configs.into_iter().collect();
        json!({"FunctionEventInvokeConfigs": configs})
    }

    fn urls(&self) -> Value {
        let open = match self.item.draw("url", 6) {
            0 => "NONE",
            1 => "AWS_IAM",
            _ => return json!({"FunctionUrlConfigs": []}),
        };
        let time = self.item.now.to_string();
        json!({"FunctionUrlConfigs": [{
            "FunctionUrl": format!("https://{}.lambda-url.{}.on.aws/", self.name(), self.call.region),
            "FunctionArn": self.arn(),
            "AuthType": open,
            "Cors": {"AllowOrigins": ["*"]},
            "CreationTime": time,
            "LastModifiedTime": time,
            "InvokeMode": "BUFFERED",
        }]})
    }
}
