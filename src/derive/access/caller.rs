//! Callers of whom only some things are known, and which keys and values their requests have.

use super::keys::Class;

/// Whether something is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applies {
    /// It is not.
    No,
    /// It depends on what cannot be known here.
    Perhaps,
    /// It is.
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

/// Everyone of whom something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller<'a> {
    /// On whose account the request is made.
    pub who: CallerScope<'a>,
    /// The AWS service that makes it for them, `*` for any; `None` if they make it themselves.
    pub service: Option<&'a str>,
    /// The account that owns the resource.
    pub owner: &'a str,
    /// Keys, in lower case, of which the request's value is known; `None` if it does not have them.
    pub known: &'a [(&'a str, Option<&'a str>)],
}

/// On whose account a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerScope<'a> {
    /// Whoever: of any account, or of none.
    Stranger,
    /// Principals of this account.
    Account(&'a str),
    /// Principals of this organization, by its id.
    Member(&'a str),
    /// Everyone there is, those of the account itself and AWS services included.
    Everyone,
}

/// Whether requests have a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Never,
    Sometimes,
    Always,
}

/// Whether some of the callers have a value, and whether all do.
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

    /// For values of which each caller has one at most: some do, and not all of them.
    pub(super) fn some(yes: bool) -> Self {
        Self {
            some: yes.into(),
            all: Applies::No,
        }
    }
}

impl<'a> Caller<'a> {
    /// Whoever calls themselves.
    #[must_use]
    pub fn stranger(owner: &'a str) -> Self {
        Self {
            who: CallerScope::Stranger,
            service: None,
            owner,
            known: &[],
        }
    }

    /// The same, through a service.
    #[must_use]
    pub fn through(self, service: &'a str) -> Self {
        Self {
            service: Some(service),
            ..self
        }
    }

    /// The same, on someone else's account.
    #[must_use]
    pub fn of(self, who: CallerScope<'a>) -> Self {
        Self { who, ..self }
    }

    /// The same, where something of the request is known.
    #[must_use]
    pub fn knowing(self, known: &'a [(&'a str, Option<&'a str>)]) -> Self {
        Self { known, ..self }
    }

    /// Whether the policy means them: they may be where it wants them.
    pub(super) fn is_someone(&self) -> bool {
        self.who != CallerScope::Stranger
    }

    pub(super) fn presence(&self, class: Class) -> Presence {
        let through = self.service.is_some();
        match class {
            _ if self.who == CallerScope::Everyone => Presence::Sometimes,
            // Services that act as themselves have neither an account nor a network.
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
            // Someone without credentials has none of these.
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

    /// What a variable stands for, where that is plain.
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
