//! The driver that keeps the records up with the log.

use std::{sync::Arc, time::Duration};

use cti_bindings::centre::{Centre, Delivery};
use cti_core::{event::Event, id::EventNo};
use tokio::{sync::watch, time::Instant};

use crate::projection::ProjectionStore;

/// The most events that are written in one transaction.
const BATCH: usize = 256;
/// How long a batch waits for more events: one sync to disk serves them all.
const LINGER: Duration = Duration::from_millis(50);
/// How long to wait before events that were lost are asked for again.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a failed write waits before it is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Writes records of the log until the Center ends. `applied` tells the last event whose records are written, `tell`
/// why they cannot be written, or with nothing that they can.
///
/// A failed write is tried again from the last event that was applied; nothing is skipped.
pub async fn follow(
    centre: Arc<dyn Centre>,
    store: Arc<dyn ProjectionStore>,
    applied: watch::Sender<EventNo>,
    tell: impl Fn(Option<String>) + Send + Sync,
) {
    loop {
        match catch_up(centre.as_ref(), store.as_ref(), &applied, &tell).await {
            Ok(End::Centre) => return,
            Ok(End::Lost) => tokio::time::sleep(PAUSE).await,
            Err(error) => {
                tell(Some(error.to_string()));
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

enum End {
    Centre,
    Lost,
}

async fn catch_up(
    centre: &dyn Centre,
    store: &dyn ProjectionStore,
    applied: &watch::Sender<EventNo>,
    tell: &(impl Fn(Option<String>) + Sync),
) -> Result<End, crate::projection::ProjectionError> {
    let last = store.last_applied().await?;
    applied.send_replace(last);
    let mut subscription = centre.subscribe(last);
    let mut deadline = None;
    let mut batch: Vec<Event> = Vec::with_capacity(BATCH);
    loop {
        let delivery = match deadline {
            None => Some(subscription.next().await),
            Some(deadline) => tokio::time::timeout_at(deadline, subscription.next()).await.ok(),
        };
        let end = match delivery {
            Some(Some(Delivery::Event(event))) => {
                deadline.get_or_insert_with(|| Instant::now() + LINGER);
                batch.push(event.as_ref().clone());
                if batch.len() < BATCH {
                    continue;
                }
                None
            }
            Some(Some(Delivery::Lost)) => Some(End::Lost),
            Some(None) => Some(End::Centre),
            None => None,
        };
        if !batch.is_empty() {
            applied.send_replace(store.apply(&batch).await?);
            tell(None);
            batch.clear();
            deadline = None;
        }
        if let Some(end) = end {
            return Ok(end);
        }
    }
}
