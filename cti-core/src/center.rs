//! The Center: one deterministic machine that owns calls, agents and reservations.
//!
//! It is driven like every machine here: [`handle`](Center::handle) what happened, [`handle_timeout`](Center::handle_timeout)
//! when [`poll_timeout`](Center::poll_timeout) is due, then drain [`poll_event`](Center::poll_event) and
//! [`poll_output`](Center::poll_output). It decides by emitting [`Fact`]s; state changes only by applying them. No clock,
//! no chance, no socket: the same inputs at the same times give the same log, byte for byte.

mod agents;
mod arrival;
mod audio;
mod caller;
mod camp_on;
mod clearing;
mod collect;
mod configure;
mod consultation;
mod features;
mod flows;
mod group_call;
mod hold;
mod invite;
mod legs;
mod lists;
mod mailboxes;
mod off_hook;
mod offers;
mod originate;
mod park;
mod parties;
mod pickup;
mod plays;
mod program;
mod quality;
mod recognitions;
mod recordings;
mod referred;
mod restart;
mod retrieve;
mod ringing;
mod roles;
mod services;
mod state;
mod supervision;
mod talk;
mod targets;
mod transfer;
mod work;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use self::{
    audio::Audio,
    collect::Collection,
    plays::{Playing, Plays},
    recognitions::Recognitions,
    state::{Timer, Watch},
    work::Opening,
};
pub use self::{
    restart::Snapshot,
    state::{AgentAtWork, OpenRecording, State, Work, WorkOffer, WorkWaiting},
};
use crate::{
    calendar::Calendars,
    call::{Call, Place},
    command::{Command, CommandError, Reply, Request},
    config::{CenterConfig, InvalidConfig},
    device::{DeviceState, StandingLeg},
    event::{AlarmKind, Event, Fact, PauseReason},
    flow::{CallData, FlowEngine, LookupFailure},
    id::{
        AgentId, AlarmId, CallId, CollectionId, ContactId, DeviceId, EventNo, LegId, PlayId,
        RecordingId, RequestId, SessionId, TrunkId,
    },
    numbers::{AreaCodes, MobilePrefixes, NormalNumber, NumberKind, NumberRules},
    router::{Explanation, Router},
    switch::{PlayEnd, SwitchCommand, SwitchReport},
    time::Timestamp,
    timers::Timers,
};

/// What the one who commands is answered.
type Answer = Result<Reply, CommandError>;

/// What can happen to a Center.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// The switch reported something.
    Report(SwitchReport),
    /// Someone asks for something; answered by [`Effect::Reply`].
    Request(Request),
    /// A table answered a session.
    LookupDone {
        /// Whose question it was.
        session: SessionId,
        /// The session's own number of the question.
        lookup: u32,
        /// The row, or why there is none.
        result: Result<CallData, LookupFailure>,
    },
}

/// An input that makes no sense; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// The switch gave an incoming leg a number that it may not use.
    #[error("incoming {leg} must be odd and above {above}")]
    LegNumber {
        /// The number given.
        leg: LegId,
        /// The highest number used.
        above: LegId,
    },
}

/// Something to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Carry it out only after this event is durable.
    pub after: Option<EventNo>,
    /// What to do.
    pub effect: Effect,
}

/// What the driver does for the Center.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Hand a command to the switch.
    Switch(SwitchCommand),
    /// Answer a request.
    Reply {
        /// Which request.
        request: RequestId,
        /// The answer.
        result: Result<Reply, CommandError>,
    },
    /// Ask a table; the answer comes back as [`Input::LookupDone`].
    Lookup {
        /// Who asks.
        session: SessionId,
        /// The session's own number of the question.
        lookup: u32,
        /// Which table.
        source: String,
        /// Which row.
        key: String,
    },
}

/// Who is told when a playing ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listener {
    /// A session, by its own number of the playing.
    Session(SessionId, u32),
    /// The call ends with it: a feature code has been confirmed.
    Feature(CallId),
    /// Who asked for the message to be played, by a fact.
    Message(CallId),
    /// A leg that stands answers when its tone is over.
    Standing,
    /// Nobody: ring-back, hold music, announcements.
    Nobody,
}

