//! What people decide about recordings: quality, hold, deletion; each decision is noted.

use cti_bindings::records::{
    RecordsError,
    recording::{Decision, KeepError, KeepNote, Quality},
};
use cti_core::{id::RecordingId, time::Timestamp};
use sqlx::{Sqlite, Transaction};

use super::{
    SqliteStore,
    value::{get_at, get_int, get_text, get_text_opt, int, micros, name},
};
use crate::error::StoreError;

impl SqliteStore {
    pub(super) async fn decided(
        &self,
        id: RecordingId,
        decision: &Decision,
        by: &str,
        reason: &str,
        at: Timestamp,
    ) -> Result<(), KeepError> {
        let mut transaction = self.begin().await.map_err(RecordsError::from)?;
        let row = sqlx::query("SELECT file, held FROM recording WHERE id = ? AND file IS NOT NULL")
            .bind(int(id.0))
            .fetch_optional(&mut *transaction)
            .await
            .map_err(StoreError::from)
            .map_err(RecordsError::from)?;
        let row = row.ok_or(KeepError::Unknown { recording: id })?;
        let held = get_text_opt(&row, "held").map_err(RecordsError::from)?;
        let file = get_text(&row, "file").map_err(RecordsError::from)?;
        let is_gone = match decision {
            Decision::Judge(_) | Decision::Hold | Decision::Release | Decision::Export => false,
            Decision::Delete => match held {
                Some(reason) => return Err(KeepError::Held { recording: id, reason }),
                None => true,
            },
        };
        if is_gone {
            // First the file: a row that names none must not leave a voice behind.
            let removed = self.config.recordings.remove(&file).await;
            removed.map_err(|error| RecordsError::Storage(Box::new(error)))?;
        }
        let written = write(&mut transaction, id, decision, (by, reason, at)).await;
        written.map_err(RecordsError::from)?;
        transaction.commit().await.map_err(StoreError::from).map_err(RecordsError::from)?;
        Ok(())
    }

    /// Deletes recordings that began before a moment, the oldest first, `most` at a time; those that are held stay.
    /// Returns the last one looked at, to go on after it; `None` when there are no more.
    ///
    /// # Errors
    /// When the records cannot be read or written, or a file cannot be removed.
    pub async fn expire(
        &self,
        before: Timestamp,
        after: Option<RecordingId>,
        most: u32,
        now: Timestamp,
    ) -> Result<Option<RecordingId>, KeepError> {
        let rows = sqlx::query(
            "SELECT id FROM recording WHERE id > ? AND started < ? AND file IS NOT NULL \
             AND held IS NULL ORDER BY id LIMIT ?",
        )
        .bind(after.map_or(0, |after| int(after.0)))
        .bind(micros(before))
        .bind(i64::from(most))
        .fetch_all(&self.readers)
        .await
        .map_err(StoreError::from)
        .map_err(RecordsError::from)?;
        let mut last = None;
        for row in &rows {
            let id = RecordingId(get_int(row, "id").map_err(RecordsError::from)?);
            let reason = "its time is over";
            match self.decided(id, &Decision::Delete, "retention", reason, now).await {
                // Somebody was faster, or wants it kept.
                Ok(()) | Err(KeepError::Unknown { .. } | KeepError::Held { .. }) => {}
                Err(error @ KeepError::Records(_)) => return Err(error),
            }
            last = Some(id);
        }
        Ok(last)
    }

    pub(super) async fn notes_of(&self, id: RecordingId) -> Result<Vec<KeepNote>, StoreError> {
        let rows = sqlx::query(
            "SELECT at, by, what, reason FROM recording_note WHERE recording = ? ORDER BY no LIMIT 1000",
        )
        .bind(int(id.0))
        .fetch_all(&self.readers)
        .await?;
        let note = |row| {
            Ok(KeepNote {
                at: get_at(row, "at")?,
                by: get_text(row, "by")?,
                what: get_text(row, "what")?,
                reason: get_text(row, "reason")?,
            })
        };
        rows.iter().map(note).collect()
    }
}

async fn write(
    transaction: &mut Transaction<'static, Sqlite>,
    id: RecordingId,
    decision: &Decision,
    (by, reason, at): (&str, &str, Timestamp),
) -> Result<(), StoreError> {
    let quality = |quality: &Quality| name("quality", quality);
    let (statement, value, what) = match decision {
        Decision::Judge(state) => (
            "UPDATE recording SET quality = ?1 WHERE id = ?2",
            Some(quality(state)?),
            quality(state)?,
        ),
        Decision::Hold => (
            "UPDATE recording SET held = ?1 WHERE id = ?2",
            Some(reason.to_owned()),
            "held".to_owned(),
        ),
        Decision::Release => {
            ("UPDATE recording SET held = ?1 WHERE id = ?2", None, "released".to_owned())
        }
        Decision::Delete => (
            "UPDATE recording SET file = NULL, failure = ?1 WHERE id = ?2",
            Some("deleted".to_owned()),
            "deleted".to_owned(),
        ),
        Decision::Export => ("SELECT ?1, ?2", None, "exported".to_owned()),
    };
    sqlx::query(statement).bind(value).bind(int(id.0)).execute(&mut **transaction).await?;
    if matches!(decision, Decision::Delete) {
        sqlx::query("DELETE FROM voice_message WHERE recording = ?")
            .bind(int(id.0))
            .execute(&mut **transaction)
            .await?;
    }
    sqlx::query(
        "INSERT INTO recording_note (recording, at, by, what, reason) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(int(id.0))
    .bind(micros(at))
    .bind(by)
    .bind(what)
    .bind(reason)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
