//! What is going on now: a fold over the events of the log, with the names of the configuration.
//!
//! A view knows only what the events said. It holds no queue algorithm and decides nothing; two views that were given
//! the same events answer alike.

pub mod agents;
pub mod alarms;
pub mod calls;
pub mod changes;
pub mod devices;
pub mod queues;
pub mod today;
pub mod voice;
pub mod works;

use cti_core::{
    address::{InvalidNumber, PhoneNumber},
    config::CenterConfig,
    event::{Event, Fact},
    id::{AgentId, CallId, ContactId, EventNo, QueueId},
    numbers::{AreaCodes, NumberLists, NumberRules},
    time::Timestamp,
};
use jiff::tz::TimeZone;

use self::{
    agents::{AgentStatus, Agents},
    alarms::Alarms,
    calls::{Calls, LiveCall},
    changes::Changes,
    devices::{DeviceStatus, Devices},
    queues::{QueueStatus, Queues},
    today::Today,
    voice::VoiceTotals,
    works::{OpenContact, Works},
};

/// What is going on now.
#[derive(Clone, Debug)]
pub struct View {
    /// What the Center was given at its start.
    configured: CenterConfig,
    /// The same with what was changed since.
    config: CenterConfig,
    last: EventNo,
    agents: Agents,
    calls: Calls,
    queues: Queues,
    devices: Devices,
    alarms: Alarms,
    works: Works,
    today: Today,
    voice: VoiceTotals,
    rules: Option<NumberRules>,
    lists: NumberLists,
}

impl View {
    /// Returns the view of a centre in which nothing has happened; a day begins at midnight of `zone`.
    #[must_use]
    pub fn new(config: CenterConfig, zone: TimeZone) -> Self {
        Self {
            agents: Agents::default(),
            calls: Calls::default(),
            queues: Queues::default(),
            devices: Devices::new(&config),
            alarms: Alarms::default(),
            works: Works::default(),
            today: Today::new(zone),
            voice: VoiceTotals::default(),
            last: EventNo(0),
            rules: config
                .numbering
                .clone()
                .and_then(|numbering| NumberRules::new(numbering, AreaCodes::china()).ok()),
            lists: NumberLists::default(),
            configured: config.clone(),
            config,
        }
    }

    /// Follows one event and returns what it changed; an event that was seen already changes nothing.
    pub fn apply(&mut self, event: &Event) -> Changes {
        if event.no <= self.last {
            return Changes::default();
        }
        self.last = event.no;
        let mut changes = Changes::of(&event.fact);
        if let Some(contact) = self.contact(event) {
            self.queues.touched(contact, &mut changes);
        }
        self.follow_configuration(&event.fact, &mut changes);
        self.today.apply(event, &self.queues, &self.calls);
        self.agents.apply(event);
        self.queues.apply(event);
        self.calls.apply(event);
        self.devices.apply(event);
        self.alarms.apply(event);
        self.works.apply(event);
        self.voice.apply(&event.fact);
        self.follow_lists(&event.fact);
        self.widen(&mut changes);
        changes
    }

    /// What was changed while an earlier process ran is part of what the present one was given.
    fn follow_configuration(&mut self, fact: &Fact, changes: &mut Changes) {
        if let Fact::Started { .. } = fact {
            self.config = self.configured.clone();
        } else if let Fact::QueueConfigured { queue, .. } = fact {
            match self.config.queues.iter_mut().find(|it| it.id == queue.id) {
                Some(known) => *known = queue.clone(),
                None => self.config.queues.push(queue.clone()),
            }
        } else if let Fact::DutiesSet { agent, queues, capacity, .. } = fact {
            // Those that he leaves have one agent less.
            changes.queues.extend(self.agents.queues(agent).iter().cloned());
            if let Some(known) = self.config.agents.iter_mut().find(|it| it.id == *agent) {
                known.queues.clone_from(queues);
                known.capacity.clone_from(capacity);
            }
        }
    }

    fn follow_lists(&mut self, fact: &Fact) {
        if let Fact::ListEntryAdded { entry, listed } = fact {
            // The Center has taken it, and so does whoever follows.
            let _ = self.lists.insert(*entry, listed.as_ref().clone());
        } else if let Fact::ListEntryRemoved { entry, .. } = fact {
            self.lists.remove(*entry);
        }
    }

    /// Returns the contact that the event is about.
    fn contact(&self, event: &Event) -> Option<ContactId> {
        if let Fact::PrioritySet { contact, .. }
        | Fact::Assigned { contact, .. }
        | Fact::WorkBegun { contact, .. }
        | Fact::WorkEnded { contact, .. }
        | Fact::ContactClosed { contact } = &event.fact
        {
            return Some(*contact);
        }
        self.calls.get(event.fact.call()?).map(|live| live.contact)
    }

    /// A change of an agent changes the queues that he serves and the seat's call; a change of a queue moves the
    /// callers in it.
    fn widen(&self, changes: &mut Changes) {
        for agent in &changes.agents {
            changes.queues.extend(self.agents.queues(agent).iter().cloned());
        }
        for device in &changes.devices {
            changes.agents.extend(self.agents.at_device(device).cloned());
        }
        for queue in &changes.queues {
            changes.calls.extend(self.queues.calls(queue));
        }
        changes.calls.retain(|call| self.calls.get(*call).is_some());
    }

