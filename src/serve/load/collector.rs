//! The collector that traces go to.

use super::reader::Reader;
use crate::send::webhook::is_loopback;
use crate::serve::config::Otlp;
use crate::serve::file::OtlpFile;
use crate::yaml::PathSeg;

impl Reader<'_> {
    /// Where traces go. Headers are secrets: no message repeats one, and none is sent in the clear.
    pub(super) fn otlp(&mut self, file: &OtlpFile) -> Option<Otlp> {
        let at = |field: &str| [PathSeg::from("otlp"), field.into()];
        let address: Option<http::Uri> = file.endpoint.trim().parse().ok();
        let address = address.filter(|uri| {
            let plain = uri.query().is_none() && !file.endpoint.contains('@');
            plain && uri.host().is_some() && matches!(uri.scheme_str(), Some("http" | "https"))
        });
        let Some(address) = address else {
            let help =
                "write it as http://localhost:4318 or https://collector.example.com".to_owned();
            let message = format!("`{}` is not the address of a collector", file.endpoint);
            self.problem(&at("endpoint"), message, Some(help));
            return None;
        };
        let mut headers = Vec::new();
        if let Some(path) = &file.headers_file {
            let clear = address.scheme_str() == Some("http");
            if clear && !address.host().is_some_and(is_loopback) {
                let help = "give the collector https, or leave the headers out".to_owned();
                let message = "the headers would be sent in the clear";
                self.problem(&at("headers_file"), message, Some(help));
            }
            match std::fs::read_to_string(self.path(path)) {
                Err(error) => {
                    let message = format!("{path} cannot be read: {error}");
                    self.problem(&at("headers_file"), message, None);
                }
                Ok(text) => match parse_headers(&text) {
                    Ok(all) => headers = all,
                    Err(line) => {
                        let help = "write `name: value`, one a line".to_owned();
                        let message = format!("{path}: line {line} is not a header");
                        self.problem(&at("headers_file"), message, Some(help));
                    }
                },
            }
        }
        Some(Otlp {
            traces: Otlp::traces_of(&file.endpoint),
            headers,
        })
    }
}

/// Headers, one a line, or the number of the first line that is none.
fn parse_headers(text: &str) -> Result<Vec<(String, String)>, usize> {
    let mut headers = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let header = line.split_once(':').and_then(|(name, value)| {
            let name: http::HeaderName = name.trim().parse().ok()?;
            let value: http::HeaderValue = value.trim().parse().ok()?;
            Some((name.to_string(), value.to_str().ok()?.to_owned()))
        });
        headers.push(header.ok_or(number + 1)?);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::super::tests::parse_text;
    use super::*;

    #[test]
    fn traces_go_where_the_file_says_and_no_header_is_sent_in_the_clear() {
        let of =
            |otlp: &str| parse_text(&format!("store: s\ntargets: {{a: {{}}}}\notlp: {otlp}\n"));
        let otlp = of("{endpoint: \"http://collector:4318/\"}").unwrap().otlp;
        assert_eq!(otlp.unwrap().traces, "http://collector:4318/v1/traces");
        for bad in ["collector:4318", "ftp://x", "http://a:b@collector"] {
            let problems = of(&format!("{{endpoint: \"{bad}\"}}")).unwrap_err();
            assert!(
                problems[0].contains("is not the address of a collector"),
                "{problems:?}"
            );
        }
        let clear = "{endpoint: \"http://collector:4318\", headers_file: nowhere}";
        let problems = of(clear).unwrap_err();
        assert_eq!(problems.len(), 2, "{problems:#?}");
        assert!(problems.iter().any(|p| p.contains("in the clear")));
        let headers = parse_headers("# key\napi-key: secret: x\n\n").unwrap();
        assert_eq!(headers, [("api-key".to_owned(), "secret: x".to_owned())]);
        assert_eq!(parse_headers("a: b\nnonsense"), Err(2));
        let env = |name: &str| match name {
            "OTEL_EXPORTER_OTLP_ENDPOINT" => Some("http://localhost:4318".to_owned()),
            _ => None,
        };
        let traces = Otlp::from_env(&env).map(|otlp| otlp.traces);
        assert_eq!(traces.as_deref(), Some("http://localhost:4318/v1/traces"));
        assert_eq!(Otlp::from_env(&|_| None), None);
    }
}
