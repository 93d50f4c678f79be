//! A generated AWS account of any size: every answer is computed on request, from the kind, the region
//! and the number of the resource. Nothing is stored, so an account of 200,000 resources takes no more
//! memory than one of a hundred, and the same request always has the same answer.
//!
//! Some of its resources are correct and some have flaws; names and tags are hostile; and secrets are
//! planted where the program looks for them ([`PLANTED`]).

#![allow(
    dead_code,
    reason = "neither the tests nor the benchmark use all of it"
)]

mod cbor;
mod cloudwatch;
mod contact;
mod declared;
mod ec2;
mod error;
mod form;
mod iam;
mod item;
mod lambda;
mod rds;
mod s3;
mod size;
mod sns;
mod ssm;
mod sts;
mod xml;

#[allow(unused_imports, reason = "not every test turns pages")]
pub(crate) use declared::is_paged;
#[allow(unused_imports, reason = "not every test looks for tags")]
pub(crate) use item::PLANTED_IN_TAGS;
pub(crate) use size::Size;

use crate::endpoint::{Answer, Call};
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, header};
use item::Item;
use jiff::Timestamp;

/// Secrets in user data and in environment variables. None may be in anything that is written.
pub(crate) const PLANTED: &[&str] = &[
    ec2::PASSWORD,
    ec2::SECRET_KEY,
    lambda::PASSWORD,
    lambda::TOKEN,
];

/// A generated account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    size: Size,
    /// The beginning of today. Ages are counted from here, so that all answers of a day are equal.
    now: Timestamp,
}

impl Account {
    pub(crate) fn new(size: Size) -> Self {
        let now = Timestamp::now().as_second();
        let day = 24 * 60 * 60;
        let now = Timestamp::from_second(now - now.rem_euclid(day)).expect("today");
        Self { size, now }
    }

    pub(crate) fn size(&self) -> &Size {
        &self.size
    }

    /// What AWS would answer.
    pub(crate) fn answer(&self, call: &Call<'_>) -> Answer {
        let answer = match call.service {
            "account" => contact::answer(self, call),
            "cloudwatch" => cloudwatch::answer(self, call),
            "ec2" => ec2::answer(self, call),
            "iam" => iam::answer(self, call),
            "lambda" => lambda::answer(self, call),
            "rds" => rds::answer(self, call),
            "s3" | "s3control" => s3::answer(self, call),
            "sns" => sns::answer(self, call),
            "ssm" => ssm::answer(self, call),
            "sts" => sts::answer(self, call),
            _ => None,
        };
        let answer = answer.or_else(|| declared::answer(self, call));
        answer.unwrap_or_else(|| error::respond(call, StatusCode::BAD_REQUEST, "InvalidAction"))
    }

    fn item<'a>(&self, kind: &'static str, region: &'a str, index: usize) -> Item<'a> {
        Item {
            kind,
            region,
            index,
            now: self.now,
        }
    }
}

fn answer(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static(content_type),
    );
    Answer {
        status,
        headers,
        body: body.into(),
    }
}
