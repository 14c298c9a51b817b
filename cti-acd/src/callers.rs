//! Who calls: from which area, and who served him last (来电记忆), by his number in normal form.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::{
    address::PhoneNumber,
    event::{CallKind, Event, Fact},
    id::{AgentId, CallId, ContactId, RegionId},
    switch::Origin,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// How many callers are remembered; the one whose talk is longest ago is forgotten first.
const MAX_REMEMBERED: usize = 100_000;

/// A call with somebody outside that is going on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Talk {
    contact: ContactId,
    /// Who is outside.
    number: PhoneNumber,
    /// The area code of his number, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    area: Option<String>,
    /// The agent who called him.
    by: Option<AgentId>,
}

/// Who served a caller last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Served {
    number: PhoneNumber,
    pub(crate) agent: AgentId,
    /// When they began to talk.
    pub(crate) at: Timestamp,
    contact: ContactId,
}

/// What facts have told of talks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Saved", into = "Saved")]
pub(crate) struct Callers {
    talks: BTreeMap<CallId, Talk>,
    served: BTreeMap<PhoneNumber, Served>,
    /// The callers by the moment of their last talk.
    by_time: BTreeSet<(Timestamp, PhoneNumber)>,
}

/// What is kept of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    talks: BTreeMap<CallId, Talk>,
    served: Vec<Served>,
}

impl From<Callers> for Saved {
    fn from(it: Callers) -> Self {
        Self { talks: it.talks, served: it.served.into_values().collect() }
    }
}

impl From<Saved> for Callers {
    fn from(saved: Saved) -> Self {
        let mut it = Self { talks: saved.talks, ..Self::default() };
        saved.served.into_iter().for_each(|served| it.remember(served));
        it
    }
}

impl Callers {
    /// Follows one fact.
    pub(crate) fn follow(&mut self, event: &Event) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "a talk is all that it looks for")]
        match &event.fact {
            Fact::CallStarted { call, contact, origin: Origin::Trunk(_), caller, .. } => {
                let (contact, number) = (*contact, caller.clone());
                self.talks.insert(*call, Talk { contact, number, area: None, by: None });
            }
            Fact::CallStarted { call, contact, kind: CallKind::Outgoing, called, by, .. } => {
                let by = by.as_ref().and_then(|by| by.agent.clone());
                let (contact, number) = (*contact, called.clone());
                self.talks.insert(*call, Talk { contact, number, area: None, by });
            }
            Fact::NumbersRead { call, numbers } => {
                if let Some(talk) = self.talks.get_mut(call) {
                    let outside = if talk.by.is_some() { &numbers.called } else { &numbers.caller };
                    talk.area.clone_from(&numbers.area);
                    // A number that is none in normal form stays as it was received.
                    if let Ok(number) = PhoneNumber::parse(outside.reveal()) {
                        talk.number = number;
                    }
                }
            }
            Fact::Connected { call, party, .. } => {
                let Some(talk) = self.talks.get(call) else { return };
                let agent = party.agent.as_ref().or(talk.by.as_ref());
                if let Some(agent) = agent.filter(|_| !talk.number.reveal().is_empty()) {
                    self.remember(Served {
                        number: talk.number.clone(),
                        agent: agent.clone(),
                        at: event.at,
                        contact: talk.contact,
                    });
                }
            }
            Fact::CallEnded { call, .. } => {
                self.talks.remove(call);
            }
            Fact::DataErased { contacts, .. } => {
                let erased: BTreeSet<&ContactId> = contacts.iter().collect();
                self.served.retain(|_, it| !erased.contains(&it.contact));
                let served = &self.served;
                self.by_time.retain(|(_, number)| served.contains_key(number));
            }
            _ => {}
        }
    }

    fn remember(&mut self, served: Served) {
        self.by_time.insert((served.at, served.number.clone()));
        if let Some(before) = self.served.insert(served.number.clone(), served) {
            let at = self.served.get(&before.number).map(|it| it.at);
            if at != Some(before.at) {
                self.by_time.remove(&(before.at, before.number));
            }
        }
        if self.served.len() > MAX_REMEMBERED
            && let Some((_, oldest)) = self.by_time.pop_first()
        {
            self.served.remove(&oldest);
        }
    }

    /// Returns the region of a caller by a table of area codes and of beginnings of numbers, the longest of them first.
    pub(crate) fn region<'a>(
        &self,
        call: CallId,
        areas: &'a BTreeMap<String, RegionId>,
    ) -> Option<&'a RegionId> {
        let talk = self.talks.get(&call)?;
        let number = talk.number.reveal();
        let begins =
            |(begin, _): &(&String, _)| begin.starts_with('+') && number.starts_with(*begin);
        let longest = areas.iter().filter(begins).max_by_key(|(begin, _)| begin.len());
        let by_area = || talk.area.as_ref().and_then(|area| areas.get(area));
        longest.map(|(_, region)| region).or_else(by_area)
    }

    /// Returns who served the caller of a call last, before it: nobody is sent back to whom he has just talked with.
    pub(crate) fn before(&self, call: CallId) -> Option<&Served> {
        let talk = self.talks.get(&call)?;
        self.served.get(&talk.number).filter(|it| it.contact != talk.contact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(number: u64, second: u64) -> Served {
        Served {
            number: PhoneNumber::parse(&number.to_string()).unwrap(),
            agent: AgentId::new("8001").unwrap(),
            at: Timestamp::from_secs(second),
            contact: ContactId(second),
        }
    }

    #[test]
    fn whose_talk_is_longest_ago_is_forgotten_first_and_a_new_talk_counts() {
        let mut it = Callers::default();
        for each in 0..MAX_REMEMBERED as u64 {
            it.remember(served(13_800_000_000 + each, each));
        }
        it.remember(served(13_800_000_000, 1_000_000));
        it.remember(served(13_900_000_000, 1_000_001));
        assert_eq!((it.served.len(), it.by_time.len()), (MAX_REMEMBERED, MAX_REMEMBERED));
        let known = |number: u64| it.served.contains_key(&served(number, 0).number);
        assert!(known(13_800_000_000) && known(13_800_000_002) && known(13_900_000_000));
        assert!(!known(13_800_000_001));
        let text = serde_json::to_string(&it).unwrap();
        assert_eq!(serde_json::from_str::<Callers>(&text).unwrap(), it);
    }
}
