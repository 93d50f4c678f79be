//! Logins in progress, and people who are logged in. Of the secrets that their browsers hold, only hashes
//! are stored.

use super::StoreError;
use super::database::{Database, at, ms};
use jiff::{SignedDuration, Timestamp};
use sqlx::Row;
use sqlx::any::AnyRow;

/// How exact the time of the last request is: a write for every request would cost more than it tells.
const SEEN_PRECISION: SignedDuration = SignedDuration::from_mins(1);

/// A login that is on its way to the provider and back.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the columns, which the table's definition explains"
)]
pub struct Login {
    pub state: String,
    pub browser: String,
    pub nonce: String,
    pub verifier: String,
    pub leads_to: String,
    pub expires: Timestamp,
}

/// Somebody who is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(
    missing_docs,
    reason = "the columns, which the table's definition explains"
)]
pub struct Session {
    pub hash: String,
    pub login: String,
    pub subject: String,
    pub name: String,
    pub role: String,
    pub id_token: String,
    pub made: Timestamp,
    pub seen: Timestamp,
    pub expires: Timestamp,
}

impl Session {
    fn of(row: &AnyRow) -> Result<Self, StoreError> {
        Ok(Self {
            hash: row.try_get("hash")?,
            login: row.try_get("login")?,
            subject: row.try_get("subject")?,
            name: row.try_get("name")?,
            role: row.try_get("role")?,
            id_token: row.try_get("id_token")?,
            made: at(row.try_get("made")?)?,
            seen: at(row.try_get("seen")?)?,
            expires: at(row.try_get("expires")?)?,
        })
    }
}

