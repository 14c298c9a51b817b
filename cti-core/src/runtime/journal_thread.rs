//! The thread that makes events durable: everything that has come together is written with one sync.

use std::{sync::mpsc as std_mpsc, thread, time::Duration};

use tokio::sync::mpsc;

use crate::{
    event::Event,
    id::EventNo,
    journal::{Journal, JournalError},
};

/// What the thread tells the driver.
#[derive(Debug)]
pub(crate) enum JournalReport {
    /// Everything up to this event is durable.
    Durable(EventNo),
    /// The storage refuses; the thread tries again until it takes the events.
    Failing(String),
}

/// The sending end; the number of events under way is bounded by the driver refusing calls while storage fails.
#[derive(Debug)]
pub(crate) struct JournalThread {
    events: Option<std_mpsc::Sender<Vec<Event>>>,
}

impl JournalThread {
    pub(crate) fn start(
        journal: Box<dyn Journal>,
    ) -> (Self, mpsc::UnboundedReceiver<JournalReport>) {
        let (events, batches) = std_mpsc::channel();
        let (reports, receiver) = mpsc::unbounded_channel();
        let spawned = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || work(journal, &batches, &reports));
        if let Err(error) = spawned {
            tracing::error!(%error, "cannot start the journal thread");
        }
        (Self { events: Some(events) }, receiver)
    }

    pub(crate) fn append(&self, batch: Vec<Event>) {
        if let Some(events) = &self.events
            && events.send(batch).is_err()
        {
            tracing::error!("the journal thread has ended");
        }
    }

    /// Lets the thread end once everything is written.
    pub(crate) fn close(&mut self) {
        self.events = None;
    }
}

fn work(
    mut journal: Box<dyn Journal>,
    batches: &std_mpsc::Receiver<Vec<Event>>,
    reports: &mpsc::UnboundedSender<JournalReport>,
) {
    while let Ok(mut batch) = batches.recv() {
        // Group commit: whatever came meanwhile shares the sync.
        while let Ok(more) = batches.try_recv() {
            batch.extend(more);
        }
        let Some(last) = batch.last().map(|event| event.no) else { continue };
        until_done(reports, || journal.append(&batch));
        until_done(reports, || journal.sync());
        if reports.send(JournalReport::Durable(last)).is_err() {
            return;
        }
    }
}

/// Tries again until it succeeds: an event that was decided must not be lost while the process lives.
fn until_done(
    reports: &mpsc::UnboundedSender<JournalReport>,
    mut attempt: impl FnMut() -> Result<(), JournalError>,
) {
    while let Err(error) = attempt() {
        let _ = reports.send(JournalReport::Failing(error.to_string()));
        thread::sleep(Duration::from_millis(200));
    }
}
