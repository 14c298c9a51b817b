//! What the router remembers of an agent: derived from facts, never decided here.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use cti_core::{
    agent::{AgentState, NotReadyReason},
    event::OfferEnd,
    id::{AgentId, ContactId, DeviceId, EventNo, QueueId},
    needs::Medium,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use crate::{
    config::{AgentProfile, MissRules},
    place::{ClassNo, DeviceNo, Preference, QueueNo, Slot},
    script::Keys,
    strategy::AgentFigures,
};

/// An absence of this length ends a shift; the figures begin anew.
const SHIFT_GAP: Duration = Duration::from_secs(4 * 3600);

/// One agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Agent {
    pub(crate) id: AgentId,
    pub(crate) state: AgentState,
    /// Since when he is in this state.
    pub(crate) since: Timestamp,
    /// Where he sits, while he is signed in.
    pub(crate) device: Option<DeviceId>,
    /// The queues he signed in for.
    pub(crate) queues: Vec<QueueId>,
    /// How many contacts of a medium he works at together; one call or call-back, and none of what is not spoken, where
    /// it is not listed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) capacity: BTreeMap<Medium, u8>,
    /// Who is being offered to him.
    pub(crate) offered: Vec<(ContactId, Medium)>,
    /// The contacts that are not spoken and that he is working on.
    pub(crate) working: Vec<(ContactId, Medium)>,
    /// The queue and the beginning of the talk whose handling time is running.
    pub(crate) handling: Option<(QueueId, Timestamp)>,
    pub(crate) figures: AgentFigures,
    /// The fact that made him ready, to order those who became ready in the same microsecond.
    pub(crate) idle_no: EventNo,
    pub(crate) signed_out_at: Option<Timestamp>,
    /// How many offers in a row he has missed, and the last of them.
    pub(crate) misses: u32,
    pub(crate) missed: Option<(Timestamp, OfferEnd)>,
    /// Whether the program at his seat is not heard of; he is offered nothing then.
    pub(crate) unheard: bool,
    /// What follows from the fields above and from the rules; made again by a restore.
    #[serde(skip)]
    pub(crate) index: Index,
}

/// Where an agent is entered in the indexes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Index {
    pub(crate) profile: Profile,
    /// The queues he serves now, by number.
    pub(crate) queues: Vec<QueueNo>,
    /// The device where he sits.
    pub(crate) device: Option<DeviceNo>,
    /// His parts in the classes whose contacts he can take.
    pub(crate) parts: Vec<Part>,
    /// The classes that want him and nobody else; among `parts` while he is signed in.
    pub(crate) own: Vec<ClassNo>,
    /// The contacts that want him as long as he is at work.
    pub(crate) wanted_by: Vec<Slot>,
    /// The media of which he can be offered a contact now.
    pub(crate) free: Media,
    /// Whether he became free and was not entered yet.
    pub(crate) fresh: bool,
    /// Whether he counts as staff of his queues.
    pub(crate) staffed: bool,
    /// The proposals to him that no fact has answered yet.
    pub(crate) asked: Vec<(ContactId, Medium)>,
    /// Until when he is out of reach after offers that he missed.
    pub(crate) held_until: Option<Timestamp>,
    /// What scripts made of his figures.
    pub(crate) keys: Keys,
}

/// An agent's part in one class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) class: ClassNo,
    pub(crate) medium: Medium,
    /// His entry among the ready.
    pub(crate) entered: Option<Preference>,
    /// Whether the entry may be wrong; the class knows of it then.
    pub(crate) stale: bool,
}

/// What the administrator has written about him.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Profile(Arc<AgentProfile>, u32);

impl Profile {
    pub(crate) fn new(profile: AgentProfile) -> Self {
        let all_skills = profile.skills.values().map(|level| u32::from(*level)).sum();
        Self(Arc::new(profile), all_skills)
    }

    pub(crate) fn all_skills(&self) -> u32 {
        self.1
    }
}

