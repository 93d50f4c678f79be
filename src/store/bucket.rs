//! Reports and snapshots in S3.
//!
//! S3 shows an object only once it is complete, so nobody reads a part of one. It encrypts the object with
//! the KMS key of the configuration, or by the bucket's default.

use super::StoreError;
use crate::aws::http::Network;
use crate::aws::session::{self, Login, Regions};
use crate::report::sanitize::clean_short;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;
use std::error::Error;
use std::fmt;
use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;

/// Characters of an error that are shown.
const MAX_SHOWN: usize = 300;
/// What every error about access ends with.
const NEEDS: &str = "the service needs s3:ListBucket of the bucket, and s3:GetObject, s3:PutObject and \
                     s3:DeleteObject of what is in it";

/// Where objects are: `s3://bucket/prefix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketPlace {
    bucket: String,
    /// Without slashes at its ends; may be empty.
    prefix: String,
    /// The region of the bucket. Without it, the region of the service's credentials is used.
    pub region: Option<String>,
    /// The key of AWS KMS to encrypt with.
    pub kms_key: Option<String>,
}

impl BucketPlace {
    /// Reads an address, `s3://bucket/prefix?region=eu-west-1&kms_key=arn:…`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let form = || {
            format!(
                "`{text}` is not a place in S3, such as s3://audits.example.com/sixpillars?region=eu-west-1"
            )
        };
        let rest = text.strip_prefix("s3://").ok_or_else(form)?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c);
        if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(plain) {
            return Err(form());
        }
        let prefix = prefix.trim_matches('/');
        let safe = |c: char| c.is_ascii_alphanumeric() || "!-_.*'()/=".contains(c);
        let odd =
            prefix.split('/').any(|piece| [".", ".."].contains(&piece)) || prefix.contains("//");
        if !prefix.chars().all(safe) || odd || prefix.len() > 512 {
            return Err(form());
        }
        let mut found = Self {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            region: None,
            kms_key: None,
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("region", region)) if !region.is_empty() => {
                    found.region = Some(region.to_owned());
                }
                Some(("kms_key", key)) if !key.is_empty() => found.kms_key = Some(key.to_owned()),
                _ => {
                    return Err(format!(
                        "`{pair}` is not a setting of an S3 store; use `region` or `kms_key`"
                    ));
                }
            }
        }
        Ok(found)
    }

    fn key(&self, name: &str) -> String {
        if self.prefix.is_empty() {
            name.to_owned()
        } else {
            format!("{}/{name}", self.prefix)
        }
    }
}

impl fmt::Display for BucketPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slash = if self.prefix.is_empty() { "" } else { "/" };
        write!(f, "s3://{}{slash}{}", self.bucket, self.prefix)
    }
}

/// A bucket that can be read and written.
#[derive(Debug, Clone)]
pub struct Bucket {
    place: BucketPlace,
    client: Client,
}

impl Bucket {
    /// Opens it with the service's own credentials, and tries to read, write and remove an object.
    ///
    /// # Errors
    /// What cannot be done, and what to do about it.
    pub async fn open(place: &BucketPlace) -> Result<Self, StoreError> {
        let refused = |why: String| StoreError::Refused(format!("the store {place}: {why}"));
        let network = Network::from_env().map_err(|error| refused(error.to_string()))?;
        // This gate only lets the first calls of a session pass. Requests for objects do not go through it.
        let gate = session::gate(None, []);
        let regions = Regions::Named(place.region.iter().cloned().collect());
        let login = Login::default();
        let session = Box::pin(session::open(&login, &regions, &network, &gate)).await;
        let session = session.map_err(|error| refused(error.to_string()))?;
        let region = place.region.as_deref().unwrap_or(&session.home);
        let bucket = Self {
            place: place.clone(),
            client: session.clients.object_store(region),
        };
        bucket.try_out().await.map_err(|error| match error {
            StoreError::Bucket(why) => StoreError::Refused(why),
            error => error,
        })?;
        Ok(bucket)
    }

    /// Where it is.
    #[must_use]
    pub fn place(&self) -> &BucketPlace {
        &self.place
    }

    async fn try_out(&self) -> Result<(), StoreError> {
        let name = "tried-by-sixpillars";
        self.keys("runs/none/").await?;
        self.write(
            name,
            ByteStream::from_static(b"This shows that the service may write here.\n"),
        )
        .await?;
        self.get(name).await?;
        self.delete(&self.place.key(name)).await
    }

    /// Writes a file.
    pub(super) async fn put(&self, name: &str, path: &Path) -> Result<(), StoreError> {
        let body = ByteStream::from_path(path).await;
        let body = body.map_err(|error| StoreError::Read(std::io::Error::other(error)))?;
        self.write(name, body).await
    }

