//! The record of one call (话单) as it is kept and shown: one row for the call and one for each party it reached.
//!
//! It is made of what [`cti_core::records`] folds from the log, and adds nothing to it but recording and ticket.

use std::time::Duration;

use cti_core::{
    address::PhoneNumber,
    cause::Cause,
    event::{CallKind, OfferEnd, Party},
    id::{AgentId, CallId, ContactId, DeviceId, EntryId, LegId, QueueId, RecordingId, SeatId},
    numbers::ListLevel,
    records::{self, Outcome, Part, Ring, Talk, VoiceRecord},
    switch::Origin,
    time::Timestamp,
};

use crate::parties::Entry;

/// One call that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// The call.
    pub call: CallId,
    /// The matter it belongs to.
    pub contact: ContactId,
    /// The caller's number as received.
    pub caller: PhoneNumber,
    /// The number dialled.
    pub called: PhoneNumber,
    /// The caller's number in normal form; as received where the centre has no rules of numbers.
    pub caller_normal: PhoneNumber,
    /// The number dialled in normal form, likewise.
    pub called_normal: PhoneNumber,
    /// Where the person outside is at home: province and city.
    pub region: Option<String>,
    /// What the blacklist or the whitelist decided last.
    pub listed: Option<(EntryId, ListLevel)>,
    /// What it was for.
    pub kind: CallKind,
    /// The trunk or device it came from.
    pub origin: Origin,
    /// When it came in.
    pub started: Timestamp,
    /// When the caller's leg was answered.
    pub answered: Option<Timestamp>,
    /// When it ended.
    pub ended: Timestamp,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it ended.
    pub cause: Cause,
    /// The last queue it waited in.
    pub queue: Option<QueueId>,
    /// How long it waited in queues altogether.
    pub wait: Duration,
    /// How long agents and devices of the centre spoke in it altogether: the sum over its legs.
    pub talk: Duration,
    /// How long of that the one or the other was on hold instead.
    pub hold: Duration,
    /// How long colleagues were asked in it altogether.
    pub consult: Duration,
    /// How long others listened or coached altogether.
    pub supervise: Duration,
    /// The agent who talked last.
    pub agent: Option<AgentId>,
    /// The offers and talks of everyone but the caller, in the order in which they began.
    pub legs: Vec<CallLeg>,
    /// How well each leg was heard, in the order in which they ended.
    pub voice: Vec<VoiceRecord>,
    /// The call that was on hold while this one asked.
    pub consults: Option<CallId>,
    /// The recording of the talk, or of the message, that has a file.
    pub recording: Option<RecordingId>,
    /// The number of the ticket that was made of it.
    pub ticket: Option<String>,
}

/// One party whom the call reached or was to reach: the offer or the ringing, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallLeg {
    /// The agent, unless a device was rung without one.
    pub agent: Option<AgentId>,
    /// Where the agent sat.
    pub seat: Option<SeatId>,
    /// The device that rang, in the house.
    pub device: Option<DeviceId>,
    /// The number, outside.
    pub number: Option<PhoneNumber>,
    /// How he came in.
    pub entry: Entry,
    /// What he did at last; none when he did not come in.
    pub part: Option<Part>,
    /// When it began to ring.
    pub offered: Timestamp,
    /// When it was answered.
    pub answered: Option<Timestamp>,
    /// When the ringing or the talk ended.
    pub ended: Timestamp,
    /// How the offer ended.
    pub outcome: OfferEnd,
    /// How long he spoke with a citizen or a colleague.
    pub talk: Duration,
    /// How long of that he or the other was on hold instead.
    pub hold: Duration,
    /// How long he asked, or was asked, while the citizen was on hold in another call.
    pub consult: Duration,
    /// How long he listened or coached.
    pub supervise: Duration,
}

impl CallRecord {
    /// Returns the record of a call that is over, without recording and ticket.
    #[must_use]
    pub fn of(record: &records::CallRecord) -> Self {
        let course = &record.course;
        let numbers = record.numbers.as_ref();
        Self {
            call: record.call,
            contact: record.contact,
            caller: record.caller.clone(),
            called: record.called.clone(),
            caller_normal: numbers
                .map_or_else(|| record.caller.clone(), |it| it.caller.number().clone()),
            called_normal: numbers
                .map_or_else(|| record.called.clone(), |it| it.called.number().clone()),
            region: numbers.and_then(|it| it.region.as_ref()).map(ToString::to_string),
            listed: record.listed.as_ref().map(|it| (it.entry, it.level.clone())),
            kind: record.kind,
            origin: record.origin.clone(),
            started: record.started,
            answered: record.answered,
            ended: record.ended,
            outcome: record.outcome,
            cause: record.cause,
            queue: course.waits.last().map(|wait| wait.queue.clone()),
            wait: course.waited,
            talk: course.talked,
            hold: course.held,
            consult: course.consulted,
            supervise: course.supervised,
            agent: record.last_agent().cloned(),
            legs: legs(record),
            voice: Vec::new(),
            consults: record.consults,
            recording: None,
            ticket: None,
        }
    }
}

