//! The address to listen on, and the one that people use.

use super::login::check_reach;
use super::reader::Reader;
use crate::serve::file::ServiceFile;
use std::net::SocketAddr;

const LISTEN: &str = "127.0.0.1:7317";

impl Reader<'_> {
    pub(super) fn listen(&mut self, file: &ServiceFile) -> SocketAddr {
        let text = file.listen.as_deref().unwrap_or(LISTEN);
        let Ok(address) = text.parse::<SocketAddr>() else {
            let help = "an IP address and a port, such as 127.0.0.1:7317 or 0.0.0.0:7317";
            self.problem(
                &["listen".into()],
                format!("`{text}` is not an address"),
                Some(help.to_owned()),
            );
            return SocketAddr::from(([127, 0, 0, 1], 0));
        };
        check_reach(self, file, address);
        address
    }

    pub(super) fn host(&mut self, url: Option<&str>) -> Option<String> {
        let url = url?;
        let parsed: Result<http::Uri, _> = url.parse();
        let host = parsed.ok().and_then(|uri| {
            let plain = matches!(uri.path(), "" | "/") && uri.query().is_none();
            let scheme = matches!(uri.scheme_str(), Some("https" | "http"));
            (plain && scheme).then(|| uri.authority().map(ToString::to_string))?
        });
        if host.is_none() {
            let help = "write it as https://audits.example.com".to_owned();
            self.problem(
                &["url".into()],
                format!("`{url}` is not the address of a host"),
                Some(help),
            );
        }
        host
    }
}