    /// Returns the number of the last event that was applied.
    #[must_use]
    pub fn last(&self) -> EventNo {
        self.last
    }

    /// Returns how well parties were heard since the log begins.
    #[must_use]
    pub fn voice(&self) -> &VoiceTotals {
        &self.voice
    }

    /// Returns the blacklist and the whitelist.
    #[must_use]
    pub fn lists(&self) -> &NumberLists {
        &self.lists
    }

    /// Returns the rules by which numbers are read, where the centre has any.
    #[must_use]
    pub fn number_rules(&self) -> Option<&NumberRules> {
        self.rules.as_ref()
    }

    /// Returns a number as records are found by: in its normal form, where the centre has rules, or as it is written.
    ///
    /// # Errors
    /// When there are no rules and the text cannot be a number.
    pub fn number_key(&self, text: &str) -> Result<PhoneNumber, InvalidNumber> {
        match &self.rules {
            Some(rules) => Ok(rules.normalize(text).number().clone()),
            None => PhoneNumber::parse(text),
        }
    }

    /// Returns the configuration that the view takes names from.
    #[must_use]
    pub fn config(&self) -> &CenterConfig {
        &self.config
    }

    /// Returns every configured agent.
    pub fn agents(&self, now: Timestamp) -> impl Iterator<Item = AgentStatus<'_>> {
        self.config.agents.iter().map(move |config| self.agent_status(config, now))
    }

    /// Returns one agent, if he is configured.
    #[must_use]
    pub fn agent(&self, id: &AgentId, now: Timestamp) -> Option<AgentStatus<'_>> {
        let config = self.config.agents.iter().find(|agent| agent.id == *id)?;
        Some(self.agent_status(config, now))
    }

    fn agent_status<'a>(
        &'a self,
        config: &'a cti_core::config::AgentConfig,
        now: Timestamp,
    ) -> AgentStatus<'a> {
        let work = self.agents.work(&config.id);
        AgentStatus {
            config,
            state: work.state(),
            since: work.since(),
            seat: work.seat(),
            device: work.device(),
            device_in_service: work.device().is_some_and(|device| self.devices.in_service(device)),
            queues: if work.seat().is_some() { work.queues() } else { &config.queues },
            calls_today: self.today.calls_of(&config.id, now),
            heard: work.heard(),
            work: self.works.of(&config.id).collect(),
            offers: self.works.offered_to(&config.id).collect(),
        }
    }

    /// Returns the agent who sits at a device.
    #[must_use]
    pub fn agent_at(&self, device: &cti_core::id::DeviceId) -> Option<&AgentId> {
        self.agents.at_device(device).next()
    }

    /// Returns the devices.
    pub fn devices(&self) -> impl Iterator<Item = (&cti_core::id::DeviceId, &DeviceStatus)> {
        self.devices.iter()
    }

    /// Returns one device, if it is known.
    #[must_use]
    pub fn device(&self, id: &cti_core::id::DeviceId) -> Option<&DeviceStatus> {
        self.devices.get(id)
    }

    /// Returns every configured queue.
    pub fn queues(&self, now: Timestamp) -> impl Iterator<Item = QueueStatus<'_>> {
        self.config.queues.iter().map(move |config| self.queue_status(config, now))
    }

    /// Returns one queue, if it is configured.
    #[must_use]
    pub fn queue(&self, id: &QueueId, now: Timestamp) -> Option<QueueStatus<'_>> {
        let config = self.config.queues.iter().find(|queue| queue.id == *id)?;
        Some(self.queue_status(config, now))
    }

    fn queue_status<'a>(
        &'a self,
        config: &'a cti_core::config::QueueConfig,
        now: Timestamp,
    ) -> QueueStatus<'a> {
        let (ready, signed_in) = self.agents.staff(&config.id);
        QueueStatus {
            config,
            waiting: self.queues.waiting(&config.id),
            agents_ready: ready,
            agents_signed_in: signed_in,
            today: self.today.queue(&config.id, now),
        }
    }

    /// Returns the calls that are going on, the oldest first.
    pub fn calls(&self) -> impl Iterator<Item = &LiveCall> {
        self.calls.iter()
    }

    /// Returns one call that is going on.
    #[must_use]
    pub fn call(&self, id: CallId) -> Option<&LiveCall> {
        self.calls.get(id)
    }

    /// Returns the contacts without a call that are not over, the oldest first.
    pub fn open_contacts(&self) -> impl Iterator<Item = &OpenContact> {
        self.works.iter()
    }

    /// Returns one contact without a call.
    #[must_use]
    pub fn open_contact(&self, id: ContactId) -> Option<&OpenContact> {
        self.works.get(id)
    }

    /// Returns the place of a waiting contact in its queue, 1 for the next.
    #[must_use]
    pub fn position(&self, contact: ContactId) -> Option<usize> {
        self.queues.position(contact)
    }

    /// Returns the queue that a contact waits in.
    #[must_use]
    pub fn waits_in(&self, contact: ContactId) -> Option<&QueueId> {
        self.queues.queue_of(contact)
    }

    /// Returns the alarms that are not cleared.
    #[must_use]
    pub fn alarms(&self) -> &Alarms {
        &self.alarms
    }
}

#[cfg(test)]
mod tests;
