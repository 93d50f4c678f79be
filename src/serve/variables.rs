//! Environment variables in the texts of the configuration: `${NAME}`.

/// A text with its variables filled in, and what is wrong with it.
pub(super) fn filled(
    text: &str,
    variable: &dyn Fn(&str) -> Option<String>,
) -> (String, Vec<String>) {
    let (mut filled, mut problems) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            problems.push("a `${` without its `}`".to_owned());
            return (filled, problems);
        };
        match value(name, variable) {
            Ok(value) => filled.push_str(&value),
            Err(message) => problems.push(message),
        }
        rest = after;
    }
    filled.push_str(rest);
    (filled, problems)
}

/// The value of `${NAME}`: the variable of that name, or else the content of the file that the variable
/// `NAME_FILE` names. Container engines and systemd pass secrets in files.
fn value(name: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    if let Some(value) = variable(name) {
        return Ok(value);
    }
    let Some(path) = variable(&format!("{name}_FILE")) else {
        return Err(format!("the environment has no variable `{name}`"));
    };
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("`{name}_FILE` names {path}, which cannot be read: {error}"))?;
    // Editors end a file with a line feed, which is not part of the secret.
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(format!("`{name}_FILE` names {path}, which is empty"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_may_lie_in_a_file_that_the_environment_names() {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let (secret, empty) = (of("secret", "s3cret\r\n"), of("empty", "\n"));
        let missing = folder.path().join("missing").display().to_string();
        let variables = [
            ("A", "variable"),
            ("A_FILE", missing.as_str()),
            ("B_FILE", secret.as_str()),
            ("C_FILE", empty.as_str()),
            ("D_FILE", missing.as_str()),
        ];
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(value("A", &variable).unwrap(), "variable");
        assert_eq!(value("B", &variable).unwrap(), "s3cret");
        for (name, why) in [
            ("C", "is empty"),
            ("D", "cannot be read"),
            ("E", "no variable `E`"),
        ] {
            let error = value(name, &variable).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
