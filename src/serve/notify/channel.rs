//! A channel: who is notified, how, when and of what.

use super::file::ChangeFile;
use super::timing::Timing;
use crate::aws::session::Login;
use crate::aws::session_policy::SessionPolicy;
use crate::model::{Call, Pillar, Severity};
use crate::send::event_bridge::Bus;
use crate::send::mail::{Envelope, Smtp};
use crate::send::sns::Topic;
use std::collections::BTreeSet;
use std::fmt;

/// Who is notified, of what and when. An empty list does not restrict it.
#[derive(Debug, Clone)]
pub struct Channel {
    pub(in crate::serve) kind: Kind,
    pub(in crate::serve) severity: Option<Severity>,
    pub(in crate::serve) pillars: Vec<Pillar>,
    pub(in crate::serve) targets: Vec<String>,
    pub(in crate::serve) owners: Vec<String>,
    pub(in crate::serve) changes: Vec<ChangeFile>,
    pub(in crate::serve) timing: Timing,
    pub(in crate::serve) allow_private: bool,
}

/// Where a message goes. Addresses of webhooks are secrets.
#[derive(Clone)]
pub(in crate::serve) enum Kind {
    Webhook {
        address: String,
        secret: String,
    },
    Slack {
        address: String,
    },
    Sns {
        topic: Topic,
        access: Access,
    },
    EventBridge {
        bus: Bus,
        access: Access,
    },
    Smtp {
        envelope: Envelope,
        server: Smtp,
    },
    Ses {
        envelope: Envelope,
        region: String,
        access: Access,
    },
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Webhook { .. } => "Webhook",
            Self::Slack { .. } => "Slack",
            Self::Sns { .. } => "Sns",
            Self::EventBridge { .. } => "EventBridge",
            Self::Smtp { .. } => "Smtp",
            Self::Ses { .. } => "Ses",
        })
    }
}

/// Whose credentials send: the service's own, or those of a role that they assume.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::serve) struct Access {
    pub(in crate::serve) role: Option<String>,
    pub(in crate::serve) external_id: Option<String>,
}

impl Access {
    /// A login for one call. An assumed role may only make this call.
    pub(in crate::serve) fn login(&self, call: &Call) -> Login {
        Login {
            role_arn: self.role.clone(),
            external_id: self.external_id.clone(),
            session_policy: self
                .role
                .as_ref()
                .map(|_| SessionPolicy::of(&BTreeSet::from([call.action]))),
            ..Login::default()
        }
    }
}
