//! Named queries: SQL that an administrator writes into the configuration, asked by flows with bound parameters.
//!
//! A query without a database of its own is asked of the centre's tables, which lie in memory as tables of SQLite.
//! Databases are opened for reading only, but for queries that say that they write: each is one transaction.

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

type Bound = sqlx::query::Query<'static, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

/// How long a statement may wait for one who writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// One query in the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryConfig {
    /// What flows call it.
    pub id: String,
    /// One `SELECT`, with parameters as `:name`; one `INSERT`, `UPDATE` or `DELETE` of a query that writes.
    pub sql: String,
    /// The SQLite file that is asked; the centre's tables when absent.
    #[serde(default)]
    pub database: Option<PathBuf>,
    /// Whether it changes rows; it then needs a database of its own.
    #[serde(default)]
    pub writes: bool,
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
    writes: bool,
}

impl Queries {
    /// Opens the databases and prepares every statement once, so that a wrong one is found before a call meets it.
    ///
    /// # Errors
    /// When a database or a statement cannot be used.
    pub async fn open(configs: &[QueryConfig], tables: &Tables) -> Result<Self, QueryError> {
        let mut pools: BTreeMap<(Option<PathBuf>, bool), SqlitePool> = BTreeMap::new();
        let mut queries = BTreeMap::new();
        for QueryConfig { id, sql, database, writes } in configs {
            let failed = |source| QueryError::Database { id: id.clone(), source };
            let wrong = |reason| QueryError::Sql { id: id.clone(), reason };
            let (sql, params) = numbered(sql, *writes).map_err(wrong)?;
            let place = (database.clone(), *writes);
            let pool = match (pools.get(&place), database) {
                (Some(pool), _) => pool.clone(),
                (None, Some(file)) => in_file(file, *writes).await.map_err(failed)?,
                (None, None) if *writes => {
                    return Err(wrong("writes, and names no database: tables are read".to_owned()));
                }
                (None, None) => in_memory(tables).await.map_err(failed)?,
            };
            pools.insert(place, pool.clone());
            let query = Query { pool, sql, params, writes: *writes };
            query.try_out().await.map_err(failed)?;
            queries.insert(id.clone(), query);
        }
        Ok(Self(queries))
    }

