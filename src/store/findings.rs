//! The current findings: filtered, sorted and paged by the database.

use super::StoreError;
use super::database::{Database, at, maybe_at};
use crate::model::{Pillar, Severity};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};
use std::fmt::Write;
use utoipa::ToSchema;

/// By what findings are sorted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// The most severe first.
    #[default]
    Severity,
    /// What changed last first.
    Since,
    /// By check.
    Check,
    /// By resource.
    Resource,
}

impl Sort {
    fn column(self) -> &'static str {
        match self {
            Self::Severity => "severity",
            Self::Since => "since",
            Self::Check => "check_id",
            Self::Resource => "resource",
        }
    }

    /// Whether the greatest is first.
    fn descends(self) -> bool {
        matches!(self, Self::Severity | Self::Since)
    }
}

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct After {
    /// By what the page is sorted.
    pub sort: Sort,
    number: Option<i64>,
    text: Option<String>,
    target: String,
    id: String,
}

/// Which findings.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of these targets; all where the list is empty.
    pub targets: Vec<String>,
    /// Of these accounts.
    pub accounts: Vec<String>,
    /// Of these regions.
    pub regions: Vec<String>,
    /// Of these pillars.
    pub pillars: Vec<Pillar>,
    /// Of these severities.
    pub severities: Vec<Severity>,
    /// With these verdicts, `gone` among them; all but that where the list is empty.
    pub verdicts: Vec<String>,
    /// Of these services.
    pub services: Vec<String>,
    /// Of these kinds.
    pub kinds: Vec<String>,
    /// Of these checks.
    pub checks: Vec<String>,
    /// With this text in the resource's id or name, the title or what the check says.
    pub text: Option<String>,
}

/// One finding as it is now.
#[derive(Debug, Clone, PartialEq)]
#[allow(
    missing_docs,
    reason = "the columns, which the table's definition explains"
)]
pub struct FindingRow {
    pub target: String,
    pub id: String,
    pub check: String,
    pub pillar: String,
    pub severity: Severity,
    pub verdict: String,
    pub account: String,
    pub region: String,
    pub kind: String,
    pub resource: String,
    pub name: String,
    pub title: String,
    pub say: String,
    pub first_seen: Timestamp,
    pub first_run: String,
    pub since: Timestamp,
    pub since_run: String,
    pub last_seen: Timestamp,
    pub last_run: String,
    pub failing_since: Option<Timestamp>,
}

/// A condition with what it is bound to.
struct Conditions {
    sql: String,
    values: Vec<Bound>,
}

enum Bound {
    Number(i64),
    Text(String),
}

