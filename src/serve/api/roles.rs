//! Which role each operation takes, as the API's description says in its security requirements
//! (<https://spec.openapis.org/oas/v3.1.0.html#security-requirement-object>).

use crate::serve::auth::Role;
use axum::http::Method;
use serde_json::Value;
use std::collections::HashMap;

/// The least role of each operation, by method and path.
#[derive(Debug, Default)]
pub(super) struct Roles(HashMap<(Method, String), Role>);

impl Roles {
    /// The roles of a description. `more` has those of operations that it does not contain.
    pub(super) fn of(description: &Value, more: &[(Method, &str, Role)]) -> Self {
        let more = more
            .iter()
            .map(|(method, path, role)| ((method.clone(), (*path).to_owned()), *role));
        let mut roles: HashMap<_, _> = more.collect();
        for (path, method, operation) in operations(description) {
            if let Some(role) = named(operation) {
                roles.insert((method, path.to_owned()), role);
            }
        }
        Self(roles)
    }

    /// The least role that may call an operation; admin if the operation names none.
    pub(super) fn least(&self, method: &Method, path: &str) -> Role {
        let method = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        let known = self.0.get(&(method.clone(), path.to_owned()));
        known.copied().unwrap_or(Role::Admin)
    }
}

/// Every operation: its path, method and description.
pub(super) fn operations(description: &Value) -> Vec<(&str, Method, &Value)> {
    let paths = description["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.filter_map(move |(method, operation)| {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).ok()?;
            operation.get("operationId")?;
            Some((path.as_str(), method, operation))
        })
    });
    operations.collect()
}

/// The role that an operation requires, if it is the same for every way to log in.
pub(super) fn named(operation: &Value) -> Option<Role> {
    let ways = operation.get("security")?.as_array()?;
    let mut roles = ways
        .iter()
        .flat_map(|way| way.as_object().into_iter().flatten());
    let role = |needed: &Value| Role::parse(needed.as_array()?.first()?.as_str()?).ok();
    let (_, first) = roles.next()?;
    let first = role(first)?;
    roles
        .all(|(_, other)| role(other) == Some(first))
        .then_some(first)
}

/// Whether anybody may do it.
#[cfg(test)]
pub(super) fn is_open(operation: &Value) -> bool {
    operation["security"] == serde_json::json!([{}])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_operation_without_a_role_takes_the_greatest() {
        let with = |security: Value| json!({"operationId": "x", "security": security});
        let description = json!({"paths": {
            "/a": {"get": with(json!([{"token": ["viewer"]}, {"session": ["viewer"]}]))},
            "/b": {"get": {"operationId": "b"}},
            "/c": {"get": with(json!([{"token": ["viewer"]}, {"session": ["operator"]}]))},
            "/d": {"get": with(json!([{"token": ["nobody"]}]))},
            "/e": {"get": with(json!([{"token": []}]))},
        }});
        let more = [(Method::GET, "/f", Role::Operator)];
        let roles = Roles::of(&description, &more);
        let least = |path| roles.least(&Method::GET, path);
        assert_eq!((least("/a"), least("/f")), (Role::Viewer, Role::Operator));
        assert_eq!(roles.least(&Method::HEAD, "/a"), Role::Viewer);
        assert_eq!(roles.least(&Method::DELETE, "/a"), Role::Admin);
        for path in ["/b", "/c", "/d", "/e", "/unknown"] {
            assert_eq!(least(path), Role::Admin, "{path}");
        }
    }
}
