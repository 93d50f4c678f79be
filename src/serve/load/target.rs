//! What is audited.

use super::reader::Reader;
use crate::aws::session::is_plausible;
use crate::cli::{SelectArgs, TargetArgs, role_arn};
use crate::kinds::endpoints::all_regions;
use crate::serve::config::Target;
use crate::serve::file::TargetFile;
use crate::yaml::{PathSeg, did_you_mean};

impl Reader<'_> {
    pub(super) fn target(&mut self, name: &str, file: &TargetFile) -> Target {
        let at = |field: &str| [PathSeg::from("targets"), name.into(), field.into()];
        if let Some(Err(why)) = file.role.as_deref().map(role_arn) {
            self.problem(&at("role"), why, None);
        }
        if file.external_id.is_some() && file.role.is_none() {
            self.problem(
                &at("external_id"),
                "belongs to a `role`, and there is none",
                None,
            );
        }
        for (index, region) in file.regions.iter().enumerate() {
            if region != "enabled" && !is_plausible(region) {
                let near = did_you_mean(region, all_regions());
                let path: Vec<PathSeg> = at("regions").into_iter().chain([index.into()]).collect();
                self.problem(&path, format!("there is no region `{region}`"), near);
            }
        }
        let regions = if file.regions.is_empty() {
            vec!["enabled".to_owned()]
        } else {
            file.regions.clone()
        };
        Target {
            access: TargetArgs {
                profile: file.profile.iter().cloned().collect(),
                role_arn: file.role.iter().cloned().collect(),
                external_id: file.external_id.clone(),
                regions,
            },
            select: SelectArgs {
                policy: file
                    .policy
                    .iter()
                    .map(|policy| self.policy(policy))
                    .collect(),
                checks_dir: file.checks_dir.iter().map(|dir| self.path(dir)).collect(),
                ..SelectArgs::default()
            },
            owners: file.owners.clone(),
        }
    }

    /// A plain word names a built-in policy unless there is such a file.
    fn policy(&self, name: &str) -> String {
        let path = self.path(name);
        if !path.exists() && crate::policy::builtin(name).is_some() {
            name.to_owned()
        } else {
            path.display().to_string()
        }
    }
}
