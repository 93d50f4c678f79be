//! What a list has named, in little memory, until the rest of it is read.

use crate::derive::Packed;
use crate::model::{Document, Kinded, Resource};

/// So many stay as they are: those of a small account are neither written nor read again.
const FEW: usize = 200;

/// Documents of one list in the order in which they came. As values, thousands of them in each of
/// twenty regions would fill the memory while they wait for what takes calls of its own.
pub(super) struct Shelf<K> {
    first: Vec<(Resource, K)>,
    rest: Packed,
}

impl<K> Default for Shelf<K> {
    fn default() -> Self {
        Self {
            first: Vec::new(),
            rest: Packed::default(),
        }
    }
}

impl<K: Kinded + Clone> Shelf<K> {
    pub(super) fn push(&mut self, (resource, own): (Resource, K)) {
        if self.first.len() < FEW {
            self.first.push((resource, own));
        } else {
            self.rest.push(&Document::new(resource, &own));
        }
    }

    /// Each as it was pushed, beyond the first some dozens of them in memory at a time.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Resource, K)> + '_ {
        let rest = self.rest.iter().map(|document| {
            let own = document.typed();
            let own = own.unwrap_or_else(|error| unreachable!("it was written here: {error}"));
            (document.resource, own)
        });
        self.first.iter().cloned().chain(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kinds::ec2::compute::Snapshot;
    use crate::model::{Cause, Gap, Part};

    /// What was not asked for, what could not be read and what was read stay three things.
    #[test]
    fn documents_come_back_as_they_were() {
        let snapshot = |number: u32| {
            let resource = Resource {
                kind: Snapshot::KIND.to_owned(),
                id: format!("snap-{number}"),
                arn: None,
                name: "a name".to_owned(),
                account: "111122223333".to_owned(),
                region: "eu-west-1".to_owned(),
                tags: Part::Gap(Gap::new("ec2:DescribeTags", Cause::Denied, "no")),
            };
            let own = Snapshot {
                state: "completed".to_owned(),
                start_time: "2026-01-02T03:04:05.678Z".parse().ok(),
                volume_id: None,
                volume_size_gib: i64::from(number),
                full_snapshot_size_bytes: Some(i64::MAX),
                encrypted: number.is_multiple_of(2),
                kms_key_id: Some("key".to_owned()),
                storage_tier: None,
                public: Part::Unread,
                fast_restore_zones: Part::Gap(Gap::new("", Cause::Failed, "x")),
                volume_exists: Part::Read(Some(false)),
                used_by_image: Part::Unread,
            };
            (resource, own)
        };
        let mut shelf = Shelf::default();
        (0..500).for_each(|number| shelf.push(snapshot(number)));
        assert!(!shelf.rest.is_empty());
        assert!(shelf.iter().eq((0..500).map(snapshot)));
    }
}
