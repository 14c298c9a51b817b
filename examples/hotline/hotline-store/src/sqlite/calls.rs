//! Reads call records.

use std::sync::Arc;

use async_trait::async_trait;
use cti_bindings::records::{
    Records, RecordsError,
    audio::Audio,
    call::{CallLeg, CallRecord},
    filter::{CallView, Filter, Page, PageRequest},
    recording::{AlarmRecord, Decision, KeepError, KeepNote, Recording, VoiceMessage},
};
use cti_core::{
    id::{CallId, ContactId, EntryId, LegId, RecordingId},
    quality::VoiceQuality,
    records::VoiceRecord,
    time::Timestamp,
};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection, sqlite::SqliteRow};

use super::{
    SqliteStore,
    value::{
        get_at, get_at_opt, get_int, get_int_opt, get_json, get_name, get_number, get_parsed,
        get_parsed_opt, get_text_opt, get_us, int, micros,
    },
};
use crate::error::StoreError;

/// A cursor is the counted id of the last item of the page before.
pub(super) fn cursor(page: &PageRequest) -> Result<Option<i64>, RecordsError> {
    page.after.as_deref().map(|after| after.parse().map_err(|_| RecordsError::Cursor)).transpose()
}

/// Cuts the item beyond the page off; `id` names an item's place.
pub(super) fn page<T>(mut items: Vec<T>, limit: u32, id: impl Fn(&T) -> u64) -> Page<T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let next = if more { items.last().map(|item| id(item).to_string()) } else { None };
    Page { items, next }
}

impl From<StoreError> for RecordsError {
    fn from(error: StoreError) -> Self {
        Self::Storage(Box::new(error))
    }
}

const CALL: &str = "SELECT call, contact, kind, origin, caller, called, caller_normal, \
     called_normal, region, list_entry, list_level, started, answered, ended, outcome, cause, queue, \
     wait_us, talk_us, hold_us, consult_us, supervise_us, agent, consults, \
     (SELECT max(id) FROM recording WHERE recording.call = call_record.call AND file IS NOT NULL) \
     AS recording, \
     (SELECT no FROM ticket WHERE ticket.call = call_record.call) AS ticket FROM call_record";

#[async_trait]
impl Records for SqliteStore {
    async fn calls(
        &self,
        filter: &Filter,
        request: PageRequest,
    ) -> Result<Page<CallRecord>, RecordsError> {
        let after = cursor(&request)?;
        Ok(self.find_calls(filter, after, request.limit).await?)
    }

    async fn call(&self, call: CallId) -> Result<Option<CallRecord>, RecordsError> {
        let mut query = QueryBuilder::new(CALL);
        query.push(" WHERE call = ").push_bind(int(call.0));
        Ok(self.read_calls(query).await?.pop())
    }

    async fn recordings(
        &self,
        filter: &Filter,
        request: PageRequest,
    ) -> Result<Page<Recording>, RecordsError> {
        let after = cursor(&request)?;
        Ok(self.find_recordings(filter, after, request.limit).await?)
    }

    async fn recording(&self, id: RecordingId) -> Result<Option<Recording>, RecordsError> {
        Ok(self.find_recording(id).await?)
    }

    async fn recording_audio(
        &self,
        id: RecordingId,
    ) -> Result<Option<Arc<dyn Audio>>, RecordsError> {
        Ok(self.find_audio(id).await?)
    }

    async fn decide(
        &self,
        id: RecordingId,
        decision: &Decision,
        by: &str,
        reason: &str,
        at: Timestamp,
    ) -> Result<(), KeepError> {
        self.decided(id, decision, by, reason, at).await
    }

    async fn recording_notes(&self, id: RecordingId) -> Result<Vec<KeepNote>, RecordsError> {
        Ok(self.notes_of(id).await?)
    }

    async fn messages(&self, request: PageRequest) -> Result<Page<VoiceMessage>, RecordsError> {
        let after = cursor(&request)?;
        Ok(self.find_messages(after, request.limit).await?)
    }

