//! From arguments and files to a validated configuration; all problems are reported at once.

mod check_files;
mod kind_files;

pub use kind_files::{install as install_kinds, model_of, own as own_kinds};
mod regions;

pub use regions::{one_region, regions};

use crate::aws::session::{self, Login, Regions};
use crate::aws::session_policy::SessionPolicy;
use crate::check::practices::Practices;
use crate::check::{Catalog, Kinds, kinds};
use crate::cli::{SelectArgs, TargetArgs};
use crate::collect::registry;
use crate::kinds::parallel::in_parallel;
use crate::model::{Kind, Scope, Tags};
use crate::plan::{Target, plan};
use crate::policy::{self, CheckInfo, Policy, PolicySource};
use crate::report::{self, Selection};
use crate::yaml::{Pos, Problem};
use crate::{derive, judge};
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

/// The selected checks, and everything needed to judge with them.
pub struct Selected {
    /// The kinds.
    pub kinds: Kinds,
    /// The framework.
    pub practices: Practices,
    /// The checks to run.
    pub catalog: Catalog,
    /// The policy.
    pub policy: Policy,
    /// What is probably not meant as it is written.
    pub warnings: Vec<Problem>,
    /// The user's selection, for the report.
    pub selection: Selection,
    /// Hashes of the contents of each policy file, by name, and of all checks together: SHA-256 in
    /// hexadecimal digits.
    pub fingerprints: BTreeMap<String, String>,
}

/// The kinds that can be read.
#[must_use]
pub fn all_kinds() -> Kinds {
    kinds(registry().into_iter().map(|collector| collector.kind))
}

/// All checks, the user's own included.
///
/// # Errors
/// Every problem in every file.
pub fn all_checks(
    dirs: &[impl AsRef<Path>],
    kinds: &Kinds,
    practices: &Practices,
) -> Result<Catalog, Vec<Problem>> {
    let mut catalog = Catalog::embedded(kinds, practices)?;
    let mut problems = Vec::new();
    for dir in dirs {
        let (files, unreadable) = check_files::read(dir.as_ref());
        problems.extend(unreadable);
        let added = catalog.add(&files, kinds, practices);
        problems.extend(added.err().unwrap_or_default());
    }
    if problems.is_empty() {
        Ok(catalog)
    } else {
        Err(problems)
    }
}

/// Loads policies and checks and selects.
///
/// # Errors
/// Every problem in flags and files.
pub fn select(
    args: &SelectArgs,
    tags: &[(String, String)],
    today: Date,
) -> Result<Selected, Vec<Problem>> {
    // Both take a while, and neither needs the other.
    let (kinds, practices) = std::thread::scope(|scope| {
        let kinds = scope.spawn(all_kinds);
        let practices = Practices::embedded();
        (kinds.join(), practices)
    });
    let kinds = kinds.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    let practices = practices?;
    let all = all_checks(&args.checks_dir, &kinds, &practices)?;
    let sources = policy_sources(&args.policy)?;
    let (policy, warnings) = policies(&sources, &all, &practices, today)?;
    let problems = flag_problems(args, &all);
    if !problems.is_empty() {
        return Err(problems);
    }
    let globs: Vec<_> = args.checks.iter().map(String::as_str).collect();
    let catalog = all.filtered(|check| {
        let info = judge::info(check);
        let by_flags = (globs.is_empty() || globs.iter().any(|g| matches(check.id.as_str(), g)))
            && (args.services.is_empty() || args.services.iter().any(|s| of_service(check, s)))
            && (args.pillars.is_empty() || args.pillars.contains(&info.pillar))
            && args
                .severity
                .is_none_or(|least| policy.general_severity(&info) >= least);
        by_flags && policy.selects(&info)
    });
    if catalog.is_empty() {
        let message = format!("no check is left after applying {}", all.len());
        return Err(vec![flag("--checks", message).with_help(
            "--checks, --services, --pillars, --severity and the policy all apply together",
        )]);
    }
    let selection = Selection {
        services: args.services.clone(),
        checks: args.checks.clone(),
        pillars: args.pillars.clone(),
        severity: args.severity,
        tags: tags.iter().cloned().collect::<Tags>(),
    };
    let fingerprints = fingerprints(&catalog, &sources);
    Ok(Selected {
        kinds,
        practices,
        catalog,
        policy,
        warnings,
        selection,
        fingerprints,
    })
}

