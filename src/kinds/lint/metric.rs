//! Resolves parts that are CloudWatch metrics.

use super::context::{Lint, RESOURCE_VARIABLES, leak};
use super::source::DocumentShape;
use crate::kinds::declared::{Dimensions, Metric};
use crate::kinds::file::{DimensionsFile, MetricFile};
use crate::kinds::form::locate;
use crate::kinds::model::ShapeKind;
use crate::kinds::template::Template;
use crate::yaml::{PathSeg, did_you_mean};

impl Lint<'_> {
    pub(super) fn metric(
        &mut self,
        base: &DocumentShape,
        at: &[PathSeg],
        file: &MetricFile,
    ) -> Metric {
        let key = |key: &str| [at, &[PathSeg::from(key)]].concat();
        let mut text = |at: &[PathSeg], text: &str| {
            let template = Template::text(text);
            self.known_variables(at, &template.variables(), &RESOURCE_VARIABLES, true);
            template
        };
        let namespace = text(&key("namespace"), &file.namespace);
        let name = text(&key("name"), &file.name);
        let dimensions = match &file.dimensions {
            DimensionsFile::Each(each) => {
                let each = each.iter().map(|(name, value)| {
                    let mut at = key("dimensions");
                    at.push(name.as_str().into());
                    (leak(name), text(&at, value))
                });
                Dimensions::Each(each.collect())
            }
            DimensionsFile::Member(member) => {
                let at = key("dimensions");
                Dimensions::Member(self.dimensions_member(base, &at, member))
            }
        };
        Metric {
            namespace,
            name,
            dimensions,
            stat: file.stat,
            days: file.days,
            each: file.each,
        }
    }

    /// The member of the document that is a map of dimensions.
    fn dimensions_member(&mut self, base: &DocumentShape, at: &[PathSeg], text: &str) -> String {
        let help =
            Some("such as `{TableName: $id}`, or `$Member` for a map that has them".to_owned());
        let Template::Variable(member) = Template::text(text) else {
            self.problem_with_help(at, format!("`{text}` is no member of the document"), help);
            return String::new();
        };
        if !self.variables.contains(&member) {
            let names = self.variables.iter().map(String::as_str);
            let help = did_you_mean(&member, names).or(help);
            self.problem_with_help(at, format!("`fields` does not keep `{member}`"), help);
        } else if let Some((model, shape)) = base.shape
            && let Ok(shape) = locate(model, shape, &member)
            && !matches!(model.shape(shape).kind, ShapeKind::Map { .. })
        {
            self.problem_with_help(
                at,
                format!("`{member}` is no map of names and values"),
                help,
            );
        }
        member
    }
}
