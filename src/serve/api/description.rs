//! Completes the API's description with what applies to all answers.

use super::problem::PROBLEM;
use utoipa::openapi::{OpenApi, PathItem, RefOr, Response};

/// Gives every answer the text that OpenAPI requires, and every error its media type.
pub(super) fn complete(description: &mut OpenApi) {
    for path in description.paths.paths.values_mut() {
        let PathItem {
            get,
            put,
            post,
            delete,
            patch,
            ..
        } = path;
        for operation in [get, put, post, delete, patch].into_iter().flatten() {
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response {
                    complete_one(status, response);
                }
            }
        }
    }
}

fn complete_one(status: &str, response: &mut Response) {
    let is_error = status.starts_with(['4', '5']);
    if response.description.is_empty() {
        let text = match status {
            "201" => "Created",
            "202" => "Accepted",
            _ if is_error => "What is wrong, and what would be right",
            _ => "The current state",
        };
        text.clone_into(&mut response.description);
    }
    if is_error && let Some(problem) = response.content.shift_remove("application/json") {
        response.content.insert(PROBLEM.to_owned(), problem);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    #[test]
    fn every_answer_says_what_it_is_and_every_error_is_a_problem() {
        let (_, _, description) = super::super::described();
        let description: Value = serde_json::from_str(&description.to_json().unwrap()).unwrap();
        let mut seen = 0;
        for path in description["paths"].as_object().unwrap().values() {
            for operation in path.as_object().unwrap().values() {
                for (status, response) in operation["responses"].as_object().unwrap() {
                    seen += 1;
                    assert!(
                        response["description"]
                            .as_str()
                            .is_some_and(|text| !text.is_empty()),
                        "{response}"
                    );
                    if status.starts_with(['4', '5']) {
                        let content = response["content"].as_object().unwrap();
                        assert!(
                            content.keys().eq(["application/problem+json"]),
                            "{content:?}"
                        );
                    }
                }
            }
        }
        assert!(seen > 40, "{seen}");
    }
}
