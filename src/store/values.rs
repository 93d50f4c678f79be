//! Which values the current findings have, for those who filter them.

use super::StoreError;
use super::database::Database;
use sqlx::{AssertSqlSafe, Row};

/// Values of a column that are told at most.
const MOST: usize = 1_000;

/// Which values the current findings have, each list sorted and cut after a thousand.
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
}

impl Database {
    /// Which values the findings of some targets have; of all where the list is empty.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finding_values(&self, targets: &[String]) -> Result<FindingValues, StoreError> {
        Ok(FindingValues {
            accounts: self.distinct("account", targets).await?,
            regions: self.distinct("region", targets).await?,
            services: self.distinct("service", targets).await?,
            kinds: self.distinct("kind", targets).await?,
            checks: self.distinct("check_id", targets).await?,
        })
    }

    async fn distinct(
        &self,
        column: &'static str,
        targets: &[String],
    ) -> Result<Vec<String>, StoreError> {
        let places: Vec<String> = (1..=targets.len()).map(|at| format!("${at}")).collect();
        let of = if targets.is_empty() {
            String::new()
        } else {
            format!(" WHERE target IN ({})", places.join(", "))
        };
        // Only names of columns and numbered places are put together; every value is bound.
        let mut query = sqlx::query(AssertSqlSafe(format!(
            "SELECT DISTINCT {column} FROM findings{of} ORDER BY {column} LIMIT {MOST}"
        )));
        for target in targets {
            query = query.bind(target.clone());
        }
        let rows = query.fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}
