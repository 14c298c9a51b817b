//! Events on their way out: none is lost in silence.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, atomic::Ordering},
};

use super::{MediaEvent, handle::Gauges};

/// Takes an event, or gives it back when it has no room; it is offered again 20 ms later.
pub(super) type EventSink = Arc<dyn Fn(MediaEvent) -> Result<(), MediaEvent> + Send + Sync>;

/// The events of one thread, in order.
pub(super) struct Outbox {
    sink: EventSink,
    waiting: VecDeque<MediaEvent>,
    limit: usize,
    gauges: Arc<Gauges>,
}

impl Outbox {
    pub(super) fn new(sink: EventSink, limit: usize, gauges: Arc<Gauges>) -> Self {
        Self { sink, waiting: VecDeque::new(), limit, gauges }
    }

    pub(super) fn emit(&mut self, event: MediaEvent) {
        let refused = if self.waiting.is_empty() { (self.sink)(event) } else { Err(event) };
        let Err(event) = refused else { return };
        if self.waiting.len() < self.limit {
            self.waiting.push_back(event);
        } else {
            self.gauges.dropped_events.fetch_add(1, Ordering::Relaxed);
            tracing::error!(?event, "Dropped a media event: the receiver is full");
        }
    }

    /// Offers what is waiting once more.
    pub(super) fn retry(&mut self) {
        while let Some(event) = self.waiting.pop_front() {
            if let Err(event) = (self.sink)(event) {
                self.waiting.push_front(event);
                return;
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::engine::LegKey;

    #[test]
    fn events_wait_for_a_full_receiver_in_order_and_drops_are_counted() {
        let room = Arc::new(Mutex::new(0_usize));
        let taken = Arc::new(Mutex::new(Vec::new()));
        let sink: EventSink = {
            let (room, taken) = (Arc::clone(&room), Arc::clone(&taken));
            Arc::new(move |event| {
                let mut room = room.lock().unwrap();
                if *room == 0 {
                    return Err(event);
                }
                *room -= 1;
                taken.lock().unwrap().push(event);
                Ok(())
            })
        };
        let gauges = Arc::new(Gauges::default());
        let mut outbox = Outbox::new(sink, 2, Arc::clone(&gauges));
        let event = |n| MediaEvent::DigitsSent { leg: LegKey(n) };

        (1..=3).for_each(|n| outbox.emit(event(n)));
        *room.lock().unwrap() = 5;
        outbox.retry();
        outbox.emit(event(4));

        assert_eq!(*taken.lock().unwrap(), [event(1), event(2), event(4)]);
        assert_eq!(gauges.dropped_events.load(Ordering::Relaxed), 1);
        assert!(outbox.is_empty());
    }
}
