//! Sets of callers, and the condition keys and values of their requests.

use super::keys::Class;

/// An answer with three values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applies {
    /// Certainly not.
    No,
    /// The policy alone does not decide it.
    Perhaps,
    /// Certainly.
    Yes,
}

impl Applies {
    /// The opposite.
    #[must_use]
    pub fn inverse(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Perhaps => Self::Perhaps,
            Self::Yes => Self::No,
        }
    }
}

impl From<bool> for Applies {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// The set of callers that a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller<'a> {
    /// The principals on whose behalf the request is made.
    pub who: CallerScope<'a>,
    /// The AWS service that calls on their behalf, `*` for any; `None` if they call directly.
    pub service: Option<&'a str>,
    /// The account that owns the resource.
    pub owner: &'a str,
    /// Condition keys, in lower case, whose value in the request is known; `None` if the request does
    /// not have the key.
    pub known: &'a [(&'a str, Option<&'a str>)],
}

/// The principals on whose behalf a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerScope<'a> {
    /// Anyone: of any account, or of none.
    Stranger,
    /// Principals of this account.
    Account(&'a str),
    /// Principals of this organization, by its id.
    Member(&'a str),
    /// Every caller, including principals of the account itself and AWS services.
    Everyone,
}

/// Whether the requests of a caller have a condition key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Never,
    Sometimes,
    Always,
}

/// Whether some callers have a matching value, and whether all do.
#[derive(Clone, Copy)]
pub(super) struct ValueMatch {
    pub(super) some: Applies,
    pub(super) all: Applies,
}

impl ValueMatch {
    pub(super) const CALLER_CHOOSES: Self = Self {
        some: Applies::Yes,
        all: Applies::No,
    };
    pub(super) const UNKNOWN: Self = Self {
        some: Applies::Perhaps,
        all: Applies::Perhaps,
    };

    pub(super) fn exactly(yes: bool) -> Self {
        let yes = yes.into();
        Self {
            some: yes,
            all: yes,
        }
    }

    /// For keys of which a caller has at most one value: never all callers match.
    pub(super) fn some(yes: bool) -> Self {
        Self {
            some: yes.into(),
            all: Applies::No,
        }
    }
}

impl<'a> Caller<'a> {
    /// Anyone who calls directly.
    #[must_use]
    pub fn stranger(owner: &'a str) -> Self {
        Self {
            who: CallerScope::Stranger,
            service: None,
            owner,
            known: &[],
        }
    }

    /// The same callers, through a service.
    #[must_use]
    pub fn through(self, service: &'a str) -> Self {
        Self {
            service: Some(service),
            ..self
        }
    }

    /// The same, for other principals.
    #[must_use]
    pub fn of(self, who: CallerScope<'a>) -> Self {
        Self { who, ..self }
    }

    /// The same, with known condition keys.
    #[must_use]
    pub fn knowing(self, known: &'a [(&'a str, Option<&'a str>)]) -> Self {
        Self { known, ..self }
    }

    /// Whether the callers are known: a condition on their network can then be met.
    pub(super) fn is_someone(&self) -> bool {
        self.who != CallerScope::Stranger
    }

    pub(super) fn presence(&self, class: Class) -> Presence {
        let through = self.service.is_some();
        match class {
            _ if self.who == CallerScope::Everyone => Presence::Sometimes,
            // Services that call with their own principal have neither an account nor a network.
            Class::Account
            | Class::PrincipalArn
            | Class::UserId
            | Class::Organization
            | Class::Network
            | Class::Address
                if through =>
            {
                Presence::Never
            }
            // Anonymous requests have none of these.
            Class::Account | Class::PrincipalArn | Class::UserId if self.is_someone() => {
                Presence::Always
            }
            Class::Organization if matches!(self.who, CallerScope::Member(_)) => Presence::Always,
            Class::SourceAccount | Class::SourceOrganization | Class::ServiceName if !through => {
                Presence::Never
            }
            Class::ByService
            | Class::OwnAccount
            | Class::Clock
            | Class::ServiceName
            | Class::FunctionUrl => Presence::Always,
            _ => Presence::Sometimes,
        }
    }

    /// How the value of a policy variable compares with that of the callers, where that is certain.
    pub(super) fn variable(&self, class: Class, value: &str) -> ValueMatch {
        let own = match class {
            Class::Circumstance | Class::Chosen => return ValueMatch::CALLER_CHOOSES,
            Class::Account | Class::SourceAccount => "${aws:resourceaccount}",
            Class::Organization | Class::SourceOrganization => "${aws:resourceorg",
            _ => return ValueMatch::UNKNOWN,
        };
        if !value.to_ascii_lowercase().starts_with(own) {
            return ValueMatch::UNKNOWN;
        }
        match (class, self.who) {
            (Class::Account | Class::SourceAccount, CallerScope::Account(id)) => {
                ValueMatch::exactly(id == self.owner)
            }
            (Class::Organization | Class::SourceOrganization, CallerScope::Account(_)) => {
                ValueMatch::CALLER_CHOOSES
            }
            (Class::Organization, CallerScope::Member(id)) => {
                ValueMatch::exactly(value.eq_ignore_ascii_case(id))
            }
            _ => ValueMatch::some(false),
        }
    }
}