    /// Returns the names of the queries.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Returns the names of the queries that change rows.
    pub fn writing(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, query)| query.writes).map(|(name, _)| name.as_str())
    }

    /// Returns the first row of a query; of one that writes the row that it returns, and how many it `changed`.
    ///
    /// # Errors
    /// When there is no such query or row, or the database failed.
    pub async fn ask(
        &self,
        query: &str,
        params: &BTreeMap<String, String>,
    ) -> Result<CallData, LookupFailure> {
        let known = self.0.get(query).ok_or(LookupFailure::UnknownSource)?;
        let row = if known.writes { known.write(params).await } else { known.first(params).await };
        match row {
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
        let query = self.bound(self.sql.clone(), params);
        query.fetch_optional(&self.pool).await?.map(|row| columns(&row)).transpose()
    }

    fn bound(&self, sql: String, params: &BTreeMap<String, String>) -> Bound {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for name in &self.params {
            query = query.bind(params.get(name).cloned());
        }
        query
    }

    /// Changes rows, all or none.
    async fn write(
        &self,
        params: &BTreeMap<String, String>,
    ) -> Result<Option<CallData>, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let rows = self.bound(self.sql.clone(), params).fetch_all(&mut *transaction).await?;
        let changed: i64 =
            sqlx::query_scalar("SELECT changes()").fetch_one(&mut *transaction).await?;
        transaction.commit().await?;
        if changed == 0 {
            return Ok(None);
        }
        let mut data = rows.first().map(columns).transpose()?.unwrap_or_default();
        data.insert("changed".to_owned(), changed.to_string());
        Ok(Some(data))
    }

    /// Finds out whether the database takes the statement; nothing is changed.
    async fn try_out(&self) -> Result<(), sqlx::Error> {
        let nothing = BTreeMap::new();
        if self.writes {
            let plan = self.bound(format!("EXPLAIN {}", self.sql), &nothing);
            return plan.fetch_all(&self.pool).await.map(drop);
        }
        self.first(&nothing).await.map(drop)
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

async fn in_file(file: &Path, writes: bool) -> Result<SqlitePool, sqlx::Error> {
    let options =
        SqliteConnectOptions::new().filename(file).read_only(!writes).busy_timeout(BUSY_TIMEOUT);
    // SQLite lets one write at a time.
    let connections = if writes { 1 } else { 4 };
    SqlitePoolOptions::new().max_connections(connections).connect_with(options).await
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
fn numbered(sql: &str, writes: bool) -> Result<(String, Vec<String>), String> {
    let sql = sql.trim().trim_end_matches(';');
    let first = sql.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    let (known, words): (&[&str], _) = match writes {
        true => (&["INSERT", "UPDATE", "DELETE"], "begins with none of INSERT, UPDATE and DELETE"),
        false => (&["SELECT", "WITH"], "begins with neither SELECT nor WITH"),
    };
    if !known.contains(&first.as_str()) {
        return Err(words.to_owned());
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
        vec![QueryConfig { id, sql, database: None, writes: false }]
    }

    fn writing(sql: &str, database: Option<PathBuf>) -> Vec<QueryConfig> {
        vec![QueryConfig { database, writes: true, ..config(sql).remove(0) }]
    }

    /// A database with two cards.
    async fn cards(folder: &Path) -> PathBuf {
        let file = folder.join("cards.sqlite");
        let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
        let pool = SqlitePool::connect_with(options).await.unwrap();
        let make =
            "CREATE TABLE cards (account TEXT PRIMARY KEY, state TEXT NOT NULL, receipt INTEGER);
            INSERT INTO cards VALUES ('7', 'active', 41), ('8', 'lost', 42)";
        sqlx::raw_sql(make).execute(&pool).await.unwrap();
        pool.close().await;
        file
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
    async fn a_query_that_writes_changes_rows_once_and_says_how_many() {
        let folder = tempfile::tempdir().unwrap();
        let file = cards(folder.path()).await;
        let lost = "UPDATE cards SET state = 'lost' WHERE account = :account AND state = 'active' \
                    RETURNING receipt";
        let queries = Queries::open(&writing(lost, Some(file.clone())), &tables()).await.unwrap();
        assert_eq!(queries.writing().collect::<Vec<_>>(), ["loan"]);
        let row = queries.ask("loan", &account("7")).await.unwrap();
        let expected = [("receipt", "41"), ("changed", "1")];
        assert_eq!(row, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        for nobody in ["7", "8", "9", "7' OR '1'='1"] {
            let answer = queries.ask("loan", &account(nobody)).await;
            assert_eq!(answer, Err(LookupFailure::NotFound), "{nobody}");
        }
        let read = "SELECT count(*) AS lost FROM cards WHERE state = 'lost'";
        let read = QueryConfig { database: Some(file), ..config(read).remove(0) };
        let queries = Queries::open(&[read], &tables()).await.unwrap();
        assert_eq!(queries.ask("loan", &BTreeMap::new()).await.unwrap()["lost"], "2");
    }

    #[tokio::test]
    async fn a_statement_that_writes_is_tried_without_writing_and_needs_a_database() {
        let folder = tempfile::tempdir().unwrap();
        let file = Some(cards(folder.path()).await);
        let delete = "DELETE FROM cards";
        Queries::open(&writing(delete, file.clone()), &tables()).await.unwrap();
        let count = "SELECT count(*) AS all_cards FROM cards";
        let read = QueryConfig { database: file.clone(), ..config(count).remove(0) };
        let queries = Queries::open(&[read], &tables()).await.unwrap();
        assert_eq!(queries.ask("loan", &BTreeMap::new()).await.unwrap()["all_cards"], "2");
        for (sql, database, reason) in [
            ("DELETE FROM loans", None, "names no database"),
            ("SELECT 1", file.clone(), "begins with none of INSERT"),
            ("DROP TABLE cards", file.clone(), "begins with none of INSERT"),
            ("UPDATE cards SET colour = 'red'", file, "colour"),
        ] {
            let error = Queries::open(&writing(sql, database), &tables()).await.unwrap_err();
            assert!(error.to_string().contains(reason), "{sql}: {error}");
        }
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
