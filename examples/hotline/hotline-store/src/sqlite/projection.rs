//! Writes records and the number of the last event in one transaction, with what the folds must remember.

mod rows;

use async_trait::async_trait;
use cti_core::{
    event::Event,
    id::EventNo,
    records::{CallRow, Cuts},
};
use sqlx::SqliteConnection;

use super::{
    SqliteStore,
    value::{get_int, get_json, get_text_opt, int, json, micros},
};
use crate::{
    error::StoreError,
    projection::{Change, INTERVAL_MINUTES, ProjectionError, ProjectionStore, Projector},
};

/// After how many events the state of the folds is written anew; the events since lie beside it.
const EVENTS_PER_STATE: u64 = 1_000;

#[async_trait]
impl ProjectionStore for SqliteStore {
    async fn last_applied(&self) -> Result<EventNo, StoreError> {
        let mut connection = self.readers.acquire().await?;
        let row = sqlx::query("SELECT last_applied FROM projection WHERE name = 'records'")
            .fetch_one(&mut *connection)
            .await?;
        get_int(&row, "last_applied").map(EventNo)
    }

    async fn apply(&self, events: &[Event]) -> Result<EventNo, ProjectionError> {
        // Taken out, so that a failure or a cancelled call leaves nothing behind but a reason to read it again.
        let mut kept = self.projector.lock().await;
        let mut transaction = self.begin().await?;
        let (mut projector, state_at) = match kept.take() {
            Some(it) => it,
            None => load(&mut transaction, &self.cuts()?).await?,
        };
        let mut new = Vec::with_capacity(events.len());
        for event in events {
            let before = projector.last();
            for change in projector.apply(event)? {
                write(&mut transaction, event.no, &change).await?;
            }
            if projector.last() > before {
                new.push(event);
            }
        }
        remember(&mut transaction, &new).await?;
        let last = projector.last();
        let state_at = if last.0 - state_at.0 >= EVENTS_PER_STATE {
            write_state(&mut transaction, &projector).await?;
            last
        } else {
            state_at
        };
        sqlx::query("UPDATE projection SET last_applied = ? WHERE name = 'records'")
            .bind(int(last.0))
            .execute(&mut *transaction)
            .await
            .map_err(StoreError::from)?;
        transaction.commit().await.map_err(StoreError::from)?;
        *kept = Some((projector, state_at));
        Ok(last)
    }
}

impl SqliteStore {
    /// Returns how days and intervals are cut.
    pub(super) fn cuts(&self) -> Result<Cuts, StoreError> {
        let zone = self.config.zone.iana_name().unwrap_or("UTC");
        Cuts::new(zone, INTERVAL_MINUTES).map_err(|error| StoreError::value("zone", error))
    }
}

/// Returns the folds as they were when the last batch was committed, and from when their state is.
pub(super) async fn load(
    connection: &mut SqliteConnection,
    cuts: &Cuts,
) -> Result<(Projector, EventNo), StoreError> {
    let row = sqlx::query("SELECT state, state_at FROM projection WHERE name = 'records'")
        .fetch_one(&mut *connection)
        .await?;
    let mut projector = match get_text_opt(&row, "state")? {
        Some(_) => get_json(&row, "state")?,
        None => Projector::new(cuts),
    };
    let state_at = get_int(&row, "state_at").map(EventNo)?;
    let rows =
        sqlx::query("SELECT json FROM projection_event ORDER BY no").fetch_all(connection).await?;
    for row in &rows {
        let event: Event = get_json(row, "json")?;
        // Its rows were written with it.
        projector.apply(&event).map_err(|error| StoreError::value("projection_event", error))?;
    }
    Ok((projector, state_at))
}

/// Keeps events beside the state of the folds: in one statement, because each goes to SQLite's thread and back.
async fn remember(connection: &mut SqliteConnection, events: &[&Event]) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO projection_event (no, json) \
         SELECT value ->> '$.no', value FROM json_each(?)",
    )
    .bind(json("events", &events)?)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn write_state(
    connection: &mut SqliteConnection,
    projector: &Projector,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE projection SET state = ?, state_at = ? WHERE name = 'records'")
        .bind(json("state", projector)?)
        .bind(int(projector.last().0))
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM projection_event").execute(connection).await?;
    Ok(())
}

async fn write(
    connection: &mut SqliteConnection,
    event: EventNo,
    change: &Change,
) -> Result<(), StoreError> {
    match change {
        Change::Row(CallRow::Call(record)) => rows::call(connection, record).await,
        Change::Row(CallRow::Contact(record)) => rows::contact(connection, event, record).await,
        Change::Row(CallRow::Recording(record)) => rows::recording(connection, record).await,
        Change::Row(CallRow::Voice(record)) => rows::voice(connection, record).await,
        Change::Shift(shift) => rows::shift(connection, event, shift).await,
        Change::AgentInterval(interval) => rows::agent_interval(connection, interval).await,
        Change::QueueInterval(interval) => rows::queue_interval(connection, interval).await,
        Change::AlarmRaised { alarm, kind, at } => {
            sqlx::query("INSERT INTO alarm (id, kind, raised) VALUES (?, ?, ?)")
                .bind(int(alarm.0))
                .bind(json("kind", kind)?)
                .bind(micros(*at))
                .execute(connection)
                .await?;
            Ok(())
        }
        Change::AlarmCleared { alarm, at } => {
            sqlx::query("UPDATE alarm SET cleared = ? WHERE id = ?")
                .bind(micros(*at))
                .bind(int(alarm.0))
                .execute(connection)
                .await?;
            Ok(())
        }
    }
}
