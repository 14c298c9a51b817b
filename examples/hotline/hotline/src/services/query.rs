//! Named queries: SQL that an administrator writes into the configuration, asked by flows with bound parameters.
//!
//! A query without a database of its own is asked of the centre's tables, which lie in memory as tables of SQLite.
//! Databases are opened for reading only.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use cti_core::flow::{CallData, LookupFailure};
use serde::Deserialize;
use sqlx::{
    AssertSqlSafe, Column as _, Row as _, SqlitePool, TypeInfo as _, ValueRef as _,
    sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteRow},
};

use crate::tables::Tables;

/// How long a statement may wait for one who writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// One query in the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryConfig {
    /// What flows call it.
    pub id: String,
    /// One `SELECT`, with parameters as `:name`.
    pub sql: String,
    /// The SQLite file that is asked; the centre's tables when absent.
    #[serde(default)]
    pub database: Option<PathBuf>,
}

/// A query that cannot be used; one line that names it.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The statement is not one that flows may ask.
    #[error("query {id}: sql: {reason}")]
    Sql {
        /// Which query.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The database cannot be opened, or does not take the statement.
    #[error("query {id}: {source}")]
    Database {
        /// Which query.
        id: String,
        /// What it said.
        source: sqlx::Error,
    },
}

/// The queries of a centre.
#[derive(Debug)]
pub struct Queries(BTreeMap<String, Query>);

#[derive(Debug)]
struct Query {
    pool: SqlitePool,
    /// With numbered parameters.
    sql: String,
    /// The names of the parameters, in the order of their numbers.
    params: Vec<String>,
}

impl Queries {
    /// Opens the databases and prepares every statement once, so that a wrong one is found before a call meets it.
    ///
    /// # Errors
    /// When a database or a statement cannot be used.
    pub async fn open(configs: &[QueryConfig], tables: &Tables) -> Result<Self, QueryError> {
        let mut pools: BTreeMap<Option<PathBuf>, SqlitePool> = BTreeMap::new();
        let mut queries = BTreeMap::new();
        for QueryConfig { id, sql, database } in configs {
            let failed = |source| QueryError::Database { id: id.clone(), source };
            let wrong = |reason| QueryError::Sql { id: id.clone(), reason };
            let (sql, params) = numbered(sql).map_err(wrong)?;
            let pool = match pools.get(database) {
                Some(pool) => pool.clone(),
                None => match database {
                    Some(file) => in_file(file).await.map_err(failed)?,
                    None => in_memory(tables).await.map_err(failed)?,
                },
            };
            pools.insert(database.clone(), pool.clone());
            let query = Query { pool, sql, params };
            query.first(&BTreeMap::new()).await.map_err(failed)?;
            queries.insert(id.clone(), query);
        }
        Ok(Self(queries))
    }

    /// Returns the names of the queries.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Returns the first row of a query.
    ///
    /// # Errors
    /// When there is no such query or row, or the database failed.
    pub async fn ask(
        &self,
        query: &str,
        params: &BTreeMap<String, String>,
    ) -> Result<CallData, LookupFailure> {
        let known = self.0.get(query).ok_or(LookupFailure::UnknownSource)?;
        match known.first(params).await {
            Ok(Some(row)) => Ok(row),
            Ok(None) => Err(LookupFailure::NotFound),
            Err(error) => {
                tracing::warn!(query, %error, "A query failed");
                Err(LookupFailure::Unavailable)
            }
        }
    }
}

impl Query {
    async fn first(
        &self,
        params: &BTreeMap<String, String>,
    ) -> Result<Option<CallData>, sqlx::Error> {
        let mut query = sqlx::query(AssertSqlSafe(self.sql.clone()));
        for name in &self.params {
            query = query.bind(params.get(name).cloned());
        }
        query.fetch_optional(&self.pool).await?.map(|row| columns(&row)).transpose()
    }
}

/// Returns a row as texts; what is empty (`NULL`) is left out.
fn columns(row: &SqliteRow) -> Result<CallData, sqlx::Error> {
    let mut data = CallData::new();
    for column in row.columns() {
        let (at, name) = (column.ordinal(), column.name().to_owned());
        let value = row.try_get_raw(at)?;
        if value.is_null() {
            continue;
        }
        let text = match value.type_info().name() {
            "INTEGER" => row.try_get_unchecked::<i64, _>(at)?.to_string(),
            "REAL" => row.try_get_unchecked::<f64, _>(at)?.to_string(),
            _ => row.try_get_unchecked::<String, _>(at)?,
        };
        data.insert(name, text);
    }
    Ok(data)
}

async fn in_file(file: &Path) -> Result<SqlitePool, sqlx::Error> {
    let options =
        SqliteConnectOptions::new().filename(file).read_only(true).busy_timeout(BUSY_TIMEOUT);
    SqlitePoolOptions::new().max_connections(4).connect_with(options).await
}

