//! The values of the current findings, which filters offer.

use super::StoreError;
use super::database::Database;
use super::texts::values;
use futures::StreamExt;
use sqlx::{AssertSqlSafe, Row};
use std::collections::BTreeSet;

/// The most values of a column that are returned.
const MOST: usize = 1_000;
/// The most combinations of values that are read. It bounds the memory for tags that differ in every
/// resource.
const COMBINATIONS: usize = 200_000;

/// The values of the current findings, each list sorted and cut after a thousand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingValues {
    /// Accounts.
    pub accounts: Vec<String>,
    /// Regions.
    pub regions: Vec<String>,
    /// Services.
    pub services: Vec<String>,
    /// Kinds of resources.
    pub kinds: Vec<String>,
    /// Checks.
    pub checks: Vec<String>,
    /// Tags of resources, `key=value`.
    pub tags: Vec<String>,
    /// Best practices of the checks.
    pub practices: Vec<String>,
    /// Tools and standards that the checks are in, without ids.
    pub frameworks: Vec<String>,
}

impl Database {
    /// The values of the findings of some targets; of all targets if the list is empty.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finding_values(&self, targets: &[String]) -> Result<FindingValues, StoreError> {
        // These columns have few combinations, so one query reads them all.
        let all = ["account", "region", "service", "kind", "check_id"];
        let [accounts, regions, services, kinds, checks] =
            self.distinct("findings", all, targets).await?;
        let [tags] = self.distinct("findings", ["tags"], targets).await?;
        let [practices, frameworks] = self
            .distinct("judged", ["practices", "frameworks"], targets)
            .await?;
        Ok(FindingValues {
            accounts: cut(accounts),
            regions: cut(regions),
            services: cut(services),
            kinds: cut(kinds),
            checks: cut(checks),
            tags: cut(listed(&tags)),
            practices: cut(listed(&practices)),
            // Names have no spaces; a name and an id have one between them.
            frameworks: cut(listed(&frameworks).filter(|name| !name.contains(' '))),
        })
    }

    /// The values of some columns.
    async fn distinct<const N: usize>(
        &self,
        table: &'static str,
        columns: [&'static str; N],
        targets: &[String],
    ) -> Result<[BTreeSet<String>; N], StoreError> {
        let of = if targets.is_empty() {
            String::new()
        } else {
            let places = self.dialect().places(targets.len());
            format!(" WHERE target IN ({})", places.join(", "))
        };
        // Only names of tables and columns and placeholders are concatenated; every value is bound.
        let columns = columns.join(", ");
        let sql = format!("SELECT DISTINCT {columns} FROM {table}{of} LIMIT {COMBINATIONS}");
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for target in targets {
            query = query.bind(target.clone());
        }
        let mut rows = query.fetch(&self.pool);
        let mut found = std::array::from_fn(|_| BTreeSet::new());
        while let Some(row) = rows.next().await {
            let row = row?;
            for (column, values) in found.iter_mut().enumerate() {
                let value: Option<&str> = row.try_get(column)?;
                if let Some(value) = value.filter(|value| !values.contains(*value)) {
                    values.insert(value.to_owned());
                }
            }
        }
        Ok(found)
    }
}

/// The values of lists.
fn listed(lists: &BTreeSet<String>) -> impl Iterator<Item = String> {
    let all: BTreeSet<&str> = lists.iter().flat_map(|list| values(list)).collect();
    all.into_iter().map(ToOwned::to_owned)
}

fn cut(values: impl IntoIterator<Item = String>) -> Vec<String> {
    values.into_iter().take(MOST).collect()
}
