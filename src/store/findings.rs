//! The current findings: filtered, sorted and paged by the database.

use super::StoreError;
use super::conditions::{Bound, Conditions};
use super::database::{Database, at, maybe_at};
use super::filter::{After, Filter, Sort};
use crate::model::Severity;
use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

/// One page of findings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FoundPage {
    /// What is on it.
    pub rows: Vec<FindingRow>,
    /// Where the next one begins, if there is one.
    pub next: Option<After>,
    /// How many findings there are on all pages. Only the first page has it.
    pub total: Option<i64>,
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

/// `last_seen` is only stored for a finding that a later run could not read. Any other was last seen when
/// its check last judged the target.
const COLUMNS: &str = "f.target, f.id, f.check_id, f.pillar, f.severity, f.verdict, f.account, \
     f.region, f.kind, f.resource, f.name, f.title, f.say, f.first_seen, f.first_run, f.since, \
     f.since_run, f.failing_since, \
     CASE WHEN f.verdict = 'gone' THEN f.since ELSE COALESCE(f.last_seen, j.at, f.since) END AS seen, \
     CASE WHEN f.verdict = 'gone' THEN f.since_run \
          ELSE COALESCE(f.last_run, j.run, f.since_run) END AS seen_run";
const JUDGED: &str = "LEFT JOIN judged j ON j.target = f.target AND j.check_id = f.check_id";

impl Database {
    /// One page of findings. Only the first one has a total.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn findings(
        &self,
        filter: &Filter,
        sort: Sort,
        after: Option<&After>,
        limit: usize,
    ) -> Result<FoundPage, StoreError> {
        let at_once = after.is_none() && filter.looks_into_all();
        let mut conditions = Conditions::of(filter, self.dialect());
        if let Some(after) = after {
            conditions.after(after, sort);
        }
        let sql = page(&conditions.sql, sort, limit + 1, at_once);
        let rows = fetch(self, sql, conditions.values).await?;
        let mut found: Vec<FindingRow> =
            rows.iter().map(FindingRow::of).collect::<Result<_, _>>()?;
        let total = match rows.first() {
            _ if after.is_some() => None,
            Some(row) if at_once => Some(row.try_get("total")?),
            None => Some(0),
            Some(_) => Some(self.count_findings(filter).await?),
        };
        let more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| more);
        Ok(FoundPage {
            next: last.map(|last| After::row(last, sort)),
            rows: found,
            total,
        })
    }

    /// How many findings there are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_findings(&self, filter: &Filter) -> Result<i64, StoreError> {
        let conditions = Conditions::of(filter, self.dialect());
        let sql = format!("SELECT COUNT(*) FROM findings f{}", conditions.sql);
        let rows = fetch(self, sql, conditions.values).await?;
        rows.first().map_or(Ok(0), |row| Ok(row.try_get(0)?))
    }

    /// One finding.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finding(&self, target: &str, id: &str) -> Result<Option<FindingRow>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM findings f {JUDGED} WHERE f.target = $1 AND f.id = $2");
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

/// The statement for a page. With `at_once`, one scan of all findings gives the page and, in each row, the
/// total.
fn page(conditions: &str, sort: Sort, rows: usize, at_once: bool) -> String {
    let (column, direction) = (sort.column(), if sort.descends() { "DESC" } else { "ASC" });
    let order = |table: &str| {
        let columns = [column, "target", "id"].map(|name| format!("{table}.{name} {direction}"));
        columns.join(", ")
    };
    if !at_once {
        return format!(
            "SELECT {COLUMNS} FROM findings f {JUDGED}{conditions} ORDER BY {} LIMIT {rows}",
            order("f")
        );
    }
    format!(
        "WITH hits AS MATERIALIZED (SELECT f.target, f.id, f.{column} FROM findings f{conditions}), \
         page AS MATERIALIZED (SELECT h.target, h.id FROM hits h ORDER BY {} LIMIT {rows}) \
         SELECT {COLUMNS}, (SELECT COUNT(*) FROM hits) AS total FROM page p \
         JOIN findings f ON f.target = p.target AND f.id = p.id {JUDGED} ORDER BY {}",
        order("h"),
        order("f")
    )
}

impl After {
    /// The cursor after the last finding of a page.
    fn row(last: &FindingRow, sort: Sort) -> Self {
        Self {
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
        }
    }
}

async fn fetch(
    database: &Database,
    sql: String,
    values: Vec<Bound>,
) -> Result<Vec<AnyRow>, StoreError> {
    // Only names of columns and numbered placeholders are concatenated; every value is bound.
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
        .ok_or_else(|| StoreError::Malformed(format!("severity {number}")))
}
