//! The `WHERE` clause of a statement about findings.

use super::filter::{After, Filter, Sort};
use super::statement::Dialect;
use super::texts::listed;
use std::fmt::Write;

/// A `WHERE` clause, and the values to bind.
pub(super) struct Conditions {
    dialect: Dialect,
    pub(super) sql: String,
    pub(super) values: Vec<Bound>,
}

pub(super) enum Bound {
    Number(i64),
    Text(String),
}

impl Conditions {
    /// The conditions of a filter.
    pub(super) fn of(filter: &Filter, dialect: Dialect) -> Self {
        let mut all = Self {
            dialect,
            sql: " WHERE 1 = 1".to_owned(),
            values: Vec::new(),
        };
        all.one_of("f.target", &filter.targets);
        all.one_of("f.account", &filter.accounts);
        all.one_of("f.region", &filter.regions);
        let pillars: Vec<String> = filter.pillars.iter().map(|p| p.id().to_owned()).collect();
        all.one_of("f.pillar", &pillars);
        if filter.verdicts.is_empty() {
            all.sql.push_str(" AND f.verdict <> 'gone'");
        }
        all.one_of("f.verdict", &filter.verdicts);
        all.one_of("f.service", &filter.services);
        all.one_of("f.kind", &filter.kinds);
        all.one_of("f.check_id", &filter.checks);
        let severities = filter.severities.iter().map(|severity| *severity as i64);
        all.clause("f.severity", severities.map(Bound::Number).collect());
        all.any_listed("f.tags", &filter.tags);
        let efforts = filter.efforts.iter().map(|effort| effort.id().to_owned());
        for (column, values) in [
            ("practices", &filter.practices),
            ("frameworks", &filter.frameworks),
            ("effort", &efforts.collect()),
        ] {
            all.of_checks(column, values);
        }
        if let Some(text) = &filter.text {
            let place = all.place(Bound::Text(text.to_lowercase()));
            let (own, of_check) = (
                dialect.contains("f.words", &place),
                dialect.contains("words", &place),
            );
            let _ = write!(
                all.sql,
                " AND ({own} OR (f.target, f.check_id) IN \
                 (SELECT target, check_id FROM judged WHERE {of_check}))"
            );
        }
        all
    }

    /// Requires any of the values in a column that holds a list.
    fn any_listed(&mut self, column: &str, values: &[String]) {
        if let Some(any) = self.any(column, values) {
            let _ = write!(self.sql, " AND ({any})");
        }
    }

    /// Requires any of the values in such a column of the finding's check.
    fn of_checks(&mut self, column: &str, values: &[String]) {
        if let Some(any) = self.any(column, values) {
            let _ = write!(
                self.sql,
                " AND (f.target, f.check_id) IN (SELECT target, check_id FROM judged WHERE {any})"
            );
        }
    }

    fn any(&mut self, column: &str, values: &[String]) -> Option<String> {
        let mut any = Vec::new();
        for value in values {
            let place = self.place(Bound::Text(listed(value)));
            any.push(self.dialect.contains(column, &place));
        }
        (!any.is_empty()).then(|| any.join(" OR "))
    }

    fn one_of(&mut self, column: &str, values: &[String]) {
        self.clause(column, values.iter().cloned().map(Bound::Text).collect());
    }

    fn clause(&mut self, column: &str, values: Vec<Bound>) {
        if values.is_empty() {
            return;
        }
        let mut places = Vec::new();
        for value in values {
            places.push(self.place(value));
        }
        let _ = write!(self.sql, " AND {column} IN ({})", places.join(", "));
    }

    fn place(&mut self, value: Bound) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    /// Requires that findings come after a cursor.
    pub(super) fn after(&mut self, after: &After, sort: Sort) {
        let value = match (&after.number, &after.text) {
            (Some(number), _) => Bound::Number(*number),
            (None, text) => Bound::Text(text.clone().unwrap_or_default()),
        };
        let places = [
            self.place(value),
            self.place(Bound::Text(after.target.clone())),
            self.place(Bound::Text(after.id.clone())),
        ];
        let than = if sort.descends() { "<" } else { ">" };
        let (column, places) = (sort.column(), places.join(", "));
        let _ = write!(
            self.sql,
            " AND (f.{column}, f.target, f.id) {than} ({places})"
        );
    }
}
