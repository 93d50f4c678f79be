//! What kinds take of the answers of each operation.

use super::By;
use crate::endpoint::modelled;
use serde_json::Value;
use sixpillars::kinds::declared::{
    Batch, CallOf, CalledPart, DeclaredCall, DeclaredKind, Describe, FollowUpCall, Join, List,
    Origin, PartRead, Tags,
};
use sixpillars::kinds::form::Form;
use sixpillars::kinds::load;
use sixpillars::kinds::name::snake_case;
use sixpillars::kinds::template::Template;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// What an operation is called for.
pub(super) struct Use {
    pub(super) kind: &'static DeclaredKind,
    pub(super) ask: &'static DeclaredCall,
    pub(super) role: Role,
}

#[derive(Clone, Copy)]
pub(super) enum Role {
    List(&'static List),
    Describe(&'static Describe),
    Tags(Option<&'static Batch>, &'static [String]),
    Part(&'static CalledPart),
    Then(&'static FollowUpCall),
}

/// What is taken of an answer: all uses of an operation in one tree.
#[derive(Default)]
pub(super) struct Expected {
    pub(super) uses: Vec<Use>,
    pub(super) root: Node,
}

/// A member of an answer. Lists and maps have no level of their own.
#[derive(Default)]
pub(super) struct Node {
    pub(super) members: BTreeMap<String, Node>,
    /// How its text is read.
    pub(super) form: Option<&'static Form>,
    /// Whether it is searched for secrets, too.
    pub(super) searched: bool,
    /// Whether an answer without it would be malformed, or lack what a later call needs.
    pub(super) must: bool,
    pub(super) is: Option<Is>,
    /// Whether it is the list that the operation is called for.
    pub(super) items: bool,
}

/// What a member is.
#[derive(Clone, Copy)]
pub(super) enum Is {
    Own(&'static DeclaredKind, By),
    Reference(&'static Join),
    Tags,
}

static EXPECTED: LazyLock<HashMap<(&'static str, &'static str), Expected>> = LazyLock::new(|| {
    let mut all: HashMap<_, Expected> = HashMap::new();
    for kind in load::all().kinds.values() {
        for (ask, role) in roles(kind) {
            let service = modelled::on_the_wire(ask.call.service);
            let call = (service, ask.call.operation);
            let expected = all.entry(call).or_default();
            expected.add(Use { kind, ask, role });
        }
    }
    all
});

/// What is taken of an operation's answers, if a kind calls it.
pub(super) fn of(service: &str, operation: &str) -> Option<&'static Expected> {
    EXPECTED
        .iter()
        .find(|((s, o), _)| (*s, *o) == (service, operation))
        .map(|(_, expected)| expected)
}

/// All calls of a kind.
fn roles(kind: &'static DeclaredKind) -> Vec<(&'static DeclaredCall, Role)> {
    let mut roles = Vec::new();
    roles.extend(kind.list.as_ref().map(|list| (&list.ask, Role::List(list))));
    roles.extend(kind.describe.as_ref().map(|d| (&d.ask, Role::Describe(d))));
    if let Some(Tags::Call { ask, batch, take }) = &kind.tags {
        roles.push((ask, Role::Tags(batch.as_ref(), take)));
    }
    for part in &kind.parts {
        if let PartRead::Call(asked) = &part.read {
            roles.push((&asked.ask, Role::Part(asked)));
            roles.extend(
                asked
                    .then
                    .as_ref()
                    .map(|then| (&then.ask, Role::Then(then))),
            );
        }
    }
    roles
}

/// The member that has the id, or that lists ids.
pub(super) fn id_member(kind: &'static DeclaredKind) -> Option<&'static str> {
    let list = kind.list.as_ref()?;
    if list.plain {
        return list.ask.take.last().map(String::as_str);
    }
    let path = match (&kind.describe, &kind.id) {
        (None, Some(Origin::Path(path))) => path,
        _ => &list.id,
    };
    path.last().map(String::as_str)
}

/// Adds what a part takes of an answer.
fn add_part(taken: &mut Node, part: &'static CalledPart) {
    taken.items |= part.items || matches!(part.of, CallOf::Batch(_));
    if let CallOf::Batch(batch) = &part.of {
        taken.at(&batch.matched);
    }
    if let CallOf::Kind(pairs) = &part.of {
        taken.items = true;
        for (path, _) in pairs {
            taken.at(path);
        }
    }
    for item in part.then.iter().flat_map(|then| &then.item) {
        taken.at(&steps(item));
    }
    if !part.nullable && !part.items {
        taken.must = true;
    }
    taken.at(&part.within).grow(&part.form);
}

impl Expected {
    fn add(&mut self, of: Use) {
        let Use { kind, ask, role } = of;
        let taken = self.root.at(&ask.take);
        match role {
            Role::List(list) => {
                taken.items = true;
                if list.plain {
                    taken.is = Some(Is::Own(kind, By::Id));
                }
                if kind.describe.is_some() && !list.plain {
                    let id = taken.at(&list.id);
                    id.is = Some(Is::Own(kind, By::Id));
                }
                for item in &list.item {
                    taken.at(&steps(item));
                }
                if let Some(form) = &list.form {
                    taken.grow(form);
                }
                if kind.describe.is_none() && !list.plain {
                    taken.document(kind);
                }
            }
            Role::Describe(describe) => {
                taken.items |= describe.batch.is_some();
                if let Some(batch) = &describe.batch {
                    taken.at(&batch.matched);
                }
                taken.grow(&describe.form);
                taken.document(kind);
            }
            Role::Tags(batch, take) => match batch {
                None => taken.is = Some(Is::Tags),
                Some(batch) => {
                    taken.items = true;
                    taken.at(&batch.matched);
                    taken.at(take).is = Some(Is::Tags);
                }
            },
            Role::Part(asked) => add_part(taken, asked),
            Role::Then(then) => {
                if let Some(all) = &then.all {
                    taken.items = true;
                    for (path, _) in &all.matched {
                        taken.at(path);
                    }
                }
                taken.grow(&then.form);
            }
        }
        self.uses.push(of);
    }

    /// The ids that one call asks about, and where an item says which it is of.
    pub(super) fn batch(&self, input: &Value) -> Option<(&'static Batch, Vec<Value>)> {
        self.uses.iter().find_map(|of| {
            let batch = match of.role {
                Role::Describe(describe) => describe.batch.as_ref()?,
                Role::Tags(batch, _) => batch?,
                Role::Part(CalledPart {
                    of: CallOf::Batch(batch),
                    ..
                }) => batch,
                _ => return None,
            };
            let Template::Object(members) = &of.ask.input else {
                return None;
            };
            let is_many = |template: &Template| {
                let variables = template.variables();
                variables.contains("ids") || variables.contains("arns")
            };
            let (name, _) = members.iter().find(|(_, template)| is_many(template))?;
            Some((batch, input[name].as_array()?.clone()))
        })
    }

    /// The kind for all resources of which one call is made, or for all items of a part, and what matches
    /// its items with them.
    pub(super) fn of_kind(&self) -> Option<(&'static DeclaredKind, Pairs)> {
        self.uses.iter().find_map(|of| match of.role {
            Role::Part(CalledPart {
                of: CallOf::Kind(pairs),
                ..
            }) => Some((of.kind, pairs.as_slice())),
            Role::Then(then) => Some((of.kind, then.all.as_ref()?.matched.as_slice())),
            _ => None,
        })
    }
}

/// The path of an item's member, and what it equals.
type Pairs = &'static [(Vec<String>, Template)];

fn steps(path: &str) -> Vec<String> {
    path.split('.').map(ToOwned::to_owned).collect()
}

impl Node {
    /// The member at a path, which has to be there.
    fn at(&mut self, path: &[String]) -> &mut Self {
        let mut at = self;
        for step in path {
            at = at.members.entry(step.clone()).or_default();
            at.must = true;
        }
        at
    }

    /// The member of a path of names as checks or AWS write them, if it is expected.
    fn find(&mut self, path: &[String]) -> Option<&mut Self> {
        let mut at = self;
        for step in path {
            let step = snake_case(step);
            let members = at.members.iter_mut();
            at = members
                .into_iter()
                .find(|(name, _)| snake_case(name) == step)?
                .1;
        }
        Some(at)
    }

    /// What a form reads.
    fn grow(&mut self, form: &'static Form) {
        match form {
            Form::Object(object) => {
                for field in &object.fields {
                    let node = self.members.entry(field.api.clone()).or_default();
                    node.must |= field.always;
                    node.grow(&field.form);
                }
            }
            Form::List(item) | Form::Map(item) => self.grow(item),
            // What is converted says more than what is not.
            Form::Scalar(_) => _ = self.form.get_or_insert(form),
            Form::Secret(_) => {
                self.searched = true;
                let is_read = matches!(self.form, Some(Form::Json(_) | Form::Attributes(_)));
                if !is_read {
                    self.form = Some(form);
                }
            }
            Form::Attributes(_) | Form::Json(_) => self.form = Some(form),
        }
    }

    /// What of a document names it, or is needed for later calls.
    fn document(&mut self, kind: &'static DeclaredKind) {
        let origins = [
            (&kind.name, By::Name),
            (&kind.arn, By::Arn),
            (&kind.id, By::Id),
        ];
        for (origin, by) in origins {
            if let Some(Origin::Path(path)) = origin {
                self.at(path).is = Some(Is::Own(kind, by));
            }
        }
        if let Some(Tags::Within(path)) = &kind.tags {
            self.at(path).is = Some(Is::Tags);
        }
        for join in &kind.joins {
            if let Some(node) = self.find(&join.from) {
                node.is.get_or_insert(Is::Reference(join));
            }
        }
        let asks = roles(kind);
        let variables = asks.iter().flat_map(|(ask, _)| ask.input.variables());
        for variable in variables {
            if let Some(node) = self.find(&steps(variable)) {
                node.must = true;
            }
        }
        let children = load::all()
            .kinds
            .values()
            .filter(|k| k.parent == Some(kind.kind.name));
        for child in children.flat_map(|child| roles(child)) {
            for variable in child.0.input.variables() {
                let own = variable.strip_prefix("parent.").map(steps);
                if let Some(node) = own.and_then(|own| self.find(&own)) {
                    node.must = true;
                }
            }
        }
    }
}
