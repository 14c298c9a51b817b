//! Writes records and the number of the last event in one transaction.

use async_trait::async_trait;
use cti_bindings::records::call::{CallLeg, CallRecord};
use cti_core::{
    agent::AgentState,
    event::{Event, RecordingKind},
    id::{AgentId, EventNo, RecordingId},
    switch::RecordingEnd,
    time::Timestamp,
};
use sqlx::{Row as _, SqliteConnection};

use super::{
    SqliteStore,
    value::{get_json, int, json, micros, millis, name},
};
use crate::{
    error::StoreError,
    projection::{ProjectionError, ProjectionStore, Projector, change::Change},
};

#[async_trait]
impl ProjectionStore for SqliteStore {
    async fn last_applied(&self) -> Result<EventNo, StoreError> {
        let mut connection = self.readers.acquire().await?;
        last_applied(&mut connection).await
    }

    async fn apply(&self, events: &[Event]) -> Result<EventNo, ProjectionError> {
        // Taken out, so that a failure or a cancelled call leaves nothing behind but a reason to read it again.
        let mut kept = self.projector.lock().await;
        let mut transaction = self.begin().await?;
        let mut projector = match kept.take() {
            Some(projector) => projector,
            None => load(&mut transaction).await?,
        };
        for event in events {
            for change in projector.apply(event)? {
                write(&mut transaction, &change).await?;
            }
        }
        write_open(&mut transaction, &mut projector).await?;
        sqlx::query("UPDATE projection SET last_applied = ? WHERE name = 'records'")
            .bind(int(projector.last().0))
            .execute(&mut *transaction)
            .await
            .map_err(StoreError::from)?;
        transaction.commit().await.map_err(StoreError::from)?;
        let last = projector.last();
        *kept = Some(projector);
        Ok(last)
    }
}

async fn last_applied(connection: &mut SqliteConnection) -> Result<EventNo, StoreError> {
    let row = sqlx::query("SELECT last_applied FROM projection WHERE name = 'records'")
        .fetch_one(connection)
        .await?;
    super::value::get_int(&row, "last_applied").map(EventNo)
}

async fn load(connection: &mut SqliteConnection) -> Result<Projector, StoreError> {
    let last = last_applied(connection).await?;
    let rows = sqlx::query("SELECT state FROM open_call").fetch_all(connection).await?;
    let open: Result<Vec<_>, _> = rows.iter().map(|row| get_json(row, "state")).collect();
    Ok(Projector::new(last, open?))
}

async fn write_open(
    connection: &mut SqliteConnection,
    projector: &mut Projector,
) -> Result<(), StoreError> {
    for (call, open) in projector.take_touched() {
        match open {
            Some(open) => {
                sqlx::query(
                    "INSERT INTO open_call (call, state) VALUES (?, ?) \
                     ON CONFLICT (call) DO UPDATE SET state = excluded.state",
                )
                .bind(int(call.0))
                .bind(json("state", open)?)
                .execute(&mut *connection)
                .await?;
            }
            None => {
                sqlx::query("DELETE FROM open_call WHERE call = ?")
                    .bind(int(call.0))
                    .execute(&mut *connection)
                    .await?;
            }
        }
    }
    Ok(())
}

