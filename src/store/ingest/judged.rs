//! When each check last judged the target, and its properties then.

use super::context::{BATCH, RunContext};
use crate::report::Report;
use crate::store::StoreError;
use crate::store::texts::CheckTexts;
use sqlx::{Any, AssertSqlSafe, Transaction};

pub(super) async fn record_judged(
    transaction: &mut Transaction<'static, Any>,
    context: &RunContext<'_>,
    report: &Report,
) -> Result<(), StoreError> {
    for checks in report.checks.chunks(BATCH) {
        let sql = format!(
            "INSERT INTO judged (target, check_id, run, at, practices, frameworks, effort, words) \
             VALUES {} ON CONFLICT (target, check_id) DO UPDATE SET run = excluded.run, \
             at = excluded.at, practices = excluded.practices, frameworks = excluded.frameworks, \
             effort = excluded.effort, words = excluded.words",
            context.dialect.rows(checks.len(), 8)
        );
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for check in checks {
            let texts = CheckTexts::of(check);
            query = query
                .bind(context.target)
                .bind(&check.id)
                .bind(context.run)
                .bind(context.at)
                .bind(texts.practices)
                .bind(texts.frameworks)
                .bind(texts.effort)
                .bind(texts.words);
        }
        query.execute(&mut **transaction).await?;
    }
    Ok(())
}