impl Default for Profile {
    fn default() -> Self {
        use std::sync::LazyLock;
        static NOBODY: LazyLock<Profile> = LazyLock::new(|| {
            Profile::new(AgentProfile::new(AgentId::new("nobody").expect("letters")))
        });
        NOBODY.clone()
    }
}

impl std::ops::Deref for Profile {
    type Target = AgentProfile;

    fn deref(&self) -> &AgentProfile {
        &self.0
    }
}

/// A set of media.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Media(u8);

impl Media {
    pub(crate) fn insert(&mut self, medium: Medium) {
        self.0 |= bit(medium);
    }

    pub(crate) fn contains(self, medium: Medium) -> bool {
        self.0 & bit(medium) != 0
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

fn bit(medium: Medium) -> u8 {
    match medium {
        Medium::Voice => 1,
        Medium::CallBack => 1 << 1,
        Medium::Chat => 1 << 2,
        Medium::Mail => 1 << 3,
        Medium::Fax => 1 << 4,
        Medium::Task => 1 << 5,
    }
}

impl Agent {
    pub(crate) fn new(id: AgentId) -> Self {
        Self {
            id,
            state: AgentState::SignedOut,
            since: Timestamp::ZERO,
            device: None,
            queues: Vec::new(),
            capacity: BTreeMap::new(),
            offered: Vec::new(),
            working: Vec::new(),
            handling: None,
            figures: AgentFigures::default(),
            idle_no: EventNo::default(),
            signed_out_at: None,
            misses: 0,
            missed: None,
            unheard: false,
            index: Index::default(),
        }
    }

    /// Returns how many contacts of the medium he works at together.
    pub(crate) fn capacity(&self, medium: Medium) -> u8 {
        self.capacity.get(&medium).copied().unwrap_or(u8::from(medium.is_spoken()))
    }

    pub(crate) fn sign_in(&mut self, at: Timestamp, device: DeviceId, queues: Vec<QueueId>) {
        if self.signed_out_at.is_none_or(|left| at.since(left) >= SHIFT_GAP) {
            self.figures = AgentFigures::default();
        }
        self.device = Some(device);
        self.queues = queues;
        self.misses = 0;
        self.missed = None;
        self.unheard = false;
        if self.state == AgentState::SignedOut {
            self.state = AgentState::NotReady { reason: NotReadyReason::SignedIn };
            self.since = at;
        }
    }

    pub(crate) fn sign_out(&mut self, at: Timestamp) {
        self.state = AgentState::SignedOut;
        self.since = at;
        self.device = None;
        self.queues.clear();
        self.offered.clear();
        self.working.clear();
        self.signed_out_at = Some(at);
    }

    /// Follows a change of state; returns the queue and the handling time of the call that it ended, if it ended one.
    pub(crate) fn change(
        &mut self,
        at: Timestamp,
        no: EventNo,
        to: AgentState,
    ) -> Option<(QueueId, Duration)> {
        let before = std::mem::replace(&mut self.state, to);
        match self.state {
            AgentState::Reserved { .. } => {}
            AgentState::SignedOut
            | AgentState::NotReady { .. }
            | AgentState::Ready
            | AgentState::OnCall { .. }
            | AgentState::AfterCallWork => {
                self.offered.retain(|(_, medium)| !medium.is_spoken());
            }
        }
        if before != self.state {
            if let AgentState::OnCall { .. } = before {
                self.figures.talked += at.since(self.since);
            }
            self.follow_idle_time(at, no, &before);
            self.since = at;
        }
        match self.state {
            AgentState::Reserved { .. } | AgentState::OnCall { .. } | AgentState::AfterCallWork => {
                None
            }
            AgentState::SignedOut | AgentState::NotReady { .. } | AgentState::Ready => {
                let (queue, began) = self.handling.take()?;
                self.figures.handled += at.since(began);
                Some((queue, at.since(began)))
            }
        }
    }

    /// The idle clock starts when he becomes ready, goes on when an offer is withdrawn, and stops otherwise.
    fn follow_idle_time(&mut self, at: Timestamp, no: EventNo, before: &AgentState) {
        match (before, &self.state) {
            (AgentState::Ready, AgentState::Reserved { .. })
            | (AgentState::Reserved { .. }, AgentState::Ready) => {}
            (AgentState::Ready, _) => self.idle_time_over(at),
            (AgentState::Reserved { .. }, _) => self.idle_time_over(self.since),
            (_, AgentState::Ready) => {
                self.figures.idle_since = at;
                self.idle_no = no;
            }
            (_, _) => {}
        }
    }

    fn idle_time_over(&mut self, until: Timestamp) {
        self.figures.idle_periods += 1;
        self.figures.idle_total += until.since(self.figures.idle_since);
    }

    /// Follows the end of an offer to him.
    pub(crate) fn offer_ended(&mut self, at: Timestamp, contact: ContactId, end: OfferEnd) {
        let offer = self.offered.iter().position(|(it, _)| *it == contact);
        let medium = offer.map(|index| self.offered.swap_remove(index).1);
        match end {
            OfferEnd::Answered => {
                (self.misses, self.missed) = (0, None);
                if let Some(medium) = medium.filter(|medium| !medium.is_spoken()) {
                    self.work_begun(contact, medium);
                }
            }
            OfferEnd::NoAnswer | OfferEnd::Rejected | OfferEnd::Unreachable => {
                self.misses = self.misses.saturating_add(1);
                self.missed = Some((at, end));
            }
            OfferEnd::Withdrawn | OfferEnd::AnsweredElsewhere => {}
        }
    }

    /// Follows that he has taken up a contact that is not spoken.
    pub(crate) fn work_begun(&mut self, contact: ContactId, medium: Medium) {
        if !self.working.contains(&(contact, medium)) {
            self.working.push((contact, medium));
        }
    }

    /// Follows that such a contact is done, or no longer his.
    pub(crate) fn work_ended(&mut self, contact: ContactId) {
        self.working.retain(|(it, _)| *it != contact);
    }

    /// Returns until when he is out of reach after the offers that he missed.
    pub(crate) fn held_until(&self, rules: &MissRules) -> Option<Timestamp> {
        let (at, end) = self.missed?;
        let usual = match end {
            OfferEnd::NoAnswer => rules.after_no_answer,
            OfferEnd::Rejected => rules.after_reject,
            OfferEnd::Unreachable => rules.after_unreachable,
            OfferEnd::Answered | OfferEnd::Withdrawn | OfferEnd::AnsweredElsewhere => {
                Duration::ZERO
            }
        };
        let paused = rules.max_misses > 0 && self.misses >= rules.max_misses;
        let time = if paused { usual.max(rules.pause) } else { usual };
        (!time.is_zero()).then(|| at + time)
    }

    /// Returns the media of which he can be offered one more, as far as his own state goes.
    pub(crate) fn free_for(&self, phone_is_free: bool) -> Media {
        let mut free = Media::default();
        match self.state {
            AgentState::Ready => {}
            AgentState::SignedOut
            | AgentState::NotReady { .. }
            | AgentState::Reserved { .. }
            | AgentState::OnCall { .. }
            | AgentState::AfterCallWork => return free,
        }
        let pending = || self.offered.iter().chain(&self.index.asked);
        let speaks = pending().any(|(_, medium)| medium.is_spoken());
        for medium in Medium::ALL {
            let taken = match medium.is_spoken() {
                true => usize::from(speaks || !phone_is_free),
                false => {
                    pending().chain(&self.working).filter(|(_, other)| *other == medium).count()
                }
            };
            if taken < usize::from(self.capacity(medium)) {
                free.insert(medium);
            }
        }
        free
    }

    /// Returns whether he is at work and takes calls, now or after the present one.
    pub(crate) fn takes_calls(&self) -> bool {
        match self.state {
            AgentState::Ready
            | AgentState::Reserved { .. }
            | AgentState::OnCall { .. }
            | AgentState::AfterCallWork => true,
            AgentState::SignedOut | AgentState::NotReady { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent() -> Agent {
        Agent::new(AgentId::new("8001").unwrap())
    }

    fn device() -> DeviceId {
        DeviceId::new("8001").unwrap()
    }

    #[test]
    fn signing_out_for_lunch_keeps_the_figures_and_a_new_shift_begins_without() {
        let mut agent = agent();
        agent.sign_in(Timestamp::from_secs(0), device(), Vec::new());
        agent.figures.calls = 40;
        agent.sign_out(Timestamp::from_secs(4 * 3600));
        agent.sign_in(Timestamp::from_secs(5 * 3600), device(), Vec::new());
        assert_eq!(agent.figures.calls, 40);
        agent.sign_out(Timestamp::from_secs(9 * 3600));
        agent.sign_in(Timestamp::from_secs(24 * 3600), device(), Vec::new());
        assert_eq!(agent.figures.calls, 0);
    }

    #[test]
    fn a_pause_after_misses_in_a_row_ends_by_itself_and_an_answer_forgives_them() {
        let (mut agent, contact) = (agent(), ContactId(1));
        let rules = MissRules {
            after_no_answer: Duration::from_secs(10),
            max_misses: 2,
            pause: Duration::from_secs(600),
            ..MissRules::default()
        };
        assert_eq!(agent.held_until(&rules), None);
        agent.offer_ended(Timestamp::from_secs(100), contact, OfferEnd::NoAnswer);
        assert_eq!(agent.held_until(&rules), Some(Timestamp::from_secs(110)));
        agent.offer_ended(Timestamp::from_secs(200), contact, OfferEnd::Withdrawn);
        agent.offer_ended(Timestamp::from_secs(300), contact, OfferEnd::Rejected);
        assert_eq!(agent.held_until(&rules), Some(Timestamp::from_secs(900)));
        agent.offer_ended(Timestamp::from_secs(1000), contact, OfferEnd::Answered);
        assert_eq!(agent.held_until(&rules), None);
    }

    #[test]
    fn each_medium_has_its_capacity_and_the_phone_rings_for_one() {
        let mut agent = agent();
        agent.state = AgentState::Ready;
        agent.capacity = [(Medium::Chat, 2), (Medium::Mail, 1), (Medium::Task, 1)].into();
        let free = |agent: &Agent| {
            let free = agent.free_for(true);
            Medium::ALL.map(|medium| free.contains(medium))
        };
        assert_eq!(free(&agent), [true, true, true, true, false, true]);
        assert!(!agent.free_for(false).contains(Medium::CallBack));
        agent.offered.push((ContactId(1), Medium::CallBack));
        agent.offered.push((ContactId(2), Medium::Chat));
        assert_eq!(free(&agent), [false, false, true, true, false, true]);
        agent.offer_ended(Timestamp::ZERO, ContactId(2), OfferEnd::Answered);
        agent.index.asked.push((ContactId(3), Medium::Chat));
        assert_eq!(free(&agent), [false, false, false, true, false, true]);
        agent.work_ended(ContactId(2));
        assert_eq!(free(&agent), [false, false, true, true, false, true]);
        agent.state = AgentState::AfterCallWork;
        assert!(agent.free_for(true).is_empty());
    }

    #[test]
    fn ringing_is_not_waiting_and_a_break_ends_it() {
        let mut agent = agent();
        agent.sign_in(Timestamp::ZERO, device(), Vec::new());
        let call = cti_core::id::CallId(1);
        let on_break = AgentState::NotReady { reason: NotReadyReason::Code("break".to_owned()) };
        for (second, state) in [
            (10, AgentState::Ready),
            (40, AgentState::Reserved { call }),
            (45, AgentState::OnCall { call, then: Default::default() }),
            (100, AgentState::Ready),
            (110, on_break),
        ] {
            agent.change(Timestamp::from_secs(second), EventNo(second), state);
        }
        assert_eq!(agent.figures.idle_periods, 2);
        assert_eq!(agent.figures.idle_total, Duration::from_secs(30 + 10));
        assert_eq!(agent.figures.talked, Duration::from_secs(55));
        assert_eq!(agent.figures.average_idle(), Some(Duration::from_secs(20)));
    }
}
