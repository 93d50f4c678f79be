//! A compact list of resources that wait until their parts are read.

use crate::derive::CompressedDocuments;
use crate::model::{Document, Resource, TypedDocument};
use either::Either;

/// Up to this number stay as values, so that a small account needs no compression.
const FEW: usize = 200;

/// Documents of one list, in order. As plain values, thousands of them in each of twenty regions
/// would fill the memory while they wait for calls per resource.
pub(super) enum CompactList<K> {
    /// No more than a few.
    Few(Vec<(Resource, K)>),
    /// All of many.
    Many(CompressedDocuments),
}

impl<K> Default for CompactList<K> {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl<K: TypedDocument + Clone> CompactList<K> {
    pub(super) fn push(&mut self, one: (Resource, K)) {
        match self {
            Self::Few(few) if few.len() < FEW => few.push(one),
            Self::Few(few) => {
                let mut compressed = CompressedDocuments::default();
                for (resource, own) in few.drain(..).chain([one]) {
                    compressed.push(&Document::new(resource, &own));
                }
                *self = Self::Many(compressed);
            }
            Self::Many(compressed) => compressed.push(&Document::new(one.0, &one.1)),
        }
    }

    /// Each as it was pushed. Of a compressed list, only some dozens are in memory at a time.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Resource, K)> + '_ {
        match self {
            Self::Few(few) => Either::Left(few.iter().cloned()),
            Self::Many(compressed) => Either::Right(compressed.iter().map(|document| {
                let own = document.typed();
                let own = own.unwrap_or_else(|error| unreachable!("it was written here: {error}"));
                (document.resource, own)
            })),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::kinds::ec2::compute::Snapshot;
    use crate::model::{Cause, Gap, Part};

    pub(in crate::collect) fn snapshot(number: u32) -> (Resource, Snapshot) {
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
    }

    /// Unread, failed and read parts stay distinct.
    #[test]
    fn documents_come_back_as_they_were() {
        for (many, are_packed) in [(FEW, false), (FEW + 1, true), (3 * FEW, true)] {
            let many = u32::try_from(many).unwrap();
            let mut list = CompactList::default();
            (0..many).for_each(|number| list.push(snapshot(number)));
            assert_eq!(matches!(list, CompactList::Many(_)), are_packed);
            assert!(list.iter().eq((0..many).map(snapshot)));
        }
    }
}
