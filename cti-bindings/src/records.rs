//! Records of what has happened, as the REST interface shows them; a store keeps them.

pub mod audio;
pub mod call;
pub mod filter;
pub mod recording;

use std::sync::Arc;

use async_trait::async_trait;
use cti_core::{
    id::{CallId, RecordingId},
    time::Timestamp,
};

use self::{
    audio::Audio,
    call::CallRecord,
    filter::{Filter, Page, PageRequest},
    recording::{AlarmRecord, Decision, KeepError, KeepNote, Recording, VoiceMessage},
};

/// Why records could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// `after` is not a cursor that an earlier page gave.
    #[error("after is not a cursor of this list")]
    Cursor,
    /// The storage failed.
    #[error("records: {0}")]
    Storage(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Records; the newest come first.
#[async_trait]
pub trait Records: Send + Sync {
    /// Returns the calls that fit the filter.
    async fn calls(
        &self,
        filter: &Filter,
        page: PageRequest,
    ) -> Result<Page<CallRecord>, RecordsError>;

    /// Returns one call.
    async fn call(&self, call: CallId) -> Result<Option<CallRecord>, RecordsError>;

    /// Returns the recordings that fit the filter; only those that have a file.
    async fn recordings(
        &self,
        filter: &Filter,
        page: PageRequest,
    ) -> Result<Page<Recording>, RecordsError>;

    /// Returns one recording.
    async fn recording(&self, id: RecordingId) -> Result<Option<Recording>, RecordsError>;

    /// Returns the audio of a recording; `None` when there is none, or its file is gone.
    async fn recording_audio(
        &self,
        id: RecordingId,
    ) -> Result<Option<Arc<dyn Audio>>, RecordsError>;

    /// Carries out what somebody decided about a recording, and notes it.
    async fn decide(
        &self,
        id: RecordingId,
        decision: &Decision,
        by: &str,
        reason: &str,
        at: Timestamp,
    ) -> Result<(), KeepError>;

    /// Returns what was decided about a recording, in that order; also of one that is gone.
    async fn recording_notes(&self, id: RecordingId) -> Result<Vec<KeepNote>, RecordsError>;

    /// Returns the messages that callers left.
    async fn messages(&self, page: PageRequest) -> Result<Page<VoiceMessage>, RecordsError>;

    /// Returns the alarms, those that are over too.
    async fn alarms(&self, page: PageRequest) -> Result<Page<AlarmRecord>, RecordsError>;
}