/// Copies the tables into a database in memory; every column is a text.
async fn in_memory(tables: &Tables) -> Result<SqlitePool, sqlx::Error> {
    let options = SqliteConnectOptions::new().in_memory(true);
    // Another connection would see another memory.
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
        .await?;
    for (name, table) in tables.all() {
        let columns: Vec<String> =
            table.columns().iter().map(|column| format!("{} TEXT", quoted(column))).collect();
        let create = format!("CREATE TABLE {} ({})", quoted(name), columns.join(", "));
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&pool).await?;
        let marks = vec!["?"; table.columns().len()].join(", ");
        let insert = format!("INSERT INTO {} VALUES ({marks})", quoted(name));
        let mut transaction = pool.begin().await?;
        for row in table.rows() {
            let mut statement = sqlx::query(AssertSqlSafe(insert.clone()));
            for column in table.columns() {
                statement = statement.bind(row.get(column).cloned());
            }
            statement.execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
    }
    sqlx::raw_sql("PRAGMA query_only = ON").execute(&pool).await?;
    Ok(pool)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Returns a statement with numbered parameters and their names; what is quoted is left alone.
fn numbered(sql: &str) -> Result<(String, Vec<String>), String> {
    let sql = sql.trim().trim_end_matches(';');
    let first = sql.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    if first != "SELECT" && first != "WITH" {
        return Err("begins with neither SELECT nor WITH".to_owned());
    }
    let (mut out, mut names) = (String::new(), Vec::<String>::new());
    let mut quote = None;
    let mut rest = sql.chars().peekable();
    while let Some(next) = rest.next() {
        match (quote, next) {
            (Some(open), _) => {
                if next == open {
                    quote = None;
                }
                out.push(next);
            }
            (None, '\'' | '"') => {
                quote = Some(next);
                out.push(next);
            }
            (None, ';') => return Err("is more than one statement".to_owned()),
            (None, ':') => {
                let mut name = String::new();
                while let Some(letter) = rest.next_if(|it| it.is_ascii_alphanumeric() || *it == '_')
                {
                    name.push(letter);
                }
                if name.is_empty() {
                    return Err("has a colon without the name of a parameter".to_owned());
                }
                let number = names.iter().position(|it| *it == name).unwrap_or_else(|| {
                    names.push(name);
                    names.len() - 1
                });
                out.push_str(&format!("?{}", number + 1));
            }
            (None, _) => out.push(next),
        }
    }
    if quote.is_some() {
        return Err("has a quote that is not closed".to_owned());
    }
    Ok((out, names))
}

#[cfg(test)]
mod tests {
    use cti_ivr::table::Table;

    use super::*;

    fn tables() -> Tables {
        let text = "account,balance,note\n7,12.50,a\n8,0,\n";
        Tables::of([("loans".to_owned(), Table::parse("loans.csv", text).unwrap())])
    }

    fn config(sql: &str) -> Vec<QueryConfig> {
        let (id, sql) = ("loan".to_owned(), sql.to_owned());
        vec![QueryConfig { id, sql, database: None }]
    }

    fn account(number: &str) -> BTreeMap<String, String> {
        [("account".to_owned(), number.to_owned())].into()
    }

    #[tokio::test]
    async fn a_query_binds_its_parameters_and_never_reads_them_as_sql() {
        let sql = "SELECT balance, balance + 1 AS more, NULL AS none FROM loans \
                   WHERE account = :account AND note <> ':account' AND :account IS NOT NULL";
        let queries = Queries::open(&config(sql), &tables()).await.unwrap();
        let row = queries.ask("loan", &account("7")).await.unwrap();
        let expected = [("balance", "12.50"), ("more", "13.5")];
        assert_eq!(row, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        let hostile = account("7' OR '1'='1");
        assert_eq!(queries.ask("loan", &hostile).await, Err(LookupFailure::NotFound));
        assert_eq!(queries.ask("other", &hostile).await, Err(LookupFailure::UnknownSource));
    }

    #[tokio::test]
    async fn a_statement_that_is_no_question_is_refused_at_start() {
        let refused = [
            ("DELETE FROM loans", "begins with neither"),
            ("SELECT 1; DROP TABLE loans", "more than one statement"),
            ("SELECT : FROM loans", "a colon without"),
            ("SELECT 'x FROM loans", "a quote that is not closed"),
            ("SELECT nothing FROM loans", "nothing"),
            ("WITH x AS (SELECT 1) DELETE FROM loans", "readonly"),
        ];
        for (sql, reason) in refused {
            let error = Queries::open(&config(sql), &tables()).await.unwrap_err().to_string();
            assert!(error.starts_with("query loan: ") && error.contains(reason), "{sql}: {error}");
        }
    }
}
