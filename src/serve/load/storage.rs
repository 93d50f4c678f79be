//! The store and the database.

use super::reader::Reader;
use crate::aws::session::is_plausible;
use crate::kinds::endpoints::all_regions;
use crate::serve::file::ServiceFile;
use crate::store::BucketPlace;
use crate::yaml::{PathSeg, did_you_mean};
use std::path::{Path, PathBuf};

impl Reader<'_> {
    /// The folder of the runs, and the bucket if there is one.
    pub(super) fn store(&mut self, file: &ServiceFile) -> (PathBuf, Option<BucketPlace>) {
        if !file.store.starts_with("s3:") {
            if file.work.is_some() {
                let message =
                    "is for a store in S3; the folder of the store has room for audits under way";
                self.problem(&["work".into()], message, None);
            }
            return (self.path(&file.store), None);
        }
        let place = match BucketPlace::parse(&file.store) {
            Ok(place) => Some(place),
            Err(why) => {
                self.problem(&["store".into()], why, None);
                None
            }
        };
        if let Some(region) = place.as_ref().and_then(|place| place.region.as_deref())
            && !is_plausible(region)
        {
            let near = did_you_mean(region, all_regions());
            self.problem(
                &["store".into()],
                format!("there is no region `{region}`"),
                near,
            );
        }
        if file.work.is_none() {
            let help = "write `work: /var/lib/sixpillars/work`".to_owned();
            let message = "is in S3, and audits that are under way need a folder";
            self.problem(&["store".into()], message, Some(help));
        }
        let work = file.work.as_deref().unwrap_or_default();
        (self.path(work), place)
    }

    /// The address of the database: that of the file, else SQLite in the folder of the store.
    pub(super) fn database(
        &mut self,
        file: &ServiceFile,
        store: &Path,
        in_bucket: bool,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> String {
        let Some(url) = &file.database else {
            if in_bucket {
                let help = "postgres://user@host/name, or sqlite:///var/lib/sixpillars/service.db";
                let message = "is in S3, which cannot hold the database; name one with `database`";
                self.problem(&["store".into()], message, Some(help.to_owned()));
            }
            return format!("sqlite://{}?mode=rwc", store.join("service.db").display());
        };
        let at = [PathSeg::from("database")];
        let filled = self.filled(&at, url, variable);
        if !["sqlite:", "postgres:", "postgresql:"]
            .iter()
            .any(|scheme| filled.starts_with(scheme))
        {
            // The message does not repeat the text, which may hold a password.
            let help = "sqlite:///var/lib/sixpillars/service.db, or postgres://user@host/name";
            self.problem(
                &at,
                "is not the address of a database",
                Some(help.to_owned()),
            );
        }
        filled
    }
}
