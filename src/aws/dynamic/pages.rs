//! Paginated answers: one call for each page.

#![allow(
    clippy::result_large_err,
    reason = "an error comes at most once a call, which takes milliseconds"
)]

use super::client::DynamicClient;
use super::codec::Codec;
use super::error::DynamicError;
use crate::aws::rejection::{Rejection, reject};
use crate::kinds::model::paginator::Path;
use crate::kinds::model::{Paginator, Projection};
use serde_json::{Map, Value};

impl DynamicClient {
    /// Calls an operation once for each page of its answer.
    ///
    /// # Errors
    /// An operation or a member that the model does not have.
    pub fn pages(
        &self,
        operation: &str,
        input: Map<String, Value>,
        keep: &Projection,
    ) -> Result<Pages, DynamicError> {
        let mut keep = keep.clone();
        let paginator = self.inner.service.model.operation(operation);
        let paginator = paginator.and_then(|operation| operation.paginator.as_ref());
        if let Some(paginator) = paginator {
            let paths = paginator
                .output_tokens
                .iter()
                .chain(&paginator.more_results);
            for members in paths.flat_map(Path::members) {
                keep.keep(members);
            }
        }
        Ok(Pages {
            codec: self.codec(operation, &keep)?,
            client: self.clone(),
            input: Some(input),
            paginator,
            before: Vec::new(),
        })
    }
}

/// The pages of an answer, one call each.
#[derive(Debug)]
pub struct Pages {
    client: DynamicClient,
    codec: Codec,
    /// The input of the next call; `None` after the last.
    input: Option<Map<String, Value>>,
    paginator: Option<&'static Paginator>,
    /// The tokens of the pages so far, to notice a loop.
    before: Vec<Vec<Value>>,
}

impl Pages {
    /// The next page; `None` after the last.
    ///
    /// # Errors
    /// Those of a call. A page that leads back to an earlier one is rejected, because the list would be
    /// endless, and an answer that says that there is more but has no token, because it would be incomplete.
    pub async fn next(&mut self) -> Option<Result<Value, DynamicError>> {
        let input = self.input.take()?;
        let answer = self.client.send(self.codec.clone(), input.clone()).await;
        let next = match &answer {
            Ok(answer) => self.following(answer, input),
            Err(_) => Ok(None),
        };
        match next {
            Ok(next) => self.input = next,
            Err(rejection) => {
                return Some(Err(DynamicError::dispatch_failure(reject(rejection))));
            }
        }
        Some(answer)
    }

    /// All pages.
    ///
    /// # Errors
    /// Those of [`Pages::next`].
    pub async fn all(mut self) -> Result<Vec<Value>, DynamicError> {
        let mut pages = Vec::new();
        while let Some(page) = self.next().await {
            pages.push(page?);
        }
        Ok(pages)
    }

    fn following(
        &mut self,
        answer: &Value,
        mut input: Map<String, Value>,
    ) -> Result<Option<Map<String, Value>>, Rejection> {
        let Some(paginator) = self.paginator else {
            return Ok(None);
        };
        let more = paginator.more_results.as_ref();
        let more = more.and_then(|path| path.find(answer)?.as_bool());
        if more == Some(false) {
            return Ok(None);
        }
        let is_some = |value: &&Value| value.as_str() != Some("");
        let tokens: Vec<Option<&Value>> = (paginator.output_tokens.iter())
            .map(|path| path.find(answer).filter(is_some))
            .collect();
        if tokens.iter().all(Option::is_none) {
            return match more {
                Some(true) => Err(Rejection::NoNextPage),
                _ => Ok(None),
            };
        }
        let place: Vec<Value> = tokens
            .iter()
            .map(|token| token.cloned().unwrap_or_default())
            .collect();
        if self.before.contains(&place) {
            return Err(Rejection::PageLoop);
        }
        for (name, token) in paginator.input_tokens.iter().zip(tokens) {
            match token {
                Some(token) => input.insert(name.clone(), token.clone()),
                None => input.remove(name),
            };
        }
        self.before.push(place);
        Ok(Some(input))
    }
}