    async fn alarms(&self, request: PageRequest) -> Result<Page<AlarmRecord>, RecordsError> {
        let after = cursor(&request)?;
        Ok(self.find_alarms(after, request.limit).await?)
    }
}

impl SqliteStore {
    async fn find_calls(
        &self,
        filter: &Filter,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Page<CallRecord>, StoreError> {
        let mut query = QueryBuilder::new(CALL);
        // A feature code that an agent dials is no call to the centre.
        query.push(" WHERE kind <> 'feature'");
        push_filter(&mut query, filter);
        if let Some(citizen) = &filter.citizen {
            let citizen = citizen.reveal().to_owned();
            query
                .push(" AND (caller_normal = ")
                .push_bind(citizen.clone())
                .push(" OR (kind = 'outgoing' AND called_normal = ")
                .push_bind(citizen)
                .push("))");
        }
        // What became of it with the agent, or with any agent.
        let became = match filter.view {
            Some(CallView::Answered) => " AND answered IS NOT NULL",
            Some(CallView::Unanswered) => " AND answered IS NULL",
            Some(CallView::Incoming | CallView::Outgoing) | None => "",
        };
        match filter.view {
            Some(CallView::Incoming) => drop(query.push(" AND kind IN ('service', 'refused')")),
            Some(CallView::Outgoing) => drop(query.push(" AND kind = 'outgoing'")),
            Some(CallView::Answered | CallView::Unanswered) | None => {}
        }
        if let Some(agent) = &filter.agent {
            query
                .push(" AND call IN (SELECT call FROM call_leg WHERE agent = ")
                .push_bind(agent.to_string())
                .push(became)
                .push(")");
        } else if !became.is_empty() {
            query
                .push(" AND call IN (SELECT call FROM call_leg WHERE agent IS NOT NULL")
                .push(became)
                .push(")");
        }
        if let Some(seat) = &filter.seat {
            query
                .push(" AND call IN (SELECT call FROM call_leg WHERE seat = ")
                .push_bind(seat.to_string())
                .push(")");
        }
        push_page(&mut query, "call", after, limit);
        Ok(page(self.read_calls(query).await?, limit, |record| record.call.0))
    }

    /// Returns the last calls of a number to the centre.
    pub(super) async fn read_calls(
        &self,
        mut query: QueryBuilder<Sqlite>,
    ) -> Result<Vec<CallRecord>, StoreError> {
        let mut connection = self.readers.acquire().await?;
        let rows = query.build().fetch_all(&mut *connection).await?;
        let mut records = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut record = record(row)?;
            record.legs = legs(&mut connection, record.call).await?;
            record.voice = voice(&mut connection, record.call).await?;
            records.push(record);
        }
        Ok(records)
    }
}

/// Adds what calls are searched by.
fn push_filter(query: &mut QueryBuilder<Sqlite>, filter: &Filter) {
    if let Some(caller) = &filter.caller {
        query.push(" AND caller_normal = ").push_bind(caller.reveal().to_owned());
    }
    if let Some(called) = &filter.called {
        query.push(" AND called_normal = ").push_bind(called.reveal().to_owned());
    }
    if let Some(from) = filter.from {
        query.push(" AND started >= ").push_bind(micros(from));
    }
    if let Some(to) = filter.to {
        query.push(" AND started < ").push_bind(micros(to));
    }
}

/// Adds the place where the page begins, and one item more than it has.
pub(super) fn push_page(
    query: &mut QueryBuilder<Sqlite>,
    id: &'static str,
    after: Option<i64>,
    limit: u32,
) {
    if let Some(after) = after {
        query.push(" AND ").push(id).push(" < ").push_bind(after);
    }
    query.push(" ORDER BY ").push(id).push(" DESC LIMIT ").push_bind(i64::from(limit) + 1);
}

