//! What people decide: exemptions, which are requested and approved, and attestations.

use super::StoreError;
use super::database::{Database, at, maybe_at, ms};
use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

/// One exemption.
#[derive(Debug, Clone, PartialEq)]
#[allow(
    missing_docs,
    reason = "the columns, which the table's definition explains"
)]
pub struct ExemptionRow {
    pub id: String,
    pub target: String,
    pub finding: String,
    pub check: String,
    pub reason: String,
    pub owner: String,
    pub expires: String,
    pub state: String,
    pub requested_by: String,
    pub requested: Timestamp,
    pub decided_by: Option<String>,
    pub decided: Option<Timestamp>,
    pub comment: Option<String>,
}

/// One attestation.
#[derive(Debug, Clone, PartialEq)]
#[allow(
    missing_docs,
    reason = "the columns, which the table's definition explains"
)]
pub struct AttestationRow {
    pub id: String,
    pub target: String,
    pub practice: String,
    pub status: String,
    pub owner: String,
    pub said: String,
    pub expires: String,
    pub link: Option<String>,
    pub note: Option<String>,
    pub made_by: String,
    pub made: Timestamp,
    pub withdrawn: Option<Timestamp>,
}

impl Database {
    /// Keeps a request for an exemption.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn request_exemption(&self, row: &ExemptionRow) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO exemptions (id, target, finding, check_id, reason, owner, expires, state, \
             requested_by, requested) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(&row.id)
        .bind(&row.target)
        .bind(&row.finding)
        .bind(&row.check)
        .bind(&row.reason)
        .bind(&row.owner)
        .bind(&row.expires)
        .bind(&row.state)
        .bind(&row.requested_by)
        .bind(ms(row.requested))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Changes the state of an exemption. Returns whether its state was `from`; otherwise nothing changes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn decide_exemption(
        &self,
        id: &str,
        (from, to): (&str, &str),
        by: &str,
        comment: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE exemptions SET state = $1, decided_by = $2, decided = $3, comment = $4 \
             WHERE id = $5 AND state = $6",
        )
        .bind(to)
        .bind(by)
        .bind(ms(now))
        .bind(comment)
        .bind(id)
        .bind(from)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// One exemption.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn exemption(&self, id: &str) -> Result<Option<ExemptionRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM exemptions WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(exemption).transpose()
    }

    /// All exemptions, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn exemptions(&self) -> Result<Vec<ExemptionRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM exemptions ORDER BY id DESC")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(exemption).collect()
    }

    /// Keeps an attestation.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn attest(&self, row: &AttestationRow) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO attestations (id, target, practice, status, owner, said, expires, link, \
             note, made_by, made) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(&row.id)
        .bind(&row.target)
        .bind(&row.practice)
        .bind(&row.status)
        .bind(&row.owner)
        .bind(&row.said)
        .bind(&row.expires)
        .bind(&row.link)
        .bind(&row.note)
        .bind(&row.made_by)
        .bind(ms(row.made))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Withdraws an attestation. Returns whether there was one to withdraw.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn withdraw_attestation(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE attestations SET withdrawn = $1 WHERE id = $2 AND withdrawn IS NULL",
        )
        .bind(ms(now))
        .bind(id)
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// One attestation.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn attestation(&self, id: &str) -> Result<Option<AttestationRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM attestations WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(attestation).transpose()
    }

    /// All attestations, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn attestations(&self) -> Result<Vec<AttestationRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM attestations ORDER BY id")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(attestation).collect()
    }
}

fn exemption(row: &AnyRow) -> Result<ExemptionRow, StoreError> {
    Ok(ExemptionRow {
        id: row.try_get("id")?,
        target: row.try_get("target")?,
        finding: row.try_get("finding")?,
        check: row.try_get("check_id")?,
        reason: row.try_get("reason")?,
        owner: row.try_get("owner")?,
        expires: row.try_get("expires")?,
        state: row.try_get("state")?,
        requested_by: row.try_get("requested_by")?,
        requested: at(row.try_get("requested")?)?,
        decided_by: row.try_get("decided_by")?,
        decided: maybe_at(row.try_get("decided")?)?,
        comment: row.try_get("comment")?,
    })
}

fn attestation(row: &AnyRow) -> Result<AttestationRow, StoreError> {
    Ok(AttestationRow {
        id: row.try_get("id")?,
        target: row.try_get("target")?,
        practice: row.try_get("practice")?,
        status: row.try_get("status")?,
        owner: row.try_get("owner")?,
        said: row.try_get("said")?,
        expires: row.try_get("expires")?,
        link: row.try_get("link")?,
        note: row.try_get("note")?,
        made_by: row.try_get("made_by")?,
        made: at(row.try_get("made")?)?,
        withdrawn: maybe_at(row.try_get("withdrawn")?)?,
    })
}
