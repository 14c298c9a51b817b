//! Reads recordings, messages and alarms.

use std::sync::Arc;

use cti_bindings::records::{
    audio::Audio,
    filter::{Filter, Page},
    recording::{AlarmRecord, Recording, VoiceMessage},
};
use cti_core::id::{AlarmId, CallId, RecordingId};
use sqlx::{QueryBuilder, Sqlite, sqlite::SqliteRow};

use super::{
    SqliteStore,
    calls::{page, push_page},
    value::{
        get_at, get_at_opt, get_int, get_json, get_millis, get_name, get_number, get_parsed_opt,
        get_text, get_text_opt, int,
    },
};
use crate::error::StoreError;

const RECORDING: &str = "SELECT id, call, kind, agent, seat, caller, called, started, ended, \
     length_ms, bytes, sha256, trunk, pauses, quality, held FROM recording WHERE file IS NOT NULL";

impl SqliteStore {
    pub(super) async fn find_recordings(
        &self,
        filter: &Filter,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Page<Recording>, StoreError> {
        let ids = self.search(filter, after, i64::from(limit) + 1).await?;
        if ids.is_empty() {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let mut query = QueryBuilder::new(RECORDING);
        query.push(" AND id IN (");
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(id);
        }
        query.push(") ORDER BY id DESC");
        Ok(page(self.read_recordings(query).await?, limit, |recording| recording.id.0))
    }

    pub(super) async fn find_recording(
        &self,
        id: RecordingId,
    ) -> Result<Option<Recording>, StoreError> {
        let mut query = QueryBuilder::new(RECORDING);
        query.push(" AND id = ").push_bind(int(id.0));
        Ok(self.read_recordings(query).await?.pop())
    }

    async fn read_recordings(
        &self,
        mut query: QueryBuilder<Sqlite>,
    ) -> Result<Vec<Recording>, StoreError> {
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(recording).collect()
    }

    pub(super) async fn find_audio(
        &self,
        id: RecordingId,
    ) -> Result<Option<Arc<dyn Audio>>, StoreError> {
        let row = sqlx::query("SELECT file FROM recording WHERE id = ? AND file IS NOT NULL")
            .bind(int(id.0))
            .fetch_optional(&self.readers)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let file = get_text(&row, "file")?;
        self.config.recordings.open(&file).await.map_err(|error| StoreError::value("file", error))
    }

    pub(super) async fn find_messages(
        &self,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Page<VoiceMessage>, StoreError> {
        let mut query = QueryBuilder::new(
            "SELECT id, caller, called, started, length_ms, handled FROM voice_message \
             JOIN recording ON recording.id = voice_message.recording WHERE file IS NOT NULL AND length_ms > 0",
        );
        push_page(&mut query, "id", after, limit);
        let rows = query.build().fetch_all(&self.readers).await?;
        let messages: Result<Vec<_>, StoreError> = rows
            .iter()
            .map(|row| {
                Ok(VoiceMessage {
                    recording: RecordingId(get_int(row, "id")?),
                    caller: get_number(row, "caller")?,
                    called: get_number(row, "called")?,
                    at: get_at(row, "started")?,
                    length: get_millis(row, "length_ms")?,
                    handled: get_int(row, "handled")? != 0,
                })
            })
            .collect();
        Ok(page(messages?, limit, |message| message.recording.0))
    }

    pub(super) async fn find_alarms(
        &self,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Page<AlarmRecord>, StoreError> {
        let mut query = QueryBuilder::new("SELECT id, kind, raised, cleared FROM alarm WHERE true");
        push_page(&mut query, "id", after, limit);
        let rows = query.build().fetch_all(&self.readers).await?;
        let alarms: Result<Vec<_>, StoreError> = rows
            .iter()
            .map(|row| {
                Ok(AlarmRecord {
                    id: AlarmId(get_int(row, "id")?),
                    kind: get_json(row, "kind")?,
                    raised: get_at(row, "raised")?,
                    cleared: get_at_opt(row, "cleared")?,
                })
            })
            .collect();
        Ok(page(alarms?, limit, |alarm| alarm.id.0))
    }
}

fn recording(row: &SqliteRow) -> Result<Recording, StoreError> {
    Ok(Recording {
        id: RecordingId(get_int(row, "id")?),
        call: CallId(get_int(row, "call")?),
        agent: get_parsed_opt(row, "agent")?,
        seat: get_parsed_opt(row, "seat")?,
        caller: get_number(row, "caller")?,
        called: get_number(row, "called")?,
        started: get_at(row, "started")?,
        ended: get_at(row, "ended")?,
        length: get_millis(row, "length_ms")?,
        bytes: get_int(row, "bytes")?,
        kind: get_name(row, "kind")?,
        sha256: get_text(row, "sha256")?,
        trunk: get_parsed_opt(row, "trunk")?,
        pauses: get_json(row, "pauses")?,
        quality: get_name(row, "quality")?,
        held: get_text_opt(row, "held")?,
    })
}
