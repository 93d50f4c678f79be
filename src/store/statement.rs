//! Pieces of statements, as each database writes them.

/// The SQL of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// SQLite's.
    Sqlite,
    /// PostgreSQL's.
    Postgres,
}

impl Dialect {
    /// Placeholders for values: `$1`, `$2`, `$3`.
    ///
    /// On SQLite they are plain question marks, which it numbers itself. It looks a numbered one up among all
    /// before it, which made statements of 100 rows take minutes. A statement with these placeholders must
    /// not have others.
    pub(super) fn places(self, values: usize) -> Vec<String> {
        let place = |number: usize| match self {
            Self::Sqlite => "?".to_owned(),
            Self::Postgres => format!("${number}"),
        };
        (1..=values).map(place).collect()
    }

    /// Placeholders for rows: `($1, $2), ($3, $4)`.
    pub(super) fn rows(self, rows: usize, columns: usize) -> String {
        let places = self.places(rows * columns);
        let rows = places.chunks(columns);
        let rows = rows.map(|row| format!("({})", row.join(", ")));
        rows.collect::<Vec<_>>().join(", ")
    }

    /// The condition that a text contains another one exactly as it is.
    pub(super) fn contains(self, text: &str, part: &str) -> String {
        let function = match self {
            Self::Sqlite => "instr",
            Self::Postgres => "strpos",
        };
        format!("{function}({text}, {part}) > 0")
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect::{Postgres, Sqlite};

    #[test]
    fn places_are_written_as_the_database_has_them() {
        assert_eq!(Postgres.rows(2, 2), "($1, $2), ($3, $4)");
        assert_eq!(Sqlite.rows(2, 2), "(?, ?), (?, ?)");
        assert_eq!(Postgres.places(2), ["$1", "$2"]);
        assert_eq!(Postgres.rows(0, 2), "");
    }
}
