//! Looks recordings up by any combination of what is known of them.
//!
//! Each recording lies in a cell: those of one trunk, one quality state and about one length. There are some hundred
//! cells, so which of them a search is about is found at once; within a cell, an index leads to the newest of a caller,
//! an agent, a seat or a number dialled. Ids grow with time, so a span of time is a span of ids.

use cti_bindings::records::filter::Filter;
use sqlx::{QueryBuilder, Row as _, Sqlite};

use super::{
    SqliteStore,
    value::{int, micros, millis, name},
};
use crate::error::StoreError;

/// How many of the newest recordings are looked through before the cells are.
const NEWEST: i64 = 5_000;

/// What there is an index of, below which the recordings of a cell lie in the order of their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead {
    Caller,
    Agent,
    Seat,
    Called,
    /// Nobody is named.
    Cell,
}

impl Lead {
    /// The most telling of what is asked for. That a number is withheld says little.
    fn of(filter: &Filter) -> Self {
        match filter {
            Filter { caller: Some(caller), .. } if !caller.is_withheld() => Self::Caller,
            Filter { agent: Some(_), .. } => Self::Agent,
            Filter { seat: Some(_), .. } => Self::Seat,
            Filter { caller: Some(_), .. } => Self::Caller,
            Filter { called: Some(_), .. } => Self::Called,
            Filter { .. } => Self::Cell,
        }
    }

    fn index(self) -> &'static str {
        match self {
            Self::Caller => "recording_caller",
            Self::Agent => "recording_agent",
            Self::Seat => "recording_seat",
            Self::Called => "recording_called",
            Self::Cell => "recording_in_cell",
        }
    }
}

impl SqliteStore {
    /// Returns the ids of the newest recordings below `before` that fit, `limit` at most, the newest first.
    pub(super) async fn search(
        &self,
        filter: &Filter,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<i64>, StoreError> {
        let Some((first, last)) = self.span(filter, before).await? else { return Ok(Vec::new()) };
        // What is asked for is often among the newest; what is not is rare, and its cells hold little.
        let middle = first.max(last - NEWEST + 1);
        let mut query = QueryBuilder::new("SELECT id FROM recording NOT INDEXED WHERE id BETWEEN ");
        query.push_bind(middle).push(" AND ").push_bind(last).push(" AND file IS NOT NULL");
        push_plain(&mut query, filter);
        if let Some(trunk) = &filter.trunk {
            query.push(" AND trunk = ").push_bind(trunk.to_string());
        }
        if let Some(quality) = &filter.quality {
            query.push(" AND quality = ").push_bind(name("quality", quality)?);
        }
        query.push(" ORDER BY id DESC LIMIT ").push_bind(limit);
        let mut found = self.ids(query).await?;
        let missing = limit - int(found.len() as u64);
        if missing > 0 && first < middle {
            found.extend(self.search_cells(filter, (first, middle - 1), missing).await?);
        }
        Ok(found)
    }

    async fn search_cells(
        &self,
        filter: &Filter,
        (first, last): (i64, i64),
        limit: i64,
    ) -> Result<Vec<i64>, StoreError> {
        let index = Lead::of(filter).index();
        // The newest of each cell; only the cells with the newest of these can hold what is wanted.
        let mut query = QueryBuilder::new(
            "WITH best AS MATERIALIZED (SELECT * FROM (SELECT c.id AS cell, (SELECT id FROM recording INDEXED BY ",
        );
        query.push(index).push(" WHERE cell = c.id AND id BETWEEN ").push_bind(first);
        query.push(" AND ").push_bind(last);
        push_plain(&mut query, filter);
        query.push(" ORDER BY id DESC LIMIT 1) AS top FROM recording_cell AS c WHERE true");
        if let Some(trunk) = &filter.trunk {
            query.push(" AND c.trunk = ").push_bind(trunk.to_string());
        }
        if let Some(quality) = &filter.quality {
            query.push(" AND c.quality = ").push_bind(name("quality", quality)?);
        }
        for (bound, way) in [(filter.shortest, " >= "), (filter.longest, " <= ")] {
            let Some(bound) = bound else { continue };
            query.push(" AND c.class").push(way);
            query.push("(SELECT max(class) FROM length_class WHERE from_ms <= ");
            query.push_bind(millis(bound)).push(")");
        }
        query.push(") WHERE top IS NOT NULL ORDER BY top DESC LIMIT ").push_bind(limit);
        query.push(
            ") SELECT r.id AS id FROM best CROSS JOIN recording AS r \
             WHERE r.id IN (SELECT id FROM recording INDEXED BY ",
        );
        query
            .push(index)
            .push(" WHERE cell = best.cell AND id BETWEEN (SELECT CASE count(*) WHEN ");
        query.push_bind(limit).push(" THEN min(top) ELSE ").push_bind(first);
        query.push(" END FROM best) AND best.top");
        push_plain(&mut query, filter);
        query.push(" ORDER BY id DESC LIMIT ").push_bind(limit);
        query.push(") ORDER BY r.id DESC LIMIT ").push_bind(limit);
        self.ids(query).await
    }

    /// Returns the first and the last id of the span of time; `None` when there is none in it.
    async fn span(
        &self,
        filter: &Filter,
        before: Option<i64>,
    ) -> Result<Option<(i64, i64)>, StoreError> {
        let from = filter.from.map_or(i64::MIN, micros);
        let to = filter.to.map_or(i64::MAX, micros);
        let row = sqlx::query(
            "SELECT (SELECT id FROM recording WHERE started >= ?1 ORDER BY started, id LIMIT 1) AS first, \
             (SELECT id FROM recording WHERE started < ?2 ORDER BY started DESC, id DESC LIMIT 1) AS last",
        )
        .bind(from)
        .bind(to)
        .fetch_one(&self.readers)
        .await?;
        let (first, last): (Option<i64>, Option<i64>) =
            (row.try_get("first")?, row.try_get("last")?);
        let last = last.map(|last| before.map_or(last, |before| last.min(before - 1)));
        Ok(first.zip(last).filter(|(first, last)| first <= last))
    }

    async fn ids(&self, mut query: QueryBuilder<Sqlite>) -> Result<Vec<i64>, StoreError> {
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
    }
}

/// Adds what is said of single recordings.
fn push_plain(query: &mut QueryBuilder<Sqlite>, filter: &Filter) {
    let named = [
        ("caller_normal", filter.caller.as_ref().map(|it| it.reveal().to_owned())),
        ("called_normal", filter.called.as_ref().map(|it| it.reveal().to_owned())),
        ("agent", filter.agent.as_ref().map(ToString::to_string)),
        ("seat", filter.seat.as_ref().map(ToString::to_string)),
    ];
    for (column, value) in named {
        if let Some(value) = value {
            query.push(" AND ").push(column).push(" = ").push_bind(value);
        }
    }
    for (bound, way) in [(filter.shortest, " >= "), (filter.longest, " <= ")] {
        if let Some(bound) = bound {
            query.push(" AND length_ms").push(way).push_bind(millis(bound));
        }
    }
}
