//! Tokens of the API: only their hashes are kept.

use super::database::{Database, at, maybe_at, ms};
use super::{StoreError, new_id};
use jiff::Timestamp;
use sqlx::Row;
use sqlx::any::AnyRow;

/// A token that is to be kept.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// SHA-256 of the token in hexadecimal digits.
    pub hash: String,
    /// What it may do.
    pub role: String,
    /// The targets it is for; all where the list is empty.
    pub targets: Vec<String>,
    /// Who made it.
    pub made_by: String,
    /// From when on it is invalid.
    pub expires: Timestamp,
}

/// One token.
#[derive(Debug, Clone, PartialEq)]
#[allow(
    missing_docs,
    reason = "the columns, which the table's definition explains"
)]
pub struct TokenRow {
    pub id: String,
    pub name: String,
    pub role: String,
    pub targets: Vec<String>,
    pub made_by: String,
    pub made: Timestamp,
    pub expires: Timestamp,
    pub revoked: Option<Timestamp>,
}

impl TokenRow {
    fn of(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            role: row.try_get("role")?,
            targets: serde_json::from_str(&row.try_get::<String, _>("targets")?)?,
            made_by: row.try_get("made_by")?,
            made: at(row.try_get("made")?)?,
            expires: at(row.try_get("expires")?)?,
            revoked: maybe_at(row.try_get("revoked")?)?,
        })
    }
}

impl Database {
    /// Keeps a token, and returns its id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_token(&self, token: &NewToken, now: Timestamp) -> Result<String, StoreError> {
        let id = new_id(now);
        sqlx::query(
            "INSERT INTO tokens (id, name, hash, role, targets, made_by, made, expires) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&id)
        .bind(&token.name)
        .bind(&token.hash)
        .bind(&token.role)
        .bind(serde_json::to_string(&token.targets)?)
        .bind(&token.made_by)
        .bind(ms(now))
        .bind(ms(token.expires))
        .execute(&self.pool)
        .await?;
        Ok(id)
    }

    /// The token with this hash, if it is valid now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn token(&self, hash: &str, now: Timestamp) -> Result<Option<TokenRow>, StoreError> {
        let row = sqlx::query(
            "SELECT * FROM tokens WHERE hash = $1 AND expires > $2 AND revoked IS NULL",
        )
        .bind(hash)
        .bind(ms(now))
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(TokenRow::of).transpose()
    }

    /// All tokens, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tokens(&self) -> Result<Vec<TokenRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM tokens ORDER BY id DESC")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(TokenRow::of).collect()
    }

    /// Revokes a token. Returns whether there was one to revoke.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke_token(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE tokens SET revoked = $1 WHERE id = $2 AND revoked IS NULL")
            .bind(ms(now))
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
