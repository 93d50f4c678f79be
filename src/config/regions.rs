//! The regions of the command line: all, or those that are named, which must exist.

use crate::aws::session::{Regions, is_plausible};
use crate::kinds::endpoints::{all_regions, partition_of_region};
use crate::yaml::{Pos, Problem, suggest};

/// The flag.
const FLAG: &str = "--regions";

/// The regions to scan.
#[must_use]
pub fn regions(named: &[String]) -> Regions {
    if named.iter().any(|r| r == "enabled") {
        Regions::Enabled
    } else {
        Regions::Named(named.to_vec())
    }
}

/// Regions that do not exist, and regions of several partitions: an account is in one.
pub(super) fn region_problems(named: &[String]) -> Vec<Problem> {
    let named = || named.iter().filter(|region| *region != "enabled");
    let mut problems: Vec<Problem> = named()
        .filter(|region| !is_plausible(region))
        .map(|region| {
            flag(FLAG, format!("there is no region `{region}`")).with_maybe_help(near(region))
        })
        .collect();
    let of = |region: &String| Some((region.clone(), partition_of_region(region)?.id));
    let mut partitions = named().filter_map(of);
    if let Some((first, partition)) = partitions.next()
        && let Some((second, other)) = partitions.find(|(_, other)| *other != partition)
    {
        let message = format!("{first} is in partition {partition}, and {second} in {other}");
        let help = "an account is in one partition: scan one after the other";
        problems.push(flag(FLAG, message).with_help(help));
    }
    problems
}

fn flag(name: &str, message: String) -> Problem {
    Problem::new(name, Pos { line: 1, column: 1 }, message)
}

fn near(region: &str) -> Option<String> {
    let near = suggest(region, all_regions())?;
    Some(format!("did you mean `{near}`?"))
}

/// Refuses one region that does not exist.
///
/// # Errors
/// That, with what may have been meant.
pub fn one_region(region: &str) -> Result<(), String> {
    if is_plausible(region) {
        return Ok(());
    }
    let help = near(region).map_or(String::new(), |near| format!("\n  help: {near}"));
    Err(format!("there is no region `{region}`{help}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(named: &[&str]) -> Vec<String> {
        let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
        region_problems(&named)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn regions_have_to_exist_and_to_fit_together() {
        assert!(problems(&["enabled"]).is_empty());
        assert!(problems(&["eu-west-1", "us-east-1", "eu-east-9"]).is_empty());
        let misspelt = problems(&["us-eats-1", "eu-wset-1", "eu-west-1"]);
        assert_eq!(misspelt.len(), 2, "{misspelt:?}");
        assert!(misspelt[0].contains("there is no region `us-eats-1`"));
        assert!(misspelt[0].contains("did you mean `us-east-1`?"));
        let mixed = problems(&["eu-west-1", "cn-north-1"]);
        assert!(mixed[0].contains("eu-west-1 is in partition aws, and cn-north-1 in aws-cn"));
    }
}
