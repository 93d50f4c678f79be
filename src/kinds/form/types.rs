//! The types of forms.

use crate::kinds::file::ScalarName;
use std::sync::Arc;

/// The form of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// Members by name.
    Object(ObjectForm),
    /// Items of one form; empty if AWS leaves the list out.
    List(Box<Form>),
    /// Names that AWS or the user chose, and values of one form; empty if AWS leaves the map out.
    Map(Box<Form>),
    /// One value.
    Scalar(ScalarName),
    /// Texts by key; some keys are kept as fields.
    Attributes(Attributes),
    /// JSON in a text; some keys are kept as fields.
    Json(Vec<Attribute>),
    /// Something that may hold secrets: searched, and not kept.
    Secret(SecretForm),
}

/// An object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ObjectForm {
    /// Its members.
    pub fields: Vec<Field>,
    /// Fields with a name that the file chooses, and the paths to their values.
    pub named: Vec<(Vec<String>, Field)>,
}

/// A member.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// AWS's name.
    pub api: String,
    /// The field's name.
    pub name: String,
    /// What it is.
    pub form: Form,
    /// Whether an answer without it is malformed.
    pub always: bool,
    /// The values that AWS documents, if any.
    pub values: Arc<[String]>,
}

/// Texts by key.
#[derive(Debug, Clone, PartialEq)]
pub struct Attributes {
    /// The members with key and value if it is a list of pairs; `None` for a map.
    pub pair: Option<(String, String)>,
    /// The keys that are kept.
    pub fields: Vec<Attribute>,
}

/// One key.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// As AWS writes it.
    pub key: String,
    /// The field's name.
    pub name: String,
    /// What the text becomes: a scalar or JSON.
    pub form: Form,
    /// Whether an answer without it is malformed.
    pub always: bool,
}

/// The layout of a value that may hold secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretForm {
    /// Texts by name: the names are kept.
    Map,
    /// A list of names and values, by their members: the names are kept.
    Pairs(String, String),
    /// Text, or lists of it: nothing is kept.
    Text,
}

impl Form {
    /// The members of AWS's answer that it reads, as dotted paths; lists and maps have no step of their
    /// own. Empty if the whole value is read.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        self.collect("", &mut paths);
        paths
    }

    fn collect(&self, prefix: &str, paths: &mut Vec<String>) {
        match self {
            Form::Object(object) => {
                for field in &object.fields {
                    let path = match prefix {
                        "" => field.api.clone(),
                        prefix => format!("{prefix}.{}", field.api),
                    };
                    let before = paths.len();
                    field.form.collect(&path, paths);
                    if paths.len() == before {
                        paths.push(path);
                    }
                }
                let named = object.named.iter().map(|(path, _)| path.join("."));
                paths.extend(named.map(|path| match prefix {
                    "" => path,
                    prefix => format!("{prefix}.{path}"),
                }));
            }
            Form::List(item) | Form::Map(item) => item.collect(prefix, paths),
            Form::Scalar(_) | Form::Attributes(_) | Form::Json(_) | Form::Secret(_) => {}
        }
    }

    /// Whether it is a structure of lists and maps only. These are never null, so neither is the structure:
    /// if AWS leaves it out, its lists and maps are empty.
    #[must_use]
    pub fn has_only_containers(&self) -> bool {
        let list =
            |field: &Field| matches!(field.form, Form::List(_) | Form::Map(_) | Form::Secret(_));
        match self {
            Form::Object(object) => object.kept().all(list),
            _ => false,
        }
    }

    /// The names of the fields of an object, of attributes or of JSON; empty for other forms.
    #[must_use]
    pub fn field_names(&self) -> Vec<&str> {
        match self {
            Form::Object(object) => {
                let mut names: Vec<&str> = object.kept().map(|field| field.name.as_str()).collect();
                if object.has_secrets() {
                    names.push(SECRETS);
                }
                names
            }
            Form::Attributes(Attributes { fields, .. }) | Form::Json(fields) => {
                fields.iter().map(|field| field.name.as_str()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The field that lists the secrets found in the members next to it.
pub const SECRETS: &str = "secrets";

impl ObjectForm {
    /// Whether something in it is searched for secrets.
    #[must_use]
    pub fn has_secrets(&self) -> bool {
        self.fields
            .iter()
            .any(|field| matches!(field.form, Form::Secret(_)))
    }

    /// The members that documents have.
    pub(super) fn kept(&self) -> impl Iterator<Item = &Field> {
        let text = |field: &&Field| field.form == Form::Secret(SecretForm::Text);
        let members = self.fields.iter().filter(move |field| !text(field));
        members.chain(self.named.iter().map(|(_, field)| field))
    }
}
