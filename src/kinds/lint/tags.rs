//! Resolves tags: in the document, by a call for each resource, or by one for several.

use super::call::{CallSpec, Reads, ResolvedCall};
use super::context::{BATCH_VARIABLES, Lint, RESOURCE_VARIABLES, steps};
use super::source::DocumentShape;
use crate::kinds::declared::{Batch, Tags};
use crate::kinds::file::TagsFile;
use crate::kinds::form::{locate, pair};
use crate::kinds::model::{ServiceModel, ShapeIndex, ShapeKind};
use crate::kinds::template::Template;

impl<'a> Lint<'a> {
    pub(super) fn tags(&mut self, base: &DocumentShape) -> Option<Tags> {
        let file = self.file.tags.as_ref()?;
        let Some(call) = &file.call else {
            let Some(path) = file.take.as_ref().or(file.items.as_ref()) else {
                let help = Some("or where the document has them: `take: Tags`".to_owned());
                self.problem_with_help(&["tags".into()], "`call` is missing", help);
                return None;
            };
            let at = [
                "tags".into(),
                if file.take.is_some() { "take" } else { "items" }.into(),
            ];
            return self
                .exists(base, &at, path)
                .then(|| Tags::Within(steps(path)));
        };
        let spec = CallSpec {
            at: vec!["tags".into()],
            call,
            input: &file.input,
            action: file.action.as_deref(),
            price: None,
            absent: &file.absent,
            off: &[],
            gone: &[],
            known: if file.batch.is_some() {
                &BATCH_VARIABLES[..]
            } else {
                &RESOURCE_VARIABLES[..]
            },
            members: file.batch.is_none(),
            only_for: None,
        };
        let found = self.call(&spec)?;
        self.all_pages(&["tags".into()], &found, &Reads::ALL);
        match file.batch {
            None => self.tags_of_one(file, &spec, &found),
            Some(size) => self.tags_of_several(file, &spec, &found, size),
        }
    }

    fn tags_of_one(
        &mut self,
        file: &'a TagsFile,
        spec: &CallSpec<'_>,
        found: &ResolvedCall,
    ) -> Option<Tags> {
        let at = ["tags".into(), "take".into()];
        let path = file.take.clone().or_else(|| file.items.clone());
        let path = path.or_else(|| tag_member(found.model(), found.output()?));
        let Some(path) = path else {
            self.problem(
                &["tags".into()],
                "`take` is missing: where the answer has the tags",
            );
            return None;
        };
        self.taken(&at, found, Some(&path))?;
        let pages = found.operation.paginator.is_some();
        Some(Tags::Call {
            ask: found.ask(spec, Some(&path), pages, Vec::new()),
            batch: None,
            take: Vec::new(),
        })
    }

    fn tags_of_several(
        &mut self,
        file: &'a TagsFile,
        spec: &CallSpec<'_>,
        found: &ResolvedCall,
        size: usize,
    ) -> Option<Tags> {
        let (Some(items), Some(matched)) = (&file.items, &file.matched) else {
            let message = "a batch needs `items` and `match`: where the answer has the resources' tags, \
                           and where an item says which it is about";
            self.problem(&["tags".into()], message);
            return None;
        };
        let item = self.items(&["tags".into(), "items".into()], found, items)?;
        if let Err((message, help)) = locate(found.model(), item, matched) {
            self.problem_with_help(&["tags".into(), "match".into()], message, help);
        }
        let Some(take) = file
            .take
            .clone()
            .or_else(|| tag_member(found.model(), item))
        else {
            self.problem(
                &["tags".into()],
                "`take` is missing: where an item has the tags",
            );
            return None;
        };
        let paths = vec![matched.clone(), take.clone()];
        let by_arn = Template::object(&file.input).variables().contains("arns");
        let pages = found.operation.paginator.is_some();
        Some(Tags::Call {
            ask: found.ask(spec, Some(items), pages, paths),
            batch: Some(Batch {
                size,
                matched: steps(matched),
                by_arn,
                failures: Vec::new(),
            }),
            take: steps(&take),
        })
    }
}

/// The member that holds tags: a map, or a list of keys and values, with `tag` in its name.
fn tag_member(model: &ServiceModel, shape: ShapeIndex) -> Option<String> {
    let tags = model.members(shape).iter().find(|member| {
        let named = member.name.to_ascii_lowercase().contains("tag");
        named
            && match &model.shape(member.shape).kind {
                ShapeKind::Map { .. } => true,
                ShapeKind::List(item) => pair(model, item.shape).is_some(),
                _ => false,
            }
    });
    tags.map(|member| member.name.clone())
}
