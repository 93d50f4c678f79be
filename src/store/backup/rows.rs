//! Rows of any table as JSON, and back.

use crate::store::StoreError;
use crate::store::statement::Dialect;
use serde_json::{Map, Number, Value};
use sqlx::any::{AnyRow, AnyTypeInfoKind};
use sqlx::{AnyConnection, AssertSqlSafe, Column, Row, ValueRef};

/// Values of one statement. SQLite takes 32,766.
const VALUES: usize = 30_000;
/// Rows of one statement.
const ROWS: usize = 500;

/// A row as JSON, without its null columns.
pub(super) fn to_json(row: &AnyRow) -> Result<Map<String, Value>, StoreError> {
    let mut values = Map::new();
    for (index, column) in row.columns().iter().enumerate() {
        let kind = row.try_get_raw(index)?.type_info().kind();
        let value = match kind {
            AnyTypeInfoKind::Null => continue,
            AnyTypeInfoKind::Text => Value::String(row.try_get(index)?),
            AnyTypeInfoKind::SmallInt | AnyTypeInfoKind::Integer | AnyTypeInfoKind::BigInt => {
                Value::from(row.try_get::<i64, _>(index)?)
            }
            AnyTypeInfoKind::Real | AnyTypeInfoKind::Double => {
                let number = Number::from_f64(row.try_get(index)?);
                Value::Number(number.ok_or_else(|| StoreError::Malformed("no number".to_owned()))?)
            }
            AnyTypeInfoKind::Bool | AnyTypeInfoKind::Blob => {
                return Err(StoreError::Malformed(format!("a column of type {kind:?}")));
            }
        };
        values.insert(column.name().to_owned(), value);
    }
    Ok(values)
}

/// Rows of one table and the same columns.
pub(super) struct Batch {
    dialect: Dialect,
    table: String,
    rows: Vec<Map<String, Value>>,
}

impl Batch {
    /// An empty batch.
    pub(super) fn of(dialect: Dialect) -> Self {
        Self {
            dialect,
            table: String::new(),
            rows: Vec::new(),
        }
    }

    /// Adds a row. Writes the rows before it first if they are of another table, have other columns, or fill
    /// the batch.
    pub(super) async fn add(
        &mut self,
        connection: &mut AnyConnection,
        table: String,
        row: Map<String, Value>,
    ) -> Result<(), StoreError> {
        let alike = self
            .rows
            .first()
            .is_none_or(|first| first.keys().eq(row.keys()));
        if table != self.table || !alike || self.rows.len() == ROWS {
            self.flush(connection).await?;
            self.table = table;
        }
        self.rows.push(row);
        Ok(())
    }

    /// Writes the rows, and empties the batch.
    pub(super) async fn flush(&mut self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        insert(connection, self.dialect, &self.table, &self.rows).await?;
        self.rows.clear();
        Ok(())
    }
}

/// Writes rows of one table, each with the same columns.
async fn insert(
    connection: &mut AnyConnection,
    dialect: Dialect,
    table: &str,
    rows: &[Map<String, Value>],
) -> Result<(), StoreError> {
    let Some(first) = rows.first() else {
        return Ok(());
    };
    let columns: Vec<&String> = first.keys().collect();
    let at_once = (VALUES / columns.len().max(1)).clamp(1, ROWS);
    // Names cannot be bound, and they come from a file that anybody may have written.
    let is_name = |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if !is_name(table) || !columns.iter().all(|column| is_name(column)) {
        return Err(StoreError::Malformed(format!(
            "a table or column of {table:?}"
        )));
    }
    let names = columns.iter().map(|name| name.as_str());
    let names = names.collect::<Vec<_>>().join(", ");
    for rows in rows.chunks(at_once) {
        let places = dialect.rows(rows.len(), columns.len());
        let sql = format!("INSERT INTO {table} ({names}) VALUES {places}");
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for row in rows {
            for column in &columns {
                query = match row.get(*column) {
                    Some(Value::String(text)) => query.bind(text.clone()),
                    Some(Value::Number(number)) => match number.as_i64() {
                        Some(number) => query.bind(number),
                        None => query.bind(number.as_f64().unwrap_or_default()),
                    },
                    _ => {
                        return Err(StoreError::Malformed(format!(
                            "a value of {table}.{column}"
                        )));
                    }
                };
            }
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}