/// The call-centre machine; see the [module](self).
#[derive(Debug)]
pub struct Center {
    config: CenterConfig,
    /// By which numbers are read.
    rules: Option<NumberRules>,
    /// The place of each number in the number plan of its trunk, or of all, by its normal form.
    plan: BTreeMap<(Option<TrunkId>, NormalNumber), usize>,
    router: Box<dyn Router>,
    flows: Box<dyn FlowEngine>,
    /// What router and flows go by; each has a copy.
    calendars: Calendars,
    state: State,
    draining: bool,
    now: Timestamp,
    next_play: PlayId,
    plays: Plays,
    recognitions: Recognitions,
    hold_music: BTreeMap<LegId, PlayId>,
    /// How the legs of each call are joined at the switch.
    audio: BTreeMap<CallId, Audio>,
    /// The calls whose parties have changed since the switch was told.
    dirty: BTreeSet<CallId>,
    /// The recording of each conversation, and whose voices it holds.
    recorded: BTreeMap<CallId, (RecordingId, (LegId, LegId))>,
    /// Calls that somebody, or their flow, wants recorded or not.
    record_wish: BTreeMap<CallId, bool>,
    /// Calls whose recording somebody paused, why and who.
    paused: BTreeMap<CallId, (PauseReason, String)>,
    collections: BTreeMap<CollectionId, Collection>,
    collecting: BTreeMap<LegId, CollectionId>,
    last_collection: CollectionId,
    watches: Timers<Watch>,
    /// The leg whose end is being dealt with: it needs no hanging up.
    gone: Option<LegId>,
    /// Legs that ended in a consultation, while the call on hold is yet to learn of it.
    consulted: BTreeSet<LegId>,
    /// Calls for which a conference is being called together.
    convened: BTreeSet<CallId>,
    /// Devices whose lamp may have to show other messages, and those where nobody sits any more.
    lamps: BTreeSet<DeviceId>,
    unlit: BTreeSet<DeviceId>,
    /// The call that each leg was connected in last, and who was at it.
    measured: BTreeMap<LegId, quality::At>,
    /// Standing legs whose telephone rings.
    standing_dialled: BTreeSet<LegId>,
    events: VecDeque<Event>,
    outputs: VecDeque<Output>,
}

impl Center {
    /// Creates a Center without history.
    ///
    /// # Errors
    /// When the configuration contradicts itself.
    pub fn new(
        config: CenterConfig,
        router: Box<dyn Router>,
        flows: Box<dyn FlowEngine>,
    ) -> Result<Self, InvalidConfig> {
        config.check()?;
        let rules = config.numbering.clone();
        let rules = rules.map(|it| NumberRules::new(it, AreaCodes::china())).transpose()?;
        let of_trunks = config.trunks.iter().map(|it| (Some(it.trunk.clone()), &it.numbers));
        let plans = of_trunks.chain([(None, &config.numbers)]);
        let plan = plans.flat_map(|(trunk, numbers)| {
            let rules = rules.as_ref();
            numbers.iter().enumerate().filter_map(move |(index, entry)| {
                let number = rules?.normalize(entry.number.reveal());
                let known = number.kind() != NumberKind::Unknown;
                known.then(|| ((trunk.clone(), number), index))
            })
        });
        Ok(Self {
            plan: plan.collect(),
            rules,
            config,
            router,
            flows,
            calendars: Calendars::default(),
            state: State::default(),
            draining: false,
            now: Timestamp::ZERO,
            next_play: PlayId(0),
            plays: Plays::default(),
            recognitions: Recognitions::default(),
            hold_music: BTreeMap::new(),
            audio: BTreeMap::new(),
            dirty: BTreeSet::new(),
            recorded: BTreeMap::new(),
            record_wish: BTreeMap::new(),
            paused: BTreeMap::new(),
            collections: BTreeMap::new(),
            collecting: BTreeMap::new(),
            last_collection: CollectionId(0),
            watches: Timers::default(),
            gone: None,
            consulted: BTreeSet::new(),
            convened: BTreeSet::new(),
            measured: BTreeMap::new(),
            lamps: BTreeSet::new(),
            unlit: BTreeSet::new(),
            standing_dialled: BTreeSet::new(),
            events: VecDeque::new(),
            outputs: VecDeque::new(),
        })
    }

