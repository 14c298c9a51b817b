//! One queue: its rules and its indexes.

use std::{collections::BTreeSet, sync::Arc};

use cti_core::{
    id::{AgentId, AlarmId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{
    config::QueueRules,
    ewt::Learned,
    place::{AgentNo, ClassNo, Place},
    script::Script,
    service_level::ServiceLevel,
    strategy::Strategy,
};

/// One queue. What facts have told is in [`Told`]; all else is made again from agents and contacts by a restore.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) rules: QueueRules,
    /// The strategy, or what decides when the script fails.
    pub(crate) strategy: Arc<dyn Strategy>,
    pub(crate) script: Option<Arc<Script>>,
    pub(crate) told: Told,
    /// The classes of its own contacts.
    pub(crate) classes: Vec<ClassNo>,
    /// The classes in which its agents take part.
    pub(crate) serves: Vec<ClassNo>,
    /// Those who wait while an agent is being rung for them.
    pub(crate) ringing: BTreeSet<Place>,
    /// How many wait, those included.
    pub(crate) length: usize,
    /// All who are signed in for it.
    pub(crate) members: BTreeSet<AgentNo>,
    /// How many of them take calls and can be reached.
    pub(crate) staffed: u32,
    /// Whether an alarm, or its end, was proposed and no fact has answered yet.
    pub(crate) asked: bool,
    /// Its entry in the router's index of queues without staff.
    pub(crate) lost: Option<Timestamp>,
}

/// What facts have told about a queue that agents and contacts do not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    /// The alarm that stands because nobody is there.
    pub(crate) alarm: Option<AlarmId>,
    /// Since when contacts wait and nobody is there.
    pub(crate) lost_since: Option<Timestamp>,
    /// What its contacts taught about waiting times.
    pub(crate) learned: Learned,
    /// How many of the last contacts were answered in time.
    pub(crate) service: ServiceLevel,
    /// Who was offered a contact last.
    pub(crate) last_offered: Option<AgentId>,
    /// How far it has been served, where queues are served in a ratio.
    pub(crate) pass: u64,
}

impl Queue {
    pub(crate) fn new(
        rules: QueueRules,
        strategy: Arc<dyn Strategy>,
        script: Option<Arc<Script>>,
    ) -> Self {
        Self {
            rules,
            strategy,
            script,
            told: Told::default(),
            classes: Vec::new(),
            serves: Vec::new(),
            ringing: BTreeSet::new(),
            length: 0,
            members: BTreeSet::new(),
            staffed: 0,
            asked: false,
            lost: None,
        }
    }
}