async fn write(connection: &mut SqliteConnection, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::CallEnded { record } => {
            write_call(connection, record).await?;
            for (position, leg) in (0..).zip(&record.legs) {
                write_leg(connection, record, position, leg).await?;
            }
            Ok(())
        }
        Change::RecordingStarted { recording, call, kind, agent, seat, caller, called, at } => {
            sqlx::query(
                "INSERT INTO recording (id, call, kind, agent, seat, caller, called, started) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(int(recording.0))
            .bind(int(call.0))
            .bind(name("kind", kind)?)
            .bind(agent.as_ref().map(|agent| agent.as_str()))
            .bind(seat.as_ref().map(|seat| seat.as_str()))
            .bind(caller.reveal())
            .bind(called.reveal())
            .bind(micros(*at))
            .execute(connection)
            .await?;
            Ok(())
        }
        Change::RecordingEnded { recording, end, at } => {
            write_recording_end(connection, *recording, end, *at).await
        }
        Change::SignedIn { event, agent, seat, device, at } => {
            sqlx::query(
                "INSERT INTO agent_session (event, agent, seat, device, signed_in) \
                 VALUES (?, ?, ?, ?, ?)",
            )
            .bind(int(event.0))
            .bind(agent.as_str())
            .bind(seat.as_str())
            .bind(device.as_str())
            .bind(micros(*at))
            .execute(connection)
            .await?;
            Ok(())
        }
        Change::SignedOut { agent, at } => {
            sqlx::query(
                "UPDATE agent_session SET signed_out = ? WHERE agent = ? AND signed_out IS NULL",
            )
            .bind(micros(*at))
            .bind(agent.as_str())
            .execute(connection)
            .await?;
            Ok(())
        }
        Change::AgentState { event, agent, to, at } => {
            write_state(connection, *event, agent, to, *at).await
        }
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

async fn write_call(
    connection: &mut SqliteConnection,
    record: &CallRecord,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO call_record (call, contact, kind, origin, caller, called, started, answered, \
         ended, outcome, cause, queue, wait_ms, talk_ms, hold_ms, agent, consults) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(int(record.call.0))
    .bind(int(record.contact.0))
    .bind(name("kind", &record.kind)?)
    .bind(json("origin", &record.origin)?)
    .bind(record.caller.reveal())
    .bind(record.called.reveal())
    .bind(micros(record.started))
    .bind(record.answered.map(micros))
    .bind(micros(record.ended))
    .bind(record.outcome.name())
    .bind(name("cause", &record.cause)?)
    .bind(record.queue.as_ref().map(|queue| queue.as_str()))
    .bind(millis(record.wait))
    .bind(millis(record.talk))
    .bind(millis(record.hold))
    .bind(record.agent.as_ref().map(|agent| agent.as_str()))
    .bind(record.consults.map(|call| int(call.0)))
    .execute(connection)
    .await?;
    Ok(())
}

async fn write_leg(
    connection: &mut SqliteConnection,
    record: &CallRecord,
    position: i64,
    leg: &CallLeg,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO call_leg (call, position, agent, seat, device, number, entry, role, offered, \
         answered, ended, outcome, talk_ms, hold_ms) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(int(record.call.0))
    .bind(position)
    .bind(leg.agent.as_ref().map(|agent| agent.as_str()))
    .bind(leg.seat.as_ref().map(|seat| seat.as_str()))
    .bind(leg.device.as_ref().map(|device| device.as_str()))
    .bind(leg.number.as_ref().map(|number| number.reveal()))
    .bind(json("entry", &leg.entry)?)
    .bind(json("role", &leg.role)?)
    .bind(micros(leg.offered))
    .bind(leg.answered.map(micros))
    .bind(micros(leg.ended))
    .bind(name("outcome", &leg.outcome)?)
    .bind(millis(leg.talk))
    .bind(millis(leg.hold))
    .execute(connection)
    .await?;
    Ok(())
}

async fn write_recording_end(
    connection: &mut SqliteConnection,
    recording: RecordingId,
    end: &RecordingEnd,
    at: Timestamp,
) -> Result<(), StoreError> {
    match end {
        RecordingEnd::Saved { file, length, bytes, sha256 } => {
            let row = sqlx::query(
                "UPDATE recording SET ended = ?, file = ?, length_ms = ?, bytes = ?, sha256 = ? \
                 WHERE id = ? RETURNING kind",
            )
            .bind(micros(at))
            .bind(file)
            .bind(millis(*length))
            .bind(int(*bytes))
            .bind(sha256)
            .bind(int(recording.0))
            .fetch_optional(&mut *connection)
            .await?;
            let message = name("kind", &RecordingKind::Message)?;
            if row.is_some_and(|row| row.try_get::<String, _>("kind").is_ok_and(|it| it == message))
            {
                sqlx::query("INSERT INTO voice_message (recording) VALUES (?)")
                    .bind(int(recording.0))
                    .execute(connection)
                    .await?;
            }
        }
        RecordingEnd::Failed { reason } => {
            sqlx::query("UPDATE recording SET ended = ?, failure = ? WHERE id = ?")
                .bind(micros(at))
                .bind(reason)
                .bind(int(recording.0))
                .execute(connection)
                .await?;
        }
    }
    Ok(())
}

async fn write_state(
    connection: &mut SqliteConnection,
    event: EventNo,
    agent: &AgentId,
    to: &AgentState,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE agent_state_time SET ended = ? WHERE agent = ? AND ended IS NULL")
        .bind(micros(at))
        .bind(agent.as_str())
        .execute(&mut *connection)
        .await?;
    let reason = match to {
        AgentState::NotReady { reason } => Some(reason.to_string()),
        // Time away from work is not counted.
        AgentState::SignedOut => return Ok(()),
        AgentState::Ready
        | AgentState::Reserved { .. }
        | AgentState::OnCall { .. }
        | AgentState::AfterCallWork => None,
    };
    sqlx::query(
        "INSERT INTO agent_state_time (event, agent, state, reason, call, started) \
         VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(int(event.0))
    .bind(agent.as_str())
    .bind(to.name())
    .bind(reason)
    .bind(to.call().map(|call| int(call.0)))
    .bind(micros(at))
    .execute(connection)
    .await?;
    Ok(())
}
