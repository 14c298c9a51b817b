//! Takes a citizen out of records and tickets.

use async_trait::async_trait;
use cti_core::{address::PhoneNumber, id::ContactId};

use super::{
    SqliteStore,
    projection::write_state,
    value::{get_int, get_text, int},
};
use crate::{
    erasure::{ErasureStore, Forgotten},
    error::StoreError,
};

#[async_trait]
impl ErasureStore for SqliteStore {
    async fn contacts_of(&self, citizen: &PhoneNumber) -> Result<Vec<ContactId>, StoreError> {
        let rows = sqlx::query(
            "SELECT contact FROM call_record \
             WHERE caller_normal = ?1 OR (kind IN ('outgoing', 'consult') AND called_normal = ?1) \
             UNION SELECT contact FROM contact_record WHERE caller IN \
             (SELECT caller FROM call_record WHERE caller_normal = ?1 \
              UNION SELECT called FROM call_record WHERE kind = 'outgoing' AND called_normal = ?1 \
              UNION SELECT ?1)",
        )
        .bind(citizen.reveal())
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(|row| get_int(row, "contact").map(ContactId)).collect()
    }

    async fn forget(
        &self,
        citizen: &PhoneNumber,
        contacts: &[ContactId],
    ) -> Result<Forgotten, StoreError> {
        // Held to the end, so that nobody writes records meanwhile; read again by whoever is next.
        let mut kept = self.projector.lock().await;
        let mut transaction = self.begin().await?;
        let projector = match kept.take() {
            Some((projector, _)) => projector,
            None => super::projection::load(&mut transaction, &self.cuts()?).await?.0,
        };
        let mut forgotten = Forgotten::default();
        for contact in contacts {
            let contact = int(contact.0);
            let files = sqlx::query(
                "UPDATE recording SET caller = '', caller_normal = '', called_normal = '', \
                 called = '', failure = 'erased' WHERE call IN \
                 (SELECT call FROM call_record WHERE contact = ?) RETURNING coalesce(file, '') AS file",
            )
            .bind(contact)
            .fetch_all(&mut *transaction)
            .await?;
            for row in &files {
                let file = get_text(row, "file")?;
                if !file.is_empty() {
                    forgotten.recordings.push(file);
                }
            }
            let statements = [
                "DELETE FROM voice_message WHERE recording IN (SELECT id FROM recording WHERE call IN \
                 (SELECT call FROM call_record WHERE contact = ?))",
                "UPDATE recording SET file = NULL WHERE call IN \
                 (SELECT call FROM call_record WHERE contact = ?)",
                "UPDATE call_leg SET number = NULL WHERE call IN \
                 (SELECT call FROM call_record WHERE contact = ?)",
                "UPDATE contact_record SET caller = NULL WHERE contact = ?",
            ];
            for statement in statements {
                sqlx::query(statement).bind(contact).execute(&mut *transaction).await?;
            }
            // The number of the centre that was dialled names nobody.
            let calls = sqlx::query(
                "UPDATE call_record SET region = NULL, \
                 caller = CASE kind WHEN 'outgoing' THEN caller ELSE '' END, \
                 caller_normal = CASE kind WHEN 'outgoing' THEN caller_normal ELSE '' END, \
                 called = CASE WHEN kind IN ('outgoing', 'consult') THEN '' ELSE called END, \
                 called_normal = CASE WHEN kind IN ('outgoing', 'consult') THEN '' ELSE called_normal END \
                 WHERE contact = ?",
            )
            .bind(contact)
            .execute(&mut *transaction)
            .await?;
            forgotten.calls += calls.rows_affected();
        }
        let tickets = sqlx::query(
            "UPDATE ticket SET caller_number = '', caller_normal = '', caller_name = NULL, \
             address = NULL WHERE caller_normal = ?",
        )
        .bind(citizen.reveal())
        .execute(&mut *transaction)
        .await?;
        forgotten.tickets = tickets.rows_affected();
        // The last events lie beside the folds in clear until the folds are written anew.
        write_state(&mut transaction, &projector).await?;
        transaction.commit().await?;
        // Nor in what was written ahead of it.
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.writer).await?;
        *kept = Some((projector.clone(), projector.last()));
        Ok(forgotten)
    }
}