/// Returns a leg for each ringing, with the talks that came of it, and for each who came in without one.
fn legs(record: &records::CallRecord) -> Vec<CallLeg> {
    let mut legs: Vec<(Option<LegId>, CallLeg)> = Vec::new();
    for ring in &record.course.rings {
        legs.push((ring.leg, CallLeg::rung(ring, began(record, &ring.party))));
    }
    for talk in &record.course.talks {
        let known = legs.iter_mut().find(|(leg, it)| {
            *leg == Some(talk.leg) && it.outcome == OfferEnd::Answered && it.is(&talk.party)
        });
        match known {
            Some((_, leg)) => leg.add(talk),
            None => {
                let mut leg = CallLeg::joined(talk, began(record, &talk.party));
                leg.add(talk);
                legs.push((Some(talk.leg), leg));
            }
        }
    }
    let mut legs: Vec<CallLeg> = legs.into_iter().map(|(_, leg)| leg).collect();
    // A caller outside is known by the call itself.
    legs.retain(|leg| leg.entry != Entry::Began || leg.agent.is_some());
    legs.sort_by_key(|leg| leg.offered);
    legs
}

/// Returns whether the call began with this party.
fn began(record: &records::CallRecord, party: &Party) -> bool {
    record.by.as_ref().is_some_and(|by| match (&by.device, &by.number) {
        (Some(device), _) => party.device.as_ref() == Some(device),
        (None, Some(_)) => party.device.is_none() && party.agent.is_none(),
        (None, None) => false,
    })
}

impl CallLeg {
    fn rung(ring: &Ring, began: bool) -> Self {
        let entry = match ring.why {
            Some(why) => Entry::Brought(why),
            None if began => Entry::Began,
            None if ring.queue.is_some() => Entry::Offered,
            None => Entry::Rung,
        };
        let answered = (ring.end == OfferEnd::Answered).then_some(ring.until);
        Self {
            answered,
            ended: ring.until,
            outcome: ring.end,
            ..Self::new(&ring.party, entry, ring.since)
        }
    }

    fn joined(talk: &Talk, began: bool) -> Self {
        let entry = if began { Entry::Began } else { Entry::Moved };
        Self { answered: Some(talk.since), ..Self::new(&talk.party, entry, talk.since) }
    }

    fn new(party: &Party, entry: Entry, offered: Timestamp) -> Self {
        let Party { agent, seat, device, number } = party.clone();
        Self {
            agent,
            seat,
            device,
            number,
            entry,
            part: None,
            offered,
            answered: None,
            ended: offered,
            outcome: OfferEnd::Answered,
            talk: Duration::ZERO,
            hold: Duration::ZERO,
            consult: Duration::ZERO,
            supervise: Duration::ZERO,
        }
    }

    /// Returns whether a party is the one who was rung; who sits at a device is known once he answers.
    fn is(&self, party: &Party) -> bool {
        match (&self.device, &party.device) {
            (Some(own), Some(other)) => own == other,
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    fn add(&mut self, talk: &Talk) {
        if self.agent.is_none() {
            self.agent.clone_from(&talk.party.agent);
            self.seat.clone_from(&talk.party.seat);
        }
        self.part = Some(talk.part);
        self.answered = Some(self.answered.map_or(talk.since, |at| at.min(talk.since)));
        self.ended = self.ended.max(talk.until);
        match talk.part {
            Part::Talk | Part::Outside => {
                self.talk += talk.time();
                self.hold += talk.held;
            }
            Part::Consult => self.consult += talk.time(),
            Part::Listen | Part::Coach => self.supervise += talk.time(),
        }
    }

    /// Returns how long it rang.
    #[must_use]
    pub fn ring(&self) -> Duration {
        self.answered.unwrap_or(self.ended).since(self.offered)
    }

    /// Returns whether the party is of the centre.
    #[must_use]
    pub fn is_inside(&self) -> bool {
        self.agent.is_some() || self.device.is_some()
    }
}
