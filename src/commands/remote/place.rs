//! Where an audit is on the service.

/// The path of an audit.
pub(super) fn path(id: &str) -> String {
    // An id that was typed may hold anything, and must not become another address.
    let id = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC);
    format!("/api/v1/audits/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_in_its_place() {
        assert_eq!(path("../../x?y"), "/api/v1/audits/%2E%2E%2F%2E%2E%2Fx%3Fy");
    }
}
