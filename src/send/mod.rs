//! Sends finished reports to other services.
//!
//! ```text
//! Report -> Summary -> slack -> webhook (HTTP)
//!                   -> sns
//!        -> security_hub: changes against what the hub has
//! ```
//!
//! The standing service tells of changes by the same ways, and by EventBridge and e-mail.

#[cfg(feature = "serve")]
pub mod event_bridge;
#[cfg(feature = "serve")]
pub mod mail;
pub mod security_hub;
#[cfg(feature = "serve")]
pub mod ses;
pub mod slack;
pub mod sns;
pub mod summary;
pub mod webhook;

pub use summary::Summary;
pub(crate) use summary::plural;

#[cfg(test)]
mod tests {
    use crate::report::{self, Report};

    /// Hostile resource names.
    pub(super) const HOSTILE: &str =
        "<!channel> @here *b* _i_ ~s~ `c` \u{1b}[31mred\u{202e}& <https://evil|ok>\nSubject: x";

    /// The golden report of the report's own tests.
    pub(super) fn report() -> Report {
        let golden = include_str!("../report/snapshots/sixpillars__report__tests__json.snap");
        let (_, json) = golden.split_once("\n---\n").unwrap();
        report::read(json).unwrap()
    }

    /// The same with hostile text in every field that a message uses.
    pub(super) fn hostile() -> Report {
        let mut report = report();
        for check in &mut report.checks {
            check.id.push_str(HOSTILE);
            check.title = HOSTILE.to_owned();
        }
        for gap in &mut report.gaps {
            gap.action.push_str(HOSTILE);
        }
        for notice in &mut report.problems {
            notice.message = HOSTILE.to_owned();
        }
        report.scan.accounts[0].alias = Some(HOSTILE.to_owned());
        report
    }
}
