//! Forms of values that are converted as a whole: a text, a list of keys and values.

use super::selection::FormProblem;
use super::shapes::{is_text, pair};
use super::types::{Attribute, Attributes, Form};
use crate::kinds::file::{Conversion, ScalarName};
use crate::kinds::model::{ServiceModel, ShapeIndex, ShapeKind};
use crate::kinds::name::snake_case;
use crate::yaml::PathSeg;
use std::collections::BTreeMap;

/// The form of a converted text.
pub(super) fn conversion_form(conversion: &Conversion) -> Form {
    match conversion {
        Conversion::Scalar(scalar) => Form::Scalar(*scalar),
        Conversion::Json(file) => json(&file.json),
    }
}

fn json(keys: &BTreeMap<String, ScalarName>) -> Form {
    let field = |(key, scalar): (&String, &ScalarName)| Attribute {
        key: key.clone(),
        name: snake_case(key),
        form: Form::Scalar(*scalar),
        always: false,
    };
    Form::Json(keys.iter().map(field).collect())
}

/// The form of a map of texts, or of a list of keys and values.
pub(super) fn attributes<'a>(
    model: &ServiceModel,
    shape: ShapeIndex,
    keys: impl Iterator<Item = (&'a String, &'a Conversion, bool)>,
    at: Vec<PathSeg>,
    problems: &mut Vec<FormProblem>,
) -> Form {
    let pair = match &model.shape(shape).kind {
        ShapeKind::Map { value, .. } if is_text(model, value.shape) => None,
        ShapeKind::List(item) if pair(model, item.shape).is_some() => pair(model, item.shape),
        _ => {
            let message = format!(
                "{} is neither a map of texts nor a list of keys and values",
                model.shape(shape).name
            );
            problems.push(FormProblem::new(at, message));
            None
        }
    };
    let field = |(key, conversion, always): (&String, &Conversion, bool)| Attribute {
        key: key.clone(),
        name: snake_case(key),
        form: conversion_form(conversion),
        always,
    };
    Form::Attributes(Attributes {
        pair,
        fields: keys.map(field).collect(),
    })
}
