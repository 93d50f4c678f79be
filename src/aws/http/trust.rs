//! Which certificates are trusted.

use crate::aws::connection_error::TrustSource;
use crate::aws::settings::{BadSetting, BadSettings, CaBundle};
use aws_smithy_http_client::HttpClientError;
use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Whose certificates are trusted.
#[derive(Debug)]
pub(super) struct Trust {
    pub(super) context: TlsContext,
    pub(super) source: TrustSource,
}

impl Trust {
    pub(super) fn system() -> Self {
        Self {
            context: TlsContext::default(),
            source: TrustSource::System,
        }
    }

    /// Those of a file and no others, as the AWS CLI has it. The HTTP client panics over what is no
    /// certificate, so it gets only what is one.
    pub(super) fn read(bundle: &CaBundle) -> Result<Self, BadSettings> {
        let CaBundle { path, place } = bundle;
        let path = path.display().to_string();
        let bad = |why: String| {
            let help = "name a file with the CA certificates to trust, in PEM form";
            BadSettings(vec![BadSetting::new(place, why, help)])
        };
        let pem = std::fs::read(&bundle.path)
            .map_err(|e| bad(format!("names {path}, which cannot be read: {e}")))?;
        let mut roots = RootCertStore::empty();
        let mut store = TrustStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|_| {
                bad(format!(
                    "names {path}, which is not a PEM file of certificates"
                ))
            })?;
            let text = BASE64_STANDARD.encode(&certificate);
            // Old certificates that nothing could be checked against are passed over.
            if roots.add(certificate).is_ok() {
                store.add_pem_certificate(format!(
                    "-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"
                ));
            }
        }
        if roots.is_empty() {
            return Err(bad(format!("names {path}, which holds no certificate")));
        }
        let context = TlsContext::builder().with_trust_store(store).build();
        let context = context.map_err(|e: HttpClientError| bad(format!("cannot be used: {e}")))?;
        let place = place.clone();
        Ok(Self {
            context,
            source: TrustSource::File { path, place },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(text: &str) -> Result<Trust, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, text).expect("a file");
        let place = "AWS_CA_BUNDLE".to_owned();
        Trust::read(&CaBundle { path, place }).map_err(|bad| bad.to_string())
    }

    #[test]
    fn what_is_no_certificate_is_told() {
        let cut = "-----BEGIN CERTIFICATE-----\nMIIB\n";
        let no_base64 = "-----BEGIN CERTIFICATE-----\n???\n-----END CERTIFICATE-----\n";
        let no_certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
        for bad in ["", "not PEM", cut, no_base64, no_certificate] {
            let error = bundle(bad).expect_err(bad);
            assert!(error.starts_with("AWS_CA_BUNDLE names "), "{error}");
            assert!(error.contains("ca.pem, which "), "{error}");
        }
        let place = "ca_bundle of profile audit".to_owned();
        let path = "/nowhere/ca.pem".into();
        let error = Trust::read(&CaBundle { path, place }).expect_err("no file");
        let error = error.to_string();
        let begin = "ca_bundle of profile audit names /nowhere/ca.pem, which cannot be read: ";
        assert!(error.starts_with(begin), "{error}");
    }
}
