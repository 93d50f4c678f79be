//! Which members of an answer are kept: the others are skipped while it is read.

use std::collections::BTreeMap;

/// The members that are read, by the API's names. A projection of a list or map applies to each of its
/// items: one of `Reservations` to each reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Projection {
    /// Everything.
    All,
    /// These members, each with its own projection.
    Members(BTreeMap<String, Projection>),
}

impl Projection {
    /// An empty projection; [`Projection::keep`] adds members.
    #[must_use]
    pub fn none() -> Self {
        Self::Members(BTreeMap::new())
    }

    /// The members at these dotted paths with everything below them: `Table.SSEDescription.Status`.
    #[must_use]
    pub fn of<'p>(paths: impl IntoIterator<Item = &'p str>) -> Self {
        let mut projection = Self::none();
        for path in paths {
            projection.keep(path.split('.'));
        }
        projection
    }

    /// Keeps the member at a path, with everything below it.
    pub fn keep<'m>(&mut self, path: impl IntoIterator<Item = &'m str>) {
        let mut path = path.into_iter();
        match (path.next(), &mut *self) {
            (None, _) => *self = Self::All,
            (Some(_), Self::All) => {}
            (Some(name), Self::Members(members)) => members
                .entry(name.to_owned())
                .or_insert_with(Self::none)
                .keep(path.collect::<Vec<_>>()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wider_of_two_paths_decides() {
        let of = |paths: &[&str]| Projection::of(paths.iter().copied());
        assert_eq!(of(&["A.B", "A"]), of(&["A"]));
        assert_eq!(of(&["A", "A.B"]), of(&["A"]));
        assert_ne!(of(&["A.B", "A.C"]), of(&["A"]));
        let mut all = Projection::All;
        all.keep(["A"]);
        assert_eq!(all, Projection::All);
    }
}