fn record(row: &SqliteRow) -> Result<CallRecord, StoreError> {
    Ok(CallRecord {
        call: CallId(get_int(row, "call")?),
        contact: ContactId(get_int(row, "contact")?),
        kind: get_name(row, "kind")?,
        origin: get_json(row, "origin")?,
        caller: get_number(row, "caller")?,
        called: get_number(row, "called")?,
        caller_normal: get_number(row, "caller_normal")?,
        called_normal: get_number(row, "called_normal")?,
        region: get_text_opt(row, "region")?,
        listed: match get_int_opt(row, "list_entry")? {
            Some(entry) => Some((EntryId(entry), get_json(row, "list_level")?)),
            None => None,
        },
        started: get_at(row, "started")?,
        answered: get_at_opt(row, "answered")?,
        ended: get_at(row, "ended")?,
        outcome: get_parsed(row, "outcome")?,
        cause: get_name(row, "cause")?,
        queue: get_parsed_opt(row, "queue")?,
        wait: get_us(row, "wait_us")?,
        talk: get_us(row, "talk_us")?,
        hold: get_us(row, "hold_us")?,
        consult: get_us(row, "consult_us")?,
        supervise: get_us(row, "supervise_us")?,
        agent: get_parsed_opt(row, "agent")?,
        legs: Vec::new(),
        voice: Vec::new(),
        consults: get_int_opt(row, "consults")?.map(CallId),
        recording: get_int_opt(row, "recording")?.map(RecordingId),
        ticket: get_text_opt(row, "ticket")?,
    })
}

async fn legs(connection: &mut SqliteConnection, call: CallId) -> Result<Vec<CallLeg>, StoreError> {
    let rows = sqlx::query(
        "SELECT agent, seat, device, number, entry, part, offered, answered, ended, outcome, \
         talk_us, hold_us, consult_us, supervise_us FROM call_leg WHERE call = ? ORDER BY position",
    )
    .bind(int(call.0))
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(CallLeg {
                agent: get_parsed_opt(row, "agent")?,
                seat: get_parsed_opt(row, "seat")?,
                device: get_parsed_opt(row, "device")?,
                number: get_text_opt(row, "number")?
                    .map(|_| get_number(row, "number"))
                    .transpose()?,
                entry: get_json(row, "entry")?,
                part: get_text_opt(row, "part")?.map(|_| get_name(row, "part")).transpose()?,
                offered: get_at(row, "offered")?,
                answered: get_at_opt(row, "answered")?,
                ended: get_at(row, "ended")?,
                outcome: get_name(row, "outcome")?,
                talk: get_us(row, "talk_us")?,
                hold: get_us(row, "hold_us")?,
                consult: get_us(row, "consult_us")?,
                supervise: get_us(row, "supervise_us")?,
            })
        })
        .collect()
}

async fn voice(
    connection: &mut SqliteConnection,
    call: CallId,
) -> Result<Vec<VoiceRecord>, StoreError> {
    let rows = sqlx::query(
        "SELECT leg, agent, device, ended, received, lost, sent, lost_by_peer, jitter_us, \
         max_jitter_us, round_trip_us FROM call_voice WHERE call = ? ORDER BY ended, leg",
    )
    .bind(int(call.0))
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(VoiceRecord {
                call,
                leg: LegId(get_int(row, "leg")?),
                agent: get_parsed_opt(row, "agent")?,
                device: get_parsed_opt(row, "device")?,
                ended: get_at(row, "ended")?,
                quality: VoiceQuality {
                    received: get_int(row, "received")?,
                    lost: get_int(row, "lost")?,
                    sent: get_int(row, "sent")?,
                    lost_by_peer: get_int(row, "lost_by_peer")?,
                    jitter_us: get_int(row, "jitter_us")?,
                    max_jitter_us: get_int(row, "max_jitter_us")?,
                    round_trip_us: get_int_opt(row, "round_trip_us")?,
                },
            })
        })
        .collect()
}
