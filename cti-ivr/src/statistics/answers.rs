//! Who answered which question of a survey when, so that he is not asked again too soon.

use std::collections::{BTreeMap, VecDeque};

use cti_core::{
    event::{Event, Fact},
    id::CallId,
    time::Timestamp,
};

/// Answers that are remembered; of more the oldest are forgotten.
const MAX_ANSWERS: usize = 100_000;

/// The last answers of callers, as the log tells them.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// The callers of the calls that are up, by their numbers.
    callers: BTreeMap<CallId, String>,
    /// When a caller answered a question last.
    last: BTreeMap<(String, String), Timestamp>,
    /// In the order of time.
    order: VecDeque<((String, String), Timestamp)>,
}

impl Answers {
    /// Follows one event.
    #[expect(clippy::wildcard_enum_match_arm, reason = "few facts are about answers")]
    pub(crate) fn follow(&mut self, event: &Event) {
        match &event.fact {
            Fact::CallStarted { call, caller, .. } if !caller.is_withheld() => {
                self.callers.insert(*call, caller.reveal().to_owned());
            }
            Fact::DataSet { call, data } => {
                let Some(caller) = self.callers.get(call).cloned() else { return };
                for question in data.keys().filter_map(|name| name.strip_prefix("survey.")) {
                    self.note((caller.clone(), question.to_owned()), event.at);
                }
            }
            Fact::CallEnded { call, .. } => {
                self.callers.remove(call);
            }
            _ => {}
        }
    }

    /// Returns when a caller answered a question last, if he did.
    pub(crate) fn last(&self, caller: &str, question: &str) -> Option<Timestamp> {
        self.last.get(&(caller.to_owned(), question.to_owned())).copied()
    }

    /// Remembers that a caller answered a question.
    pub(crate) fn note(&mut self, key: (String, String), at: Timestamp) {
        self.last.insert(key.clone(), at);
        self.order.push_back((key, at));
        while self.order.len() > MAX_ANSWERS {
            if let Some((key, at)) = self.order.pop_front()
                && self.last.get(&key) == Some(&at)
            {
                self.last.remove(&key);
            }
        }
    }
}
