//! The log of what happens, for the administrator: one line per fact, with its call, numbers masked.

use std::sync::Arc;

use cti_bindings::centre::{Centre, Delivery};
use cti_core::{
    event::{Event, Fact},
    id::EventNo,
    words::in_words,
};

/// Logs every fact after `after` for as long as the Center runs.
pub async fn follow(centre: Arc<dyn Centre>, after: EventNo) {
    let mut last = after;
    loop {
        let mut subscription = centre.subscribe(last);
        loop {
            match subscription.next().await {
                Some(Delivery::Event(event)) => {
                    last = event.no;
                    log(&event);
                }
                Some(Delivery::Lost) => break,
                None => return,
            }
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "most facts are told alike")]
fn log(event: &Event) {
    let call = event.fact.call().map(tracing::field::display);
    let no = event.no.0;
    match &event.fact {
        Fact::AlarmRaised { .. } => tracing::warn!(call, no, "{}", in_words(&event.fact)),
        // The network's own name joins our log with a capture.
        Fact::CallStarted { network_id, .. } => {
            tracing::info!(call, no, network_id, "{}", in_words(&event.fact));
        }
        Fact::FlowVisited { .. }
        | Fact::DigitPressed { .. }
        | Fact::FlowEnded { .. }
        | Fact::DataSet { .. } => {
            tracing::debug!(call, no, "{}", in_words(&event.fact));
        }
        _ => tracing::info!(call, no, "{}", in_words(&event.fact)),
    }
}