impl Conditions {
    fn of(filter: &Filter) -> Self {
        let mut all = Self {
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
        if let Some(text) = &filter.text {
            let pattern = like(&text.to_lowercase());
            let mut any = Vec::new();
            for column in ["f.resource", "f.name", "f.title", "f.say", "f.check_id"] {
                all.values.push(Bound::Text(pattern.clone()));
                any.push(format!(
                    "LOWER({column}) LIKE ${} ESCAPE '!'",
                    all.values.len()
                ));
            }
            let _ = write!(all.sql, " AND ({})", any.join(" OR "));
        }
        all
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

    fn after(&mut self, after: &After, sort: Sort) {
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

/// A pattern that takes every character literally.
fn like(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// A finding that its checks still judge was last seen when they last judged its target.
const COLUMNS: &str = "SELECT f.target, f.id, f.check_id, f.pillar, f.severity, f.verdict, f.account, \
     f.region, f.kind, f.resource, f.name, f.title, f.say, f.first_seen, f.first_run, f.since, \
     f.since_run, f.failing_since, \
     CASE WHEN f.verdict = 'gone' THEN f.since ELSE COALESCE(f.last_seen, j.at, f.since) END AS seen, \
     CASE WHEN f.verdict = 'gone' THEN f.since_run \
          ELSE COALESCE(f.last_run, j.run, f.since_run) END AS seen_run \
     FROM findings f LEFT JOIN judged j ON j.target = f.target AND j.check_id = f.check_id";

impl Database {
    /// One page of findings, and where the next begins if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn findings(
        &self,
        filter: &Filter,
        sort: Sort,
        after: Option<&After>,
        limit: usize,
    ) -> Result<(Vec<FindingRow>, Option<After>), StoreError> {
        let mut conditions = Conditions::of(filter);
        if let Some(after) = after {
            conditions.after(after, sort);
        }
        let direction = if sort.descends() { "DESC" } else { "ASC" };
        let sql = format!(
            "{COLUMNS}{} ORDER BY f.{} {direction}, f.target {direction}, f.id {direction} LIMIT {}",
            conditions.sql,
            sort.column(),
            limit + 1
        );
        let rows = fetch(self, sql, conditions.values).await?;
        let mut found: Vec<FindingRow> =
            rows.iter().map(FindingRow::of).collect::<Result<_, _>>()?;
        let more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| more).map(|last| After {
            sort,
            number: match sort {
                Sort::Severity => Some(last.severity as i64),
                Sort::Since => Some(last.since.as_millisecond()),
                Sort::Check | Sort::Resource => None,
            },
            text: match sort {
                Sort::Check => Some(last.check.clone()),
                Sort::Resource => Some(last.resource.clone()),
                Sort::Severity | Sort::Since => None,
            },
            target: last.target.clone(),
            id: last.id.clone(),
        });
        Ok((found, last))
    }

    /// How many findings there are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_findings(&self, filter: &Filter) -> Result<i64, StoreError> {
        let conditions = Conditions::of(filter);
        let sql = format!("SELECT COUNT(*) FROM findings f{}", conditions.sql);
        let rows = fetch(self, sql, conditions.values).await?;
        rows.first().map_or(Ok(0), |row| Ok(row.try_get(0)?))
    }

    /// One finding.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finding(&self, target: &str, id: &str) -> Result<Option<FindingRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE f.target = $1 AND f.id = $2");
        let values = vec![Bound::Text(target.to_owned()), Bound::Text(id.to_owned())];
        let rows = fetch(self, sql, values).await?;
        rows.first().map(FindingRow::of).transpose()
    }

    /// Failing and undecided findings by target, pillar, severity and verdict, for metrics.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finding_counts(
        &self,
    ) -> Result<Vec<(String, String, Severity, String, i64)>, StoreError> {
        let rows = sqlx::query(
            "SELECT target, pillar, severity, verdict, COUNT(*) AS findings FROM findings \
             WHERE verdict IN ('fail', 'unknown') GROUP BY target, pillar, severity, verdict \
             ORDER BY target, pillar, severity, verdict",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok((
                    row.try_get("target")?,
                    row.try_get("pillar")?,
                    severity(row.try_get("severity")?)?,
                    row.try_get("verdict")?,
                    row.try_get("findings")?,
                ))
            })
            .collect()
    }
}

async fn fetch(
    database: &Database,
    sql: String,
    values: Vec<Bound>,
) -> Result<Vec<AnyRow>, StoreError> {
    // Only names of columns and numbered places are put together; every value is bound.
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for value in values {
        query = match value {
            Bound::Number(number) => query.bind(number),
            Bound::Text(text) => query.bind(text),
        };
    }
    Ok(query.fetch_all(&database.pool).await?)
}

impl FindingRow {
    fn of(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            target: row.try_get("target")?,
            id: row.try_get("id")?,
            check: row.try_get("check_id")?,
            pillar: row.try_get("pillar")?,
            severity: severity(row.try_get("severity")?)?,
            verdict: row.try_get("verdict")?,
            account: row.try_get("account")?,
            region: row.try_get("region")?,
            kind: row.try_get("kind")?,
            resource: row.try_get("resource")?,
            name: row.try_get("name")?,
            title: row.try_get("title")?,
            say: row.try_get("say")?,
            first_seen: at(row.try_get("first_seen")?)?,
            first_run: row.try_get("first_run")?,
            since: at(row.try_get("since")?)?,
            since_run: row.try_get("since_run")?,
            last_seen: at(row.try_get("seen")?)?,
            last_run: row.try_get("seen_run")?,
            failing_since: maybe_at(row.try_get("failing_since")?)?,
        })
    }
}

/// A stored severity.
pub(super) fn severity(number: i64) -> Result<Severity, StoreError> {
    let all = Severity::ALL.into_iter();
    let mut found = all.filter(|severity| *severity as i64 == number);
    found
        .next()
        .ok_or_else(|| StoreError::Form(format!("severity {number}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_searched_for_is_taken_literally() {
        assert_eq!(like("100%_!"), "%100!%!_!!%");
    }
}
