//! Values that fit a shape, and what is expected of it. The file is a little long because each form of a value has
//! its method here.

use super::expected::{Is, Node};
use super::{By, One, called, text_of};
use crate::account::item::{HOSTILE, days_after, days_before};
use crate::account::{Account, lambda};
use crate::endpoint::{Call, modelled};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use sixpillars::kinds::declared::Join;
use sixpillars::kinds::file::{JoinBy, ScalarName};
use sixpillars::kinds::form::{Attribute, Attributes, Form, SecretForm};
use sixpillars::kinds::load;
use sixpillars::kinds::model::{Member, ServiceModel, Shape, ShapeIndex, ShapeKind};

/// Below this, what may be left out is.
const DEEPEST: usize = 7;

/// Makes the answer to a call.
pub(super) struct Maker<'a> {
    pub(super) account: &'a Account,
    pub(super) call: &'a Call<'a>,
    pub(super) model: &'static ServiceModel,
    pub(super) input: &'a Value,
}

/// A member that is made.
struct Place<'n> {
    name: &'n str,
    node: Option<&'n Node>,
    index: usize,
    items: &'n [One],
    depth: usize,
}

impl Maker<'_> {
    fn draw(&self, index: usize, what: &str, sides: usize) -> usize {
        self.item(index)
            .draw(&format!("{}/{what}", self.call.service), sides)
    }

    pub(super) fn structure(
        &self,
        shape: ShapeIndex,
        node: Option<&Node>,
        index: usize,
        items: &[One],
        depth: usize,
    ) -> Value {
        let Some(structure) = self.model.structure(shape) else {
            return Value::Null;
        };
        let mut made = Map::new();
        for member in &structure.members {
            let below = node.and_then(|node| node.members.get(&member.name));
            let all = node.is_some_and(|node| node.members.is_empty()) && depth < DEEPEST;
            let must = below.is_some_and(|node| node.must || node.items)
                || structure.required.contains(&member.name);
            let named = self.input[&member.name].is_string();
            let is_there = match below {
                // AWS leaves out what there is nothing to say of.
                Some(_) => {
                    index == 0 || self.draw(index, &format!("{} is there", member.name), 5) > 0
                }
                None if all => self.draw(index, &format!("{} is there", member.name), 5) > 0,
                // What nobody reads is skipped.
                None => depth < 3 && self.draw(index, &format!("{} is said", member.name), 4) == 0,
            };
            if !(must || is_there || named && depth < 3) {
                continue;
            }
            let place = Place {
                name: &member.name,
                node: below,
                index,
                items,
                depth: depth + 1,
            };
            let value = self.value(member, &place);
            if !value.is_null() {
                made.insert(member.name.clone(), value);
            }
            if structure.union && !made.is_empty() {
                break;
            }
        }
        Value::Object(made)
    }

    fn value(&self, member: &Member, place: &Place<'_>) -> Value {
        let shape = self.model.shape(member.shape);
        let form = place.node.and_then(|node| node.form);
        match (&shape.kind, form) {
            _ if place
                .node
                .is_some_and(|node| matches!(node.is, Some(Is::Tags))) =>
            {
                self.tags(shape, place)
            }
            (_, Some(Form::Attributes(attributes))) => self.attributes(attributes, place),
            (_, Some(Form::Secret(secret))) => secret_of(secret, shape, place),
            (ShapeKind::Structure(_), _) => self.structure(
                member.shape,
                place.node,
                place.index,
                place.items,
                place.depth,
            ),
            (ShapeKind::List(item), _) => self.list(item, place),
            (ShapeKind::Map { key, value }, _) => self.map(key, value, place),
            (ShapeKind::String { values }, _) => self.text(values, form, place).into(),
            (ShapeKind::Boolean, _) => (self.draw(place.index, place.name, 2) == 0).into(),
            (ShapeKind::Integer | ShapeKind::Long, _) => self.number(place).into(),
            (ShapeKind::Float | ShapeKind::Double, _) => json!(f64::from(self.number(place))),
            (ShapeKind::Timestamp, _) => self.moment(place).to_string().into(),
            (ShapeKind::Blob, _) => STANDARD.encode("bytes").into(),
            (ShapeKind::Document, _) => json!({"any": ["thing", 1, true]}),
        }
    }

    fn list(&self, item: &Member, place: &Place<'_>) -> Value {
        let one = |index: usize| {
            let place = Place {
                name: place.name,
                node: place.node,
                index,
                items: &[],
                depth: place.depth + 1,
            };
            self.value(item, &place)
        };
        if place.node.is_some_and(|node| node.items) {
            let items = place.items.iter().map(|item| {
                let mut made = one(item.index);
                for (path, value) in &item.given {
                    let path: Vec<&str> = path.iter().map(String::as_str).collect();
                    let at = path.iter().try_fold(&made, |at, step| at.get(*step));
                    let value = match at {
                        Some(Value::Array(_)) => json!([value]),
                        _ => value.clone(),
                    };
                    modelled::set(&mut made, &path, value);
                }
                made
            });
            return items.collect();
        }
        let least = usize::from(place.node.is_some_and(|node| node.must) || place.index == 0);
        let most = if place.depth < DEEPEST { 3 } else { 1 };
        let count = self
            .draw(place.index, &format!("how many {}", place.name), most)
            .max(least);
        (0..count).map(|at| one(place.index + at)).collect()
    }

    fn map(&self, key: &Member, value: &Member, place: &Place<'_>) -> Value {
        let keys = match &self.model.shape(key.shape).kind {
            ShapeKind::String { values } => &**values,
            _ => &[],
        };
        let count = self.draw(place.index, &format!("how many {}", place.name), 3);
        let entries = (0..count).map(|at| {
            let index = place.index + at;
            let key = keys.get(at).cloned();
            let place = Place {
                name: place.name,
                node: place.node,
                index,
                items: &[],
                depth: place.depth + 1,
            };
            let key = key.unwrap_or_else(|| format!("key-{index:04}"));
            (key, self.value(value, &place))
        });
        Value::Object(entries.collect())
    }

    /// Tags: a map, or a list of keys and values.
    fn tags(&self, shape: &Shape, place: &Place<'_>) -> Value {
        let tags = self.item(place.index).tags();
        let ShapeKind::List(item) = &shape.kind else {
            let tags = tags.into_iter().map(|(key, value)| (key, value.into()));
            return Value::Object(tags.collect());
        };
        let named = |end: &str| {
            let members = self.model.members(item.shape).iter();
            let mut names = members.map(|member| &member.name);
            names
                .find(|name| name.to_lowercase().ends_with(end))
                .cloned()
        };
        let (key, value) = (
            named("key").unwrap_or_default(),
            named("value").unwrap_or_default(),
        );
        let tags = tags
            .into_iter()
            .map(|(k, v)| json!({key.as_str(): k, value.as_str(): v}));
        tags.collect()
    }

    fn attributes(&self, attributes: &Attributes, place: &Place<'_>) -> Value {
        let own = |key: &str| place.node.and_then(|node| node.members.get(key));
        let made = attributes.fields.iter().filter_map(|field| {
            let node = own(&field.key);
            let must = field.always || node.is_some_and(|node| node.must) || place.index == 0;
            let is_there = self.draw(place.index, &format!("{} is there", field.key), 4) > 0;
            if !must && !is_there {
                return None;
            }
            let place = Place {
                name: &field.key,
                node,
                ..*place
            };
            Some((field.key.clone(), self.converted(&field.form, &place)))
        });
        // What names it is there, kept or not.
        let kept = |key: &str| attributes.fields.iter().any(|field| field.key == key);
        let others = place.node.iter().flat_map(|node| &node.members);
        let others = others
            .filter(|(key, node)| node.must && !kept(key))
            .map(|(key, node)| {
                let place = Place {
                    name: key,
                    node: Some(node),
                    ..*place
                };
                (key.clone(), self.text(&[], None, &place))
            });
        let made = made.chain(others);
        match &attributes.pair {
            None => Value::Object(made.map(|(key, text)| (key, text.into())).collect()),
            Some((key, value)) => {
                let made = made.map(|(k, v)| json!({key.as_str(): k, value.as_str(): v}));
                made.collect()
            }
        }
    }

    fn text(&self, values: &[String], form: Option<&Form>, place: &Place<'_>) -> String {
        match place.node.and_then(|node| node.is) {
            Some(Is::Own(kind, by)) => return called(self.call, kind, by, place.index),
            Some(Is::Reference(join)) => return self.reference(join, place),
            _ => {}
        }
        if let Some(form) = form.filter(|form| !matches!(form, Form::Scalar(ScalarName::Text))) {
            return self.converted(form, place);
        }
        if let Some(asked) = self.input[place.name].as_str() {
            return asked.to_owned();
        }
        if !values.is_empty() {
            if place.index > 0 && self.draw(place.index, &format!("new {}", place.name), 17) == 0 {
                return "VALUE_OF_TOMORROW".to_owned();
            }
            return values[self.draw(place.index, place.name, values.len())].clone();
        }
        let must = place.node.is_none_or(|node| node.must);
        if !must && self.draw(place.index, &format!("hostile {}", place.name), 6) == 0 {
            return self.item(place.index).pick(place.name, HOSTILE).to_owned();
        }
        self.plain(place)
    }

    fn plain(&self, place: &Place<'_>) -> String {
        let name = place.name.to_lowercase();
        let service = modelled::service_of(self.call.service).expect("it is called");
        let plain = format!("{}-{:04}", name.trim_end_matches('s'), place.index);
        text_of(self.call, service, &name, &plain)
    }

    /// One of the resources that a member may refer to, or one that is not there.
    fn reference(&self, join: &Join, place: &Place<'_>) -> String {
        let index = self.draw(place.index, place.name, self.account.size.declared + 1);
        let by = match join.by {
            JoinBy::Id => By::Id,
            JoinBy::Arn => By::Arn,
            JoinBy::Name => By::Name,
        };
        if let Some(kind) = load::all().kinds.get(join.kind) {
            called(self.call, kind, by, index)
        } else {
            let (_, noun) = join.kind.split_once('.').unwrap_or_default();
            self.account.item("", self.call.region, index).id(noun)
        }
    }

    /// A text that becomes what its form says.
    fn converted(&self, form: &Form, place: &Place<'_>) -> String {
        match form {
            Form::Json(fields) => {
                let mut document = self.json(fields, place);
                if place.node.is_some_and(|node| node.searched) {
                    document["DB_PASSWORD"] = lambda::PASSWORD.into();
                }
                document.to_string()
            }
            Form::Scalar(scalar) => match scalar {
                ScalarName::Text => match place.node.and_then(|node| node.is) {
                    Some(Is::Own(kind, by)) => called(self.call, kind, by, place.index),
                    _ => self.plain(place),
                },
                ScalarName::Policy => self.policy(place),
                ScalarName::Json => json!({"key": ["value"]}).to_string(),
                ScalarName::Boolean => (self.draw(place.index, place.name, 2) == 0).to_string(),
                ScalarName::Integer | ScalarName::Number => self.number(place).to_string(),
                ScalarName::Seconds => self.moment(place).as_second().to_string(),
                ScalarName::Milliseconds => self.moment(place).as_millisecond().to_string(),
                ScalarName::Time => self.moment(place).to_string(),
            },
            _ => self.plain(place),
        }
    }

    fn json(&self, fields: &[Attribute], place: &Place<'_>) -> Value {
        let members = fields.iter().map(|field| {
            let place = Place {
                name: &field.key,
                node: None,
                ..*place
            };
            let value = match &field.form {
                Form::Scalar(ScalarName::Integer | ScalarName::Number) => {
                    self.number(&place).into()
                }
                Form::Scalar(ScalarName::Boolean) => {
                    (self.draw(place.index, place.name, 2) == 0).into()
                }
                form => self.converted(form, &place).into(),
            };
            (field.key.clone(), value)
        });
        Value::Object(members.collect())
    }

    /// Anyone may, another account may, a service may for this account alone, nobody else may.
    fn policy(&self, place: &Place<'_>) -> String {
        let account = self.call.account;
        let statement = match self.draw(place.index, place.name, 4) {
            0 => json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}),
            1 => json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:root"},
                "Action": "*", "Resource": "*"}),
            2 => {
                json!({"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "*",
                "Resource": "*", "Condition": {"StringEquals": {"aws:SourceAccount": account}}})
            }
            _ => {
                json!({"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")},
                "Action": "*", "Resource": "*"})
            }
        };
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    }

    fn number(&self, place: &Place<'_>) -> i32 {
        let numbers = [0, 1, 2, 3, 7, 14, 30, 90, 365, 1000];
        numbers[self.draw(place.index, place.name, numbers.len())]
    }

    /// A moment in the past, or in the future where the name lets one expect that.
    fn moment(&self, place: &Place<'_>) -> jiff::Timestamp {
        let days = self.draw(place.index, place.name, 700) + 1;
        let future = ["After", "Expir", "Next", "Until"];
        if days > 200 && future.iter().any(|word| place.name.contains(word)) {
            return days_after(self.account.now, days - 200);
        }
        days_before(self.account.now, days)
    }
}

/// Variables, two of which hold a secret.
fn secret_of(form: &SecretForm, shape: &Shape, place: &Place<'_>) -> Value {
    let secrets = [
        ("DB_PASSWORD", lambda::PASSWORD),
        ("SOURCE", lambda::TOKEN),
        ("STAGE", "prod"),
    ];
    match form {
        SecretForm::Map => {
            let all = secrets.map(|(name, value)| (name.to_owned(), value.into()));
            Value::Object(all.into_iter().collect())
        }
        SecretForm::Pairs(key, value) => {
            let all = secrets.iter();
            all.map(|(k, v)| json!({key.as_str(): k, value.as_str(): v}))
                .collect()
        }
        SecretForm::Text => {
            let text = format!("export DB_PASSWORD={}\n", lambda::PASSWORD);
            // Scripts are in base64 where AWS has them as bytes, and where it says so in words.
            let text = if place.name.ends_with("Data") {
                STANDARD.encode(text)
            } else {
                text
            };
            match &shape.kind {
                ShapeKind::List(_) => json!([text]),
                _ => text.into(),
            }
        }
    }
}