    /// Takes a table of where mobile telephones are at home, for callers' regions.
    #[must_use]
    pub fn with_mobiles(self, mobiles: Arc<MobilePrefixes>) -> Self {
        Self { rules: self.rules.map(|rules| rules.with_mobiles(mobiles)), ..self }
    }

    /// Takes the calendar that router and flows were made with, so that it can be [changed](Command::ChangeCalendar).
    #[must_use]
    pub fn with_calendars(self, calendars: Calendars) -> Self {
        Self { calendars, ..self }
    }

    /// Returns the calendar in force.
    #[must_use]
    pub fn calendars(&self) -> &Calendars {
        &self.calendars
    }

    /// Returns the rules by which numbers are read, where there are any.
    #[must_use]
    pub fn number_rules(&self) -> Option<&NumberRules> {
        self.rules.as_ref()
    }

    /// Applies one thing that happened at `now`; drain events and outputs afterwards.
    ///
    /// # Errors
    /// When a report makes no sense; nothing has changed then. A refused [`Request`] is no error but a reply.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Result<(), InputError> {
        self.now = now.max(self.state.at);
        match input {
            Input::Report(report) => self.report(report)?,
            Input::Request(request) => self.request(request),
            Input::LookupDone { session, lookup, result } => {
                self.tell(session, crate::flow::FlowInput::LookupDone { lookup, result });
            }
        }
        self.settle();
        Ok(())
    }

    /// Fires what is due; calling early or twice is harmless.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.now = now.max(self.state.at);
        while let Some(timer) = self.state.timers.pop_due(self.now) {
            match timer {
                Timer::AfterCallWork(agent) => self.after_call_work_over(&agent),
                Timer::Offer(contact, agent) => self.offer_timed_out(contact, &agent),
                Timer::Place(call) => self.place_timed_out(call),
                Timer::Invitation(call, leg) => self.invitation_timed_out(call, leg),
                Timer::StandingLeg(device) => self.standing_leg_timed_out(&device),
            }
        }
        while let Some(watch) = self.watches.pop_due(self.now) {
            match watch {
                Watch::Collection(collection) => self.collection_timed_out(collection),
                Watch::Silence(agent) => self.agent_silent(&agent),
                Watch::Overlong(agent) => self.agent_overlong(&agent),
            }
        }
        self.flow_timeouts();
        self.settle();
    }

    /// When [`handle_timeout`](Self::handle_timeout) should next be called.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        [
            self.state.timers.next(),
            self.watches.next(),
            self.flows.poll_timeout(),
            self.router.poll_timeout(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Returns the next event to write down, until `None`. Drain it before the outputs.
    #[must_use]
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Returns the next effect to carry out, until `None`.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Returns the live calls in the order they came.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.state.calls.values()
    }

    /// Returns a live call.
    #[must_use]
    pub fn call(&self, call: CallId) -> Option<&Call> {
        self.state.calls.get(&call)
    }

    /// Returns the agents who are signed in.
    pub fn agents(&self) -> impl Iterator<Item = (&AgentId, &AgentAtWork)> {
        self.state.agents.iter()
    }

    /// Returns a signed-in agent.
    #[must_use]
    pub fn agent(&self, agent: &AgentId) -> Option<&AgentAtWork> {
        self.state.agents.get(agent)
    }

    /// Returns whether a device can be reached.
    #[must_use]
    pub fn in_service(&self, device: &DeviceId) -> bool {
        self.state.in_service.contains(device)
    }

    /// Returns how the features of a device stand; none where none was ever switched.
    #[must_use]
    pub fn device(&self, device: &DeviceId) -> Option<&DeviceState> {
        self.state.devices.get(device)
    }

    /// Returns the leg that stands to a constantly off-hook device, or by which it is being connected.
    #[must_use]
    pub fn standing_leg(&self, device: &DeviceId) -> Option<&StandingLeg> {
        self.state.standing.get(device)
    }

    /// Returns every standing leg, by its device.
    pub fn standing_legs(&self) -> impl Iterator<Item = (&DeviceId, &StandingLeg)> {
        self.state.standing.iter()
    }

    /// Returns the recordings that have not ended.
    pub fn open_recordings(&self) -> impl Iterator<Item = (RecordingId, &OpenRecording)> {
        self.state.recordings.iter().map(|(id, recording)| (*id, recording))
    }

    /// Returns the alarms that stand.
    pub fn alarms(&self) -> impl Iterator<Item = (AlarmId, &AlarmKind)> {
        self.state.alarms.iter().map(|(id, kind)| (*id, kind))
    }

    /// Returns the legs that are known.
    #[must_use]
    pub fn leg_count(&self) -> usize {
        self.state.legs.len()
    }

    /// Returns whether a leg is in a call, or is offered something.
    #[must_use]
    pub fn is_used(&self, leg: LegId) -> bool {
        self.state.legs.contains_key(&leg)
    }

    /// Returns how many playings have not ended.
    #[must_use]
    pub fn play_count(&self) -> usize {
        self.plays.len()
    }

    /// Returns the number of the last event.
    #[must_use]
    pub fn last_event(&self) -> EventNo {
        self.state.last
    }

    /// Returns the time of the last event; a driver's clock must not start below it.
    #[must_use]
    pub fn last_time(&self) -> Timestamp {
        self.state.at
    }

    /// Returns the first number that the switch may give to an incoming leg.
    #[must_use]
    pub fn first_switch_leg(&self) -> LegId {
        LegId(self.state.counters.switch_leg.0.div_ceil(2) * 2 + 1)
    }

    /// Returns the durable state, for comparison in tests and for views.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Returns the configuration.
    #[must_use]
    pub fn config(&self) -> &CenterConfig {
        &self.config
    }

    /// Returns the flow engine, to look at what only its own kind knows: cast it to [`std::any::Any`].
    #[must_use]
    pub fn flow_engine(&self) -> &dyn FlowEngine {
        self.flows.as_ref()
    }

    /// Explains where a contact stands, oldest decision first.
    #[must_use]
    pub fn explain(&self, contact: ContactId) -> Vec<Explanation> {
        self.router.explain(contact, self.now)
    }

    fn request(&mut self, request: Request) {
        let result = match request.command {
            Command::SignIn { agent, seat, queues } => self.sign_in(&agent, &seat, queues),
            Command::SignOut { agent } => self.sign_out(&agent),
            Command::SetReady { agent } => self.set_ready(&agent),
            Command::SetNotReady { agent, reason } => self.set_not_ready(&agent, &reason),
            Command::ForceAgent { agent, to, by } => self.force_agent(&agent, to, by),
            Command::Heartbeat { agent } => self.heartbeat(&agent),
            Command::SetDuties { agent, queues, capacity, by } => {
                self.set_duties(&agent, queues, capacity, by)
            }
            Command::Reset { agent } => self.reset(&agent),
            Command::Call(service) => self.serve(service),
            Command::ClearCall { call } => self.clear_call(call),
            Command::SetFeature { device, feature } => self.set_feature(&device, feature),
            Command::SetFeatures { device, features } => self.set_features(&device, features),
            Command::SetPriority { contact, priority, by } => {
                self.set_priority(contact, priority, by)
            }
            Command::MoveContact { contact, queue, by } => self.move_contact(contact, queue, &by),
            Command::AssignContact { contact, agent, by } => self.assign(contact, agent, by),
            Command::OpenContact { medium, caller, queue, priority, needs, data } => {
                self.open_contact(Opening { medium, caller, queue, priority, needs, data })
            }
            Command::AcceptContact { contact, agent } => self.accept_contact(contact, &agent),
            Command::RejectContact { contact, agent } => self.reject_contact(contact, &agent),
            Command::FinishContact { contact, agent } => self.finish_contact(contact, &agent),
            Command::WithdrawContact { contact } => self.withdraw_contact(contact),
            Command::RequestCallBack { contact, number } => self.request_call_back(contact, number),
            Command::AddListEntries { entries } => self.add_list_entries(entries),
            Command::RemoveListEntry { entry, by } => self.remove_list_entry(entry, by),
            Command::NoteErasure { contacts, by, reason } => {
                self.note_erasure(contacts, by, reason)
            }
            Command::SetAlarm { kind, stands: true } => {
                self.raise(kind);
                Ok(Reply::Done)
            }
            Command::SetAlarm { kind, stands: false } => {
                self.clear_alarm(&kind);
                Ok(Reply::Done)
            }
            Command::MarkMessage { mailbox, recording, mark, by } => {
                self.mark_message(&mailbox, recording, mark, by)
            }
            Command::CallBackMessage { mailbox, recording, from, by } => {
                self.call_back_message(&mailbox, recording, &from, by)
            }
            Command::RemoveGreeting { mailbox, by } => self.remove_greeting(&mailbox, by),
            Command::ShowMailboxes { mailbox } => self.show_mailboxes(mailbox.as_ref()),
            Command::Flows { order, by } => self.order_flows(order, by),
            Command::Explain { contact } => Ok(Reply::Explanation(self.explain(contact))),
            Command::WhyNot { contact, agent } => self.why_not(contact, &agent),
            Command::ChangeRules { change, by } => self.change_rules(&change, by),
            Command::ConfigureQueue { queue, by } => self.configure_queue(queue, by),
            Command::ChangeCalendar { change, by } => self.change_calendar(&change, by),
            Command::ShowWaits => Ok(Reply::Waits(self.router.expected_waits())),
            Command::ShowRules => Ok(Reply::Rules(self.router.rules())),
            Command::Drain { on } => {
                self.draining = on;
                Ok(Reply::Done)
            }
            Command::ClearAll => {
                let calls: Vec<_> = self.state.calls.keys().copied().collect();
                calls
                    .into_iter()
                    .try_for_each(|call| self.clear_call(call).map(|_| ()))
                    .map(|()| Reply::Done)
            }
        };
        // Decided once the facts are applied; the proposals that follow must not delay the answer's event number.
        self.outputs.push_back(Output {
            after: Some(self.state.last),
            effect: Effect::Reply { request: request.id, result },
        });
    }

    /// Carries out what flows and router want until neither wants anything.
    fn settle(&mut self) {
        // Each round ends sessions, makes an offer or sends a caller on, so that it ends; the bound makes a router
        // or an engine that never rests visible instead of hanging the centre.
        for _ in 0..100_000 {
            self.flow_effects();
            self.flow_notices();
            self.devices_are_free();
            self.light_lamps();
            self.sync_audio();
            match self.router.propose(self.now) {
                Some(proposal) => self.carry_out(proposal),
                None if self.dirty.is_empty() && self.state.freed.is_empty() => return,
                None => {}
            }
        }
        tracing::error!("a router or flow engine did not come to rest");
        debug_assert!(false, "a router or flow engine did not come to rest");
    }

    /// Writes a fact down: numbers it, applies it and lets router and flows follow it.
    fn emit(&mut self, fact: Fact) {
        let event = Event { no: self.state.last.next(), at: self.now, fact };
        if let Some(call) = event.fact.call() {
            self.dirty.insert(call);
        }
        self.messages_may_wait(&event.fact);
        self.remember_leg(&event.fact);
        self.state.apply(&event);
        self.router.apply(&event);
        self.flows.apply(&event);
        self.events.push_back(event);
    }

    /// Commands the switch at once. What would end a leg that stands lets it rest.
    fn command(&mut self, command: SwitchCommand) {
        if let SwitchCommand::Hangup { leg, .. } = &command
            && self.state.standing_at.contains_key(leg)
        {
            return self.rest(*leg);
        }
        self.outputs.push_back(Output { after: None, effect: Effect::Switch(command) });
    }

    /// Commands the switch once everything that was decided so far is durable.
    fn command_when_durable(&mut self, command: SwitchCommand) {
        let Some(command) = self.dialled_or_put_through(command) else { return };
        self.outputs
            .push_back(Output { after: Some(self.state.last), effect: Effect::Switch(command) });
    }

    fn play(
        &mut self,
        leg: LegId,
        clips: Vec<crate::switch::Clip>,
        looped: bool,
        listener: Listener,
    ) -> PlayId {
        let play = self.next_play();
        self.plays.insert(play, Playing { leg, listener });
        self.command(SwitchCommand::Play { leg, play, clips, looped });
        play
    }

    fn next_play(&mut self) -> PlayId {
        self.next_play = self.next_play.max(self.state.counters.play);
        self.next_play.0 += 1;
        self.next_play
    }

    /// Forgets what a leg hears that is about to end.
    fn forget_sounds(&mut self, leg: LegId) {
        if self.state.standing_at.contains_key(&leg) {
            return self.silence(leg);
        }
        for play in self.plays.of(leg) {
            self.forget_play(play, PlayEnd::LegEnded);
        }
        self.hold_music.remove(&leg);
    }

    /// Forgets a playing that ends before the switch says so.
    fn forget_play(&mut self, play: PlayId, end: PlayEnd) {
        if let Some(Playing { leg, listener: Listener::Message(call) }) = self.plays.remove(play) {
            self.message_played(call, leg, play, end);
        }
    }

    /// The place where a call is ends by time.
    fn place_timed_out(&mut self, call: CallId) {
        let Some(place) = self.state.calls.get(&call).map(|it| it.place.clone()) else { return };
        match place {
            Place::Originating(_) => self.origination_timed_out(call),
            Place::Ringing(_) => self.ringing_timed_out(call),
            Place::Parked(_) => self.park_timed_out(call),
            Place::Camped(_) => self.camp_on_timed_out(call),
            Place::Failed(failed) => self.end_call(call, failed.cause),
            Place::Program(_) => self.program_timed_out(call),
            Place::Arriving | Place::Flow | Place::Queue(_) | Place::Talk | Place::Feature => {}
        }
    }

    /// Stops everything that a leg hears from the Center.
    fn silence(&mut self, leg: LegId) {
        for play in self.plays.of(leg) {
            self.forget_play(play, PlayEnd::Stopped);
            self.command(SwitchCommand::StopPlay { leg, play });
        }
        self.hold_music.remove(&leg);
    }

    fn new_leg(&self) -> LegId {
        LegId(self.state.counters.leg.0 + 2)
    }

    fn raise(&mut self, kind: AlarmKind) {
        if self.state.alarms.values().all(|standing| *standing != kind) {
            let alarm = AlarmId(self.state.counters.alarm.0 + 1);
            self.emit(Fact::AlarmRaised { alarm, kind });
        }
    }

    fn clear_alarm(&mut self, kind: &AlarmKind) {
        let standing =
            self.state.alarms.iter().find(|(_, it)| *it == kind).map(|(alarm, _)| *alarm);
        if let Some(alarm) = standing {
            self.emit(Fact::AlarmCleared { alarm });
        }
    }

    fn report(&mut self, report: SwitchReport) -> Result<(), InputError> {
        match report {
            SwitchReport::Incoming { leg, origin, caller, called, network_id } => {
                self.arrival(leg, origin, caller, called, network_id)?;
            }
            SwitchReport::NetworkReached { leg } => self.leg_progresses(leg),
            SwitchReport::Ringing { leg } => self.leg_alerting(leg),
            SwitchReport::Answered { leg } => self.leg_answered(leg),
            SwitchReport::VoiceMeasured { leg, quality } => self.voice_measured(leg, quality),
            SwitchReport::LegEnded { leg, cause } => {
                self.measured.remove(&leg);
                self.leg_ended(leg, cause);
            }
            SwitchReport::Held { leg } => self.held(leg),
            SwitchReport::Retrieved { leg } => self.retrieved(leg),
            SwitchReport::Digit { leg, digit } => self.digit(leg, digit),
            SwitchReport::Referred { leg, to } => self.referred(leg, &to),
            SwitchReport::PlayEnded { play, end, .. } => self.play_ended(play, end),
            SwitchReport::SpeechBegan { recognition, .. } => self.speech_began(recognition),
            SwitchReport::RecognitionEnded { recognition, end, .. } => {
                self.recognition_ended(recognition, end);
            }
            SwitchReport::RecordingEnded { recording, end } => self.recording_ended(recording, end),
            SwitchReport::DeviceInService { device } => {
                if !self.state.in_service.contains(&device) {
                    self.emit(Fact::DeviceInService { device: device.clone() });
                    self.indicate_messages(&device);
                    self.stand_off_hook(&device);
                }
            }
            SwitchReport::DeviceOutOfService { device } => {
                if self.state.in_service.contains(&device) {
                    self.emit(Fact::DeviceOutOfService { device });
                }
            }
            SwitchReport::GatewayInService { trunk, gateway } => {
                self.clear_alarm(&AlarmKind::GatewayDown { trunk, gateway });
            }
            SwitchReport::GatewayOutOfService { trunk, gateway } => {
                self.raise(AlarmKind::GatewayDown { trunk, gateway });
            }
        }
        Ok(())
    }
}