    async fn write(&self, name: &str, body: ByteStream) -> Result<(), StoreError> {
        let key = self.place.key(name);
        let mut request = self.client.put_object();
        if let Some(kms_key) = &self.place.kms_key {
            request = request
                .server_side_encryption(ServerSideEncryption::AwsKms)
                .ssekms_key_id(kms_key);
        }
        let sent = request
            .bucket(&self.place.bucket)
            .key(&key)
            .body(body)
            .send();
        sent.await
            .map_err(|error| self.error("written", name, &error))?;
        Ok(())
    }

    /// Downloads an object into an unnamed temporary file.
    pub(super) async fn get(&self, name: &str) -> Result<File, StoreError> {
        let key = self.place.key(name);
        let answer = self.client.get_object().bucket(&self.place.bucket).key(key);
        let answer = answer.send().await;
        let mut answer = answer.map_err(|error| self.error("read", name, &error))?;
        let mut file = tempfile::tempfile()?;
        loop {
            match answer.body.next().await {
                None => break,
                Some(Ok(piece)) => file.write_all(&piece)?,
                Some(Err(error)) => {
                    let why = clean_short(&DisplayErrorContext(&error).to_string(), MAX_SHOWN);
                    return Err(StoreError::Bucket(format!(
                        "{name} of {}: {why}",
                        self.place
                    )));
                }
            }
        }
        file.rewind()?;
        Ok(file)
    }

    /// Removes all objects whose names begin with `prefix`.
    pub(super) async fn remove(&self, prefix: &str) -> Result<(), StoreError> {
        for key in self.keys(prefix).await? {
            self.delete(&key).await?;
        }
        Ok(())
    }

    /// The names of all objects whose names begin with `prefix`.
    pub(super) async fn names(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let before = self.place.key("").len();
        let keys = self.keys(prefix).await?.into_iter();
        Ok(keys
            .filter_map(|key| Some(key.get(before..)?.to_owned()))
            .collect())
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let gone = self
            .client
            .delete_object()
            .bucket(&self.place.bucket)
            .key(key);
        let gone = gone.send().await;
        gone.map_err(|error| self.error("removed", key, &error))?;
        Ok(())
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let request = self.client.list_objects_v2().bucket(&self.place.bucket);
        let mut pages = request
            .prefix(self.place.key(prefix))
            .into_paginator()
            .send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.error("listed", prefix, &error))?;
            let of_page = page.contents.unwrap_or_default().into_iter();
            keys.extend(of_page.filter_map(|object| object.key));
        }
        Ok(keys)
    }

    /// What went wrong, and what to do about it.
    fn error<E>(&self, done: &str, name: &str, error: &SdkError<E>) -> StoreError
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let service = error.as_service_error();
        let code = service
            .and_then(ProvideErrorMetadata::code)
            .unwrap_or_default();
        let why = match code {
            "NoSuchBucket" => format!("there is no bucket `{}`", self.place.bucket),
            "NoSuchKey" => "it is not there".to_owned(),
            "AccessDenied" | "403" => format!("access is denied; {NEEDS}"),
            "PermanentRedirect" | "AuthorizationHeaderMalformed" | "301" => format!(
                "the bucket is in another region; name it: s3://{}?region=…",
                self.place.bucket
            ),
            _ => clean_short(&DisplayErrorContext(error).to_string(), MAX_SHOWN),
        };
        StoreError::Bucket(format!("{name} of {} cannot be {done}: {why}", self.place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_a_bucket_and_may_have_more() {
        let place = BucketPlace::parse("s3://audits").unwrap();
        assert_eq!(
            (place.to_string().as_str(), place.key("runs/a")),
            ("s3://audits", "runs/a".to_owned())
        );
        let key = "arn:aws:kms:eu-west-1:111122223333:key/0";
        let text = format!("s3://audits.example.com/six/pillars/?region=eu-west-1&kms_key={key}");
        let place = BucketPlace::parse(&text).unwrap();
        assert_eq!(place.to_string(), "s3://audits.example.com/six/pillars");
        assert_eq!(place.key("runs/a"), "six/pillars/runs/a");
        assert_eq!(place.region.as_deref(), Some("eu-west-1"));
        assert_eq!(place.kms_key.as_deref(), Some(key));
        for wrong in [
            "s3://",
            "s3://Audits",
            "s3://a",
            "s3:/audits",
            "s3://audits/../other",
            "s3://audits/a//b",
            "s3://audits/a b",
            "s3://audits?zone=x",
            "s3://audits?region=",
            "https://audits.s3.amazonaws.com",
        ] {
            assert!(BucketPlace::parse(wrong).is_err(), "{wrong}");
        }
    }
}