/// The name of the checks among the fingerprints.
pub const CHECKS: &str = "the checks";

/// Hashes of the contents of checks and policies.
fn fingerprints(checks: &Catalog, policies: &[PolicySource]) -> BTreeMap<String, String> {
    let checks: Vec<_> = checks.iter().collect();
    // A check was read from text, so it has a JSON form.
    let texts = in_parallel(&checks, |check| {
        serde_json::to_vec(&check.file).unwrap_or_default()
    });
    let mut all = Sha256::new();
    for (check, text) in checks.into_iter().zip(texts) {
        all.update(&check.id);
        all.update(text);
    }
    let policies = policies.iter();
    policies
        .map(|policy| {
            (
                policy.name.clone(),
                digits(Sha256::new_with_prefix(&policy.text)),
            )
        })
        .chain([(CHECKS.to_owned(), digits(all))])
        .collect()
}

fn digits(hash: Sha256) -> String {
    let mut digits = String::new();
    for byte in hash.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// Loads policies and checks and selects, for a scan of these regions.
///
/// # Errors
/// Every problem in flags and files.
pub fn select_in(
    named: &[String],
    args: &SelectArgs,
    tags: &[(String, String)],
    today: Date,
) -> Result<Selected, Vec<Problem>> {
    let mut problems = regions::region_problems(named);
    match select(args, tags, today) {
        Ok(selected) if problems.is_empty() => Ok(selected),
        Ok(_) => Err(problems),
        Err(others) => {
            problems.extend(others);
            Err(problems)
        }
    }
}

impl Selected {
    /// The parts to read, including what derived parts need, and tags if anything depends on them.
    #[must_use]
    pub fn parts(&self) -> crate::plan::Parts {
        let derivations = derive::derivations();
        let all = || self.catalog.iter().map(AsRef::as_ref);
        if !self.selection.tags.is_empty() {
            return crate::plan::parts(all(), &self.kinds, &derivations, &["tags"]);
        }
        let mut parts = crate::plan::parts(all(), &self.kinds, &derivations, &[]);
        // Overrides and exemptions by tag need the tags of the kinds they can touch.
        let by_tag = all().filter(|check| self.policy.needs_tags(&check.id));
        for (kind, more) in crate::plan::parts(by_tag, &self.kinds, &derivations, &["tags"]) {
            parts.entry(kind).or_default().extend(more);
        }
        parts
    }

    /// The IAM actions that a scan may need in any account, including billed reads.
    #[must_use]
    pub fn actions(&self, regions: &Regions) -> BTreeSet<&'static str> {
        self.permissions(regions, true).0
    }

    /// The IAM actions that a scan may need in any account, and those left out because a scan
    /// without a budget does not use them.
    #[must_use]
    pub fn permissions(
        &self,
        regions: &Regions,
        billed: bool,
    ) -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
        let target = Target {
            account: String::new(),
            regions: vec![String::new()],
        };
        let mut plan = plan(&self.parts(), &self.kinds, &[target], &BTreeMap::new());
        let left_out = if billed {
            BTreeSet::new()
        } else {
            plan.leave_out_billed()
        };
        plan.add_identity(&[&session::LIST_ACCOUNT_ALIASES], 1);
        if *regions == Regions::Enabled {
            plan.add_identity(&[&session::DESCRIBE_REGIONS], 1);
        }
        (plan.actions, left_out)
    }

    /// The IAM action of every operation that reads a kind.
    #[must_use]
    pub fn actions_of_operations(&self) -> report::Actions {
        let kinds = self.kinds.values().map(|fields| fields.kind);
        kinds
            .flat_map(Kind::calls)
            .chain([&session::LIST_ACCOUNT_ALIASES])
            .map(|call| ((call.service, call.operation), call.action))
            .collect()
    }

    /// Whether any selected kind is read once for each region.
    #[must_use]
    pub fn has_regional_kinds(&self, parts: &crate::plan::Parts) -> bool {
        parts.keys().any(|k| {
            self.kinds
                .get(k)
                .is_some_and(|k| k.kind.scope == Scope::Region)
        })
    }
}