impl Database {
    /// Keeps a login until it comes back, and forgets those that never did.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_login(&self, login: &Login, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM logins WHERE expires <= $1")
            .bind(ms(now))
            .execute(&self.pool)
            .await?;
        sqlx::query(
            "INSERT INTO logins (state, browser, nonce, verifier, leads_to, expires) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&login.state)
        .bind(&login.browser)
        .bind(&login.nonce)
        .bind(&login.verifier)
        .bind(&login.leads_to)
        .bind(ms(login.expires))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Ends a login if this browser began it, and returns it. A login ends only once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_login(
        &self,
        state: &str,
        browser: &str,
        now: Timestamp,
    ) -> Result<Option<Login>, StoreError> {
        let rows = sqlx::query(
            "DELETE FROM logins WHERE state = $1 AND browser = $2 AND expires > $3 \
             RETURNING state, browser, nonce, verifier, leads_to, expires",
        )
        .bind(state)
        .bind(browser)
        .bind(ms(now))
        .fetch_all(&self.pool)
        .await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        Ok(Some(Login {
            state: row.try_get("state")?,
            browser: row.try_get("browser")?,
            nonce: row.try_get("nonce")?,
            verifier: row.try_get("verifier")?,
            leads_to: row.try_get("leads_to")?,
            expires: at(row.try_get("expires")?)?,
        }))
    }

    /// Keeps a session, and forgets those that are over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_session(&self, session: &Session, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sessions WHERE expires <= $1")
            .bind(ms(now))
            .execute(&self.pool)
            .await?;
        sqlx::query(
            "INSERT INTO sessions (hash, login, subject, name, role, id_token, made, seen, expires) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&session.hash)
        .bind(&session.login)
        .bind(&session.subject)
        .bind(&session.name)
        .bind(&session.role)
        .bind(&session.id_token)
        .bind(ms(session.made))
        .bind(ms(session.seen))
        .bind(ms(session.expires))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The session with this hash and of this login configuration, unless it is over or was idle for too
    /// long. Notes that it was used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn session(
        &self,
        (hash, login): (&str, &str),
        idle: SignedDuration,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let row = sqlx::query(
            "SELECT * FROM sessions WHERE hash = $1 AND login = $2 AND expires > $3 AND seen > $4",
        )
        .bind(hash)
        .bind(login)
        .bind(ms(now))
        .bind(ms(now.checked_sub(idle).unwrap_or(Timestamp::MIN)))
        .fetch_optional(&self.pool)
        .await?;
        let Some(session) = row.as_ref().map(Session::of).transpose()? else {
            return Ok(None);
        };
        if now.duration_since(session.seen) >= SEEN_PRECISION {
            sqlx::query("UPDATE sessions SET seen = $1 WHERE hash = $2 AND seen < $1")
                .bind(ms(now))
                .bind(hash)
                .execute(&self.pool)
                .await?;
        }
        Ok(Some(session))
    }

    /// Sessions of a configuration that are not over and were not idle for too long, by person, the
    /// newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sessions(
        &self,
        login: &str,
        idle: SignedDuration,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM sessions WHERE login = $1 AND expires > $2 AND seen > $3 \
             ORDER BY subject, made DESC, hash",
        )
        .bind(login)
        .bind(ms(now))
        .bind(ms(now.checked_sub(idle).unwrap_or(Timestamp::MIN)))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(Session::of).collect()
    }

    /// Ends all sessions of a person, and returns how many that were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_sessions_of(&self, subject: &str) -> Result<u64, StoreError> {
        let done = sqlx::query("DELETE FROM sessions WHERE subject = $1")
            .bind(subject)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }

    /// Ends a session. Returns it, if there was one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn end_session(&self, hash: &str) -> Result<Option<Session>, StoreError> {
        let rows = sqlx::query("DELETE FROM sessions WHERE hash = $1 RETURNING *")
            .bind(hash)
            .fetch_all(&self.pool)
            .await?;
        rows.first().map(Session::of).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::super::database::tests::empty;
    use super::*;

    fn begin() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn after(minutes: i64) -> Timestamp {
        begin() + SignedDuration::from_mins(minutes)
    }

    #[tokio::test]
    async fn a_login_comes_back_once_to_the_browser_that_began_it() {
        let (database, _folder) = empty().await;
        let login = |state: &str| Login {
            state: state.to_owned(),
            browser: "b".to_owned(),
            nonce: "n".to_owned(),
            verifier: "v".to_owned(),
            leads_to: "/".to_owned(),
            expires: after(10),
        };
        database.begin_login(&login("s"), begin()).await.unwrap();
        database.begin_login(&login("late"), begin()).await.unwrap();
        let end = async |state, browser, minutes| {
            let login = database.end_login(state, browser, after(minutes)).await;
            login.unwrap()
        };
        assert_eq!(end("s", "another", 1).await, None);
        assert_eq!(end("another", "b", 1).await, None);
        assert_eq!(end("s", "b", 1).await, Some(login("s")));
        assert_eq!(end("s", "b", 1).await, None);
        assert_eq!(end("late", "b", 10).await, None);
    }

    #[tokio::test]
    async fn a_session_ends_by_age_by_idleness_by_configuration_and_at_logout() {
        let (database, _folder) = empty().await;
        let idle = SignedDuration::from_mins(30);
        let session = |hash: &str| Session {
            hash: hash.to_owned(),
            login: "c".to_owned(),
            subject: "ada".to_owned(),
            name: "Ada".to_owned(),
            role: "viewer".to_owned(),
            id_token: "x.y.z".to_owned(),
            made: begin(),
            seen: begin(),
            expires: after(60),
        };
        database.add_session(&session("a"), begin()).await.unwrap();
        let seen = async |hash: &str, login: &str, minutes| {
            let found = database.session((hash, login), idle, after(minutes)).await;
            found.unwrap().is_some()
        };
        assert!(!seen("b", "c", 0).await);
        assert!(!seen("a", "another", 0).await);
        // Each use restarts the idle time, and none extends the session.
        assert!(seen("a", "c", 29).await && seen("a", "c", 58).await);
        assert!(!seen("a", "c", 60).await);
        database.add_session(&session("b"), begin()).await.unwrap();
        assert!(!seen("b", "c", 30).await);
        let ended = database.end_session("b").await.unwrap();
        assert_eq!(ended.map(|session| session.name).as_deref(), Some("Ada"));
        assert_eq!(database.end_session("b").await.unwrap(), None);
        assert!(!seen("b", "c", 0).await);
    }
    #[tokio::test]
    async fn all_sessions_of_one_person_end_and_no_others() {
        let (database, _folder) = empty().await;
        let idle = SignedDuration::from_mins(30);
        for (hash, subject, login) in [
            ("a", "ada", "c"),
            ("b", "ada", "c"),
            ("d", "ada", "earlier"),
            ("e", "bob", "c"),
        ] {
            let session = Session {
                hash: hash.to_owned(),
                login: login.to_owned(),
                subject: subject.to_owned(),
                name: subject.to_owned(),
                role: "viewer".to_owned(),
                id_token: "x.y.z".to_owned(),
                made: begin(),
                seen: begin(),
                expires: after(60),
            };
            database.add_session(&session, begin()).await.unwrap();
        }
        let listed = async |minutes| {
            let all = database.sessions("c", idle, after(minutes)).await.unwrap();
            let hashes = all.into_iter().map(|session| session.hash);
            hashes.collect::<Vec<_>>()
        };
        assert_eq!(listed(1).await, ["a", "b", "e"]);
        assert_eq!(listed(30).await, [""; 0]);
        // This includes a session of an earlier configuration, which would be valid again if that came back.
        assert_eq!(database.end_sessions_of("ada").await.unwrap(), 3);
        assert_eq!(database.end_sessions_of("ada").await.unwrap(), 0);
        assert_eq!(listed(1).await, ["e"]);
    }
}
