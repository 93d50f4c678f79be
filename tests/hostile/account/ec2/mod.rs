//! Amazon EC2.

mod compute;
mod firewall;
mod network;
mod routing;
mod storage;

pub(super) use compute::{PASSWORD, SECRET_KEY};

use super::form::{Form, Page};
use super::item::Item;
use super::xml::Xml;
use super::{Account, Answer, Call, error};
use axum::http::StatusCode;

const NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

/// A request to one region.
struct Ec2<'a> {
    account: &'a Account,
    call: &'a Call<'a>,
    form: Form,
}

pub(super) fn answer(account: &Account, call: &Call<'_>) -> Option<Answer> {
    let ec2 = Ec2 {
        account,
        call,
        form: Form::of(call.body),
    };
    ec2.region()
        .or_else(|| compute::answer(&ec2))
        .or_else(|| storage::answer(&ec2))
        .or_else(|| network::answer(&ec2))
        .or_else(|| routing::answer(&ec2))
        .or_else(|| firewall::answer(&ec2))
}

impl Ec2<'_> {
    fn item(&self, kind: &'static str, index: usize) -> Item<'_> {
        self.account.item(kind, self.call.region, index)
    }

    /// The id of a resource of the same region.
    fn id(&self, prefix: &str, index: usize) -> String {
        self.item("", index).id(prefix)
    }

    fn size(&self) -> &super::Size {
        &self.account.size
    }

    /// One of the region's two zones.
    fn zone(&self, second: bool) -> String {
        format!("{}{}", self.call.region, if second { 'b' } else { 'a' })
    }

    fn respond(&self, fill: impl FnOnce(&mut Xml)) -> Answer {
        let root = format!("{}Response", self.call.operation);
        Xml::answer(&root, NAMESPACE, fill)
    }

    fn refuse(&self, code: &'static str) -> Answer {
        error::respond(self.call, StatusCode::BAD_REQUEST, code)
    }

    /// A page of a list of `count` resources.
    fn list(&self, set: &str, count: usize, fill: impl Fn(&mut Xml, usize)) -> Answer {
        let size = self.form.number("MaxResults").unwrap_or(1000);
        let Some(page) = Page::of(count, size, self.form.get("NextToken")) else {
            return self.refuse("InvalidNextToken");
        };
        self.respond(|xml| {
            xml.list(set, "item", page.range, fill);
            xml.maybe("nextToken", page.next);
        })
    }

    /// Settings of the region as a whole.
    fn region(&self) -> Option<Answer> {
        // The first region is in good order.
        let regions = self.account.size.regions();
        let good = regions.first() == Some(&self.call.region);
        Some(match self.call.operation {
            "DescribeRegions" => self.respond(|xml| {
                xml.list("regionInfo", "item", regions, |xml, region| {
                    xml.text("regionName", region);
                    xml.text("regionEndpoint", format!("ec2.{region}.amazonaws.com"));
                    xml.text("optInStatus", "opt-in-not-required");
                });
            }),
            "GetEbsEncryptionByDefault" => self.respond(|xml| {
                xml.text("ebsEncryptionByDefault", good);
            }),
            "GetSnapshotBlockPublicAccessState" => self.respond(|xml| {
                let state = if good {
                    "block-all-sharing"
                } else {
                    "unblocked"
                };
                xml.text("state", state);
            }),
            "GetImageBlockPublicAccessState" => self.respond(|xml| {
                let state = if good {
                    "block-new-sharing"
                } else {
                    "unblocked"
                };
                xml.text("imageBlockPublicAccessState", state);
            }),
            "GetInstanceMetadataDefaults" => self.respond(|xml| {
                xml.within("accountLevel", |xml| {
                    if good {
                        xml.text("httpTokens", "required");
                        xml.text("httpPutResponseHopLimit", 1);
                    }
                });
            }),
            _ => return None,
        })
    }
}

/// The tags of a resource.
fn tags(xml: &mut Xml, item: Item<'_>) {
    xml.list("tagSet", "item", item.tags(), |xml, (key, value)| {
        xml.text("key", key).text("value", value);
    });
}