/// The accounts to log in to: every role with the first profile, or every profile. Roles are
/// restricted to the actions by a session policy.
#[must_use]
pub fn logins(args: &TargetArgs, actions: &BTreeSet<&'static str>) -> Vec<Login> {
    let login = |profile: Option<&String>, role: Option<&String>| Login {
        profile: profile.cloned(),
        role_arn: role.cloned(),
        external_id: args.external_id.clone(),
        session_policy: role.map(|_| SessionPolicy::of(actions)),
        naming: false,
    };
    match (args.profile.as_slice(), args.role_arn.as_slice()) {
        ([], []) => vec![login(None, None)],
        (profiles, []) => profiles.iter().map(|p| login(Some(p), None)).collect(),
        (profiles, roles) => roles
            .iter()
            .map(|r| login(profiles.first(), Some(r)))
            .collect(),
    }
}

/// Policies by file or by built-in name; `default` where none is named.
fn policy_sources(names: &[String]) -> Result<Vec<PolicySource>, Vec<Problem>> {
    let default = ["default".to_owned()];
    let names = if names.is_empty() { &default } else { names };
    let (mut sources, mut problems) = (Vec::new(), Vec::new());
    for name in names {
        match policy_source(name) {
            Ok(source) => sources.push(source),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(sources)
    } else {
        Err(problems)
    }
}

fn policies(
    sources: &[PolicySource],
    all: &Catalog,
    practices: &Practices,
    today: Date,
) -> Result<(Policy, Vec<Problem>), Vec<Problem>> {
    let infos: Vec<CheckInfo<'_>> = all.iter().map(|check| judge::info(check)).collect();
    let practices: Vec<&str> = practices.ids().collect();
    let loaded = policy::load(sources, &infos, &practices, today)?;
    Ok((loaded.policy, loaded.warnings))
}

/// Reads one policy file; a plain word that is not a file may name a built-in policy.
///
/// # Errors
/// When there is neither.
pub fn policy_source(name: &str) -> Result<PolicySource, Problem> {
    match std::fs::read_to_string(name) {
        Ok(text) => Ok(PolicySource {
            name: name.to_owned(),
            text,
        }),
        Err(error) => policy::builtin(name).ok_or_else(|| {
            let known: Vec<&str> = policy::BUILTIN.iter().map(|(name, _)| *name).collect();
            Problem::new(name, Pos::START, format!("cannot be read: {error}"))
                .with_help(format!("built-in policies are {}", known.join(", ")))
        }),
    }
}

fn flag(name: &str, message: impl Into<String>) -> Problem {
    Problem::new(name, Pos::START, message)
}

/// Patterns and services that select nothing are errors.
fn flag_problems(args: &SelectArgs, all: &Catalog) -> Vec<Problem> {
    let mut problems = Vec::new();
    for glob in &args.checks {
        if !all.iter().any(|check| matches(&check.id, glob)) {
            let near = crate::yaml::did_you_mean(glob, all.iter().map(|c| c.id.as_str()));
            problems
                .push(flag("--checks", format!("`{glob}` matches no check")).with_maybe_help(near));
        }
    }
    for service in &args.services {
        if !all.iter().any(|check| of_service(check, service)) {
            let near = crate::yaml::did_you_mean(service, all.iter().map(|c| c.service()));
            problems.push(
                flag("--services", format!("`{service}` has no checks")).with_maybe_help(near),
            );
        }
    }
    problems
}

fn matches(id: &str, glob: &str) -> bool {
    crate::check::compute::glob(id, glob)
}

/// By the check's own service, or by the service of the resource that it judges.
fn of_service(check: &crate::check::Check, service: &str) -> bool {
    check.service() == service || check.file.resource.split('.').next() == Some(service)
}
