//! Which callers the principals of a statement match.

use super::caller::{Applies, Caller, CallerScope};
use super::document::{Effect, Principal, Set, Statement};

/// Whether a statement allows anything to some of the callers.
pub(super) fn allows_some(statement: &Statement, caller: &Caller<'_>) -> Applies {
    if statement.effect == Effect::Deny {
        return Applies::No;
    }
    let held = statement.conditions.iter().map(|c| c.can_hold(caller));
    held.chain([names_some(statement, caller)])
        .min()
        .unwrap_or(Applies::No)
}

/// Whether the principals of a statement include some of the callers.
pub(super) fn names_some(statement: &Statement, caller: &Caller<'_>) -> Applies {
    let named = match &statement.principals {
        Some(Set::These(principals)) => principals.iter().any(|principal| match principal {
            Principal::Anyone => true,
            Principal::Aws(who) => {
                caller.service.is_none() && is_account(caller, |id| account_of(who) == Some(id))
            }
            Principal::Service(name) => caller.service == Some(name.as_str()),
            Principal::Federated(_) | Principal::Other(..) => false,
        }),
        Some(Set::AllBut(spared)) => !spared.iter().any(|principal| is_all_of(principal, caller)),
        None => false,
    };
    named.into()
}

/// Whether the principals of a statement include all callers.
pub(super) fn names_all(statement: &Statement, caller: &Caller<'_>) -> Applies {
    let named = match &statement.principals {
        Some(Set::These(principals)) => principals.iter().any(|p| is_all_of(p, caller)),
        // A denial with `NotPrincipal` spares the principals that it names.
        Some(Set::AllBut(spared)) => !spared.iter().any(|principal| match principal {
            Principal::Anyone => true,
            Principal::Service(name) => {
                caller
                    .service
                    .is_some_and(|s| s == name.as_str() || s == "*")
                    || caller.who == CallerScope::Everyone
            }
            Principal::Aws(who) => {
                caller.who == CallerScope::Everyone
                    || is_account(caller, |id| account_of(who) == Some(id))
            }
            Principal::Federated(_) | Principal::Other(..) => caller.who == CallerScope::Everyone,
        }),
        None => false,
    };
    named.into()
}

/// Whether a principal includes all callers.
pub(super) fn is_all_of(principal: &Principal, caller: &Caller<'_>) -> bool {
    match principal {
        Principal::Anyone => true,
        Principal::Aws(who) => {
            let is_account_itself = is_digits(who) || who.ends_with(":root");
            is_account_itself
                && caller.service.is_none()
                && is_account(caller, |id| account_of(who) == Some(id))
        }
        Principal::Service(name) => caller.service == Some(name.as_str()),
        Principal::Federated(_) | Principal::Other(..) => false,
    }
}

pub(super) fn is_account(caller: &Caller<'_>, test: impl Fn(&str) -> bool) -> bool {
    matches!(caller.who, CallerScope::Account(id) if test(id))
}

/// The account of a principal or source, from its ARN or its account id. `None` for the unique id that
/// AWS shows in place of a deleted principal, which nobody can use any more.
pub(super) fn account_of(principal: &str) -> Option<&str> {
    let account = if principal.starts_with("arn:") {
        principal.split(':').nth(4)?
    } else {
        principal
    };
    is_digits(account).then_some(account)
}

pub(super) fn is_digits(account: &str) -> bool {
    account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit())
}
