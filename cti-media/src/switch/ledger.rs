//! What a switch at the other end of a wire is known to carry; whatever began here ends here, exactly once.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use cti_core::{
    address::PhoneNumber,
    cause::Cause,
    id::{CallId, DeviceId, LegId, PlayId, RecordingId},
    switch::{Origin, PlayEnd, RecordingEnd, SwitchReport},
    time::Timestamp,
};

/// The legs, playings and recordings of a switch; `P` is what its adapter has to remember of a playing.
#[derive(Debug)]
pub(super) struct Ledger<P> {
    legs: BTreeMap<LegId, Leg<P>>,
    channels: BTreeMap<String, LegId>,
    recordings: BTreeMap<RecordingId, Recording>,
    /// The registrations of each device; it is in service while it has one.
    registrations: BTreeMap<DeviceId, BTreeSet<String>>,
    next_incoming: LegId,
    reports: VecDeque<SwitchReport>,
}

/// A leg.
#[derive(Debug)]
pub(super) struct Leg<P> {
    /// The name of its channel at the switch.
    pub(super) channel: String,
    pub(super) phase: Phase,
    /// Why the Center wants it to end.
    pub(super) ending: Option<Cause>,
    /// How far a call of ours has come before its answer.
    progress: Option<Progress>,
    held: bool,
    playing: Option<(PlayId, P)>,
    pub(super) joined: Joined,
    /// Whether its state is to be asked for, because the connection was lost.
    pub(super) doubtful: bool,
}

/// How far a leg has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Someone calls and is not answered.
    Incoming,
    /// The switch was told to dial and has not begun.
    Ordered,
    /// The switch dials.
    Dialling,
    Up,
}

/// How far a call of ours has come before its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Progress {
    NetworkReached,
    Alerting,
}

/// With whom a leg was joined last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joined {
    Nobody,
    Bridge(LegId),
    Mix(CallId),
}

/// A recording that has not ended.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    pub(super) leg: LegId,
    /// Its file, as the switch names it.
    pub(super) name: String,
    /// Its file, as this program sees it.
    pub(super) path: std::path::PathBuf,
    /// When it is looked for, even if the switch has not said that it is over.
    pub(super) due: Option<Timestamp>,
    /// Whether its file is being measured.
    pub(super) measuring: bool,
}

impl<P> Ledger<P> {
    /// Begins with incoming legs at `first`.
    pub(super) fn new(first: LegId) -> Self {
        Self {
            legs: BTreeMap::new(),
            channels: BTreeMap::new(),
            recordings: BTreeMap::new(),
            registrations: BTreeMap::new(),
            // Incoming legs have odd numbers.
            next_incoming: LegId(first.0 | 1),
            reports: VecDeque::new(),
        }
    }

    pub(super) fn poll_report(&mut self) -> Option<SwitchReport> {
        self.reports.pop_front()
    }

    pub(super) fn report(&mut self, report: SwitchReport) {
        self.reports.push_back(report);
    }

    pub(super) fn len(&self) -> usize {
        self.legs.len()
    }

    pub(super) fn leg(&self, id: LegId) -> Option<&Leg<P>> {
        self.legs.get(&id)
    }

    pub(super) fn leg_mut(&mut self, id: LegId) -> Option<&mut Leg<P>> {
        self.legs.get_mut(&id)
    }

    pub(super) fn legs(&self) -> impl Iterator<Item = (LegId, &Leg<P>)> {
        self.legs.iter().map(|(id, leg)| (*id, leg))
    }

    pub(super) fn leg_of(&self, channel: &str) -> Option<LegId> {
        self.channels.get(channel).copied()
    }

    /// The channel of a leg that has not ended.
    pub(super) fn channel(&self, id: LegId) -> Option<String> {
        self.legs.get(&id).map(|leg| leg.channel.clone())
    }

    /// Someone calls.
    pub(super) fn incoming(
        &mut self,
        channel: &str,
        origin: Origin,
        caller: PhoneNumber,
        called: PhoneNumber,
        network_id: String,
    ) -> LegId {
        let leg = self.next_incoming;
        self.next_incoming = LegId(leg.0 + 2);
        self.insert(leg, channel, Phase::Incoming);
        self.report(SwitchReport::Incoming { leg, origin, caller, called, network_id });
        leg
    }

    /// The Center calls; `false` if the number of the leg is in use.
    pub(super) fn order(&mut self, id: LegId, channel: &str) -> bool {
        let free = !self.legs.contains_key(&id);
        if free {
            self.insert(id, channel, Phase::Ordered);
        } else {
            tracing::error!(leg = %id, "A leg number was used twice");
        }
        free
    }

    fn insert(&mut self, id: LegId, channel: &str, phase: Phase) {
        let leg = Leg {
            channel: channel.to_owned(),
            phase,
            ending: None,
            progress: None,
            held: false,
            playing: None,
            joined: Joined::Nobody,
            doubtful: false,
        };
        self.legs.insert(id, leg);
        self.channels.insert(channel.to_owned(), id);
    }

    /// A call of ours is on its way; what is told twice or too late is not reported.
    pub(super) fn progress(&mut self, id: LegId, progress: Progress) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let before_answer = matches!(leg.phase, Phase::Ordered | Phase::Dialling);
        if !before_answer || leg.progress.is_some_and(|before| before >= progress) {
            return;
        }
        leg.progress = Some(progress);
        self.report(match progress {
            Progress::NetworkReached => SwitchReport::NetworkReached { leg: id },
            Progress::Alerting => SwitchReport::Ringing { leg: id },
        });
    }

    /// A leg is answered, by us or by its party; the latter is reported.
    pub(super) fn answered(&mut self, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        match std::mem::replace(&mut leg.phase, Phase::Up) {
            Phase::Ordered | Phase::Dialling => self.report(SwitchReport::Answered { leg: id }),
            Phase::Incoming | Phase::Up => {}
        }
    }

    /// The party holds the call or takes it from hold.
    pub(super) fn hold(&mut self, id: LegId, on: bool) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        if std::mem::replace(&mut leg.held, on) != on {
            self.report(if on {
                SwitchReport::Held { leg: id }
            } else {
                SwitchReport::Retrieved { leg: id }
            });
        }
    }

    /// The party of a leg pressed a key.
    pub(super) fn digit(&mut self, id: LegId, digit: char) {
        let digit = digit.to_ascii_uppercase();
        if self.legs.contains_key(&id) && matches!(digit, '0'..='9' | '*' | '#' | 'A'..='D') {
            self.report(SwitchReport::Digit { leg: id, digit });
        }
    }

    /// Begins a playing in place of the one before, which is returned; `Err` if the leg has ended, which is reported.
    pub(super) fn begin_play(&mut self, id: LegId, play: PlayId, way: P) -> Result<Option<P>, ()> {
        let before = self.end_play(id, None, PlayEnd::Stopped).map(|(_, way)| way);
        let Some(leg) = self.legs.get_mut(&id) else {
            self.report(SwitchReport::PlayEnded { leg: id, play, end: PlayEnd::LegEnded });
            return Err(());
        };
        leg.playing = Some((play, way));
        Ok(before)
    }

    /// What a leg hears.
    pub(super) fn playing(&self, id: LegId) -> Option<&(PlayId, P)> {
        self.legs.get(&id)?.playing.as_ref()
    }

    /// What a leg hears, to be changed.
    pub(super) fn playing_mut(&mut self, id: LegId) -> Option<&mut (PlayId, P)> {
        self.legs.get_mut(&id)?.playing.as_mut()
    }

    /// Ends the playing of a leg, if it is this one or any when none is named.
    pub(super) fn end_play(
        &mut self,
        id: LegId,
        only: Option<PlayId>,
        end: PlayEnd,
    ) -> Option<(PlayId, P)> {
        let playing = &mut self.legs.get_mut(&id)?.playing;
        let ended = playing.take_if(|(play, _)| only.is_none_or(|only| only == *play))?;
        self.report(SwitchReport::PlayEnded { leg: id, play: ended.0, end });
        Some(ended)
    }

    /// A leg is over: its playing ends, then the leg.
    pub(super) fn end_leg(&mut self, id: LegId, cause: Cause) -> Option<Leg<P>> {
        self.end_play(id, None, PlayEnd::LegEnded);
        let leg = self.legs.remove(&id)?;
        self.channels.remove(&leg.channel);
        let cause = leg.ending.unwrap_or(cause);
        tracing::debug!(leg = %id, %cause, "Leg ended");
        self.report(SwitchReport::LegEnded { leg: id, cause });
        Some(leg)
    }

    pub(super) fn begin_recording(&mut self, id: RecordingId, recording: Recording) {
        self.recordings.insert(id, recording);
    }

    pub(super) fn recording(&self, id: RecordingId) -> Option<&Recording> {
        self.recordings.get(&id)
    }

    pub(super) fn recording_mut(&mut self, id: RecordingId) -> Option<&mut Recording> {
        self.recordings.get_mut(&id)
    }

    /// The recording whose file the switch calls so.
    pub(super) fn recording_named(&self, name: &str) -> Option<RecordingId> {
        self.recordings.iter().find(|(_, it)| it.name == name).map(|(id, _)| *id)
    }

    /// The recordings that are made at a leg.
    pub(super) fn recordings_of(&self, leg: LegId) -> Vec<RecordingId> {
        self.recordings.iter().filter(|(_, it)| it.leg == leg).map(|(id, _)| *id).collect()
    }

    /// A recording is over, if it was not before.
    pub(super) fn end_recording(&mut self, id: RecordingId, end: RecordingEnd) {
        if self.recordings.remove(&id).is_some() {
            self.report(SwitchReport::RecordingEnded { recording: id, end });
        }
    }

    /// When a recording is to be looked for.
    pub(super) fn poll_timeout(&self) -> Option<Timestamp> {
        self.recordings.values().filter(|it| !it.measuring).filter_map(|it| it.due).min()
    }

    /// The recordings that are to be looked for at `now`.
    pub(super) fn due(&self, now: Timestamp) -> Vec<RecordingId> {
        let due = |it: &Recording| !it.measuring && it.due.is_some_and(|due| due <= now);
        self.recordings.iter().filter(|(_, it)| due(it)).map(|(id, _)| *id).collect()
    }

    /// A device has registered; `by` tells its registrations apart.
    pub(super) fn registered(&mut self, device: &DeviceId, by: &str) {
        let all = self.registrations.entry(device.clone()).or_default();
        let first = all.is_empty();
        all.insert(by.to_owned());
        if first {
            self.report(SwitchReport::DeviceInService { device: device.clone() });
        }
    }

    /// A registration of a device is over.
    pub(super) fn unregistered(&mut self, device: &DeviceId, by: &str) {
        let Some(all) = self.registrations.get_mut(device) else { return };
        if all.remove(by) && all.is_empty() {
            self.registrations.remove(device);
            self.report(SwitchReport::DeviceOutOfService { device: device.clone() });
        }
    }

    /// These are all registrations that there are.
    pub(super) fn registrations(&mut self, all: &BTreeMap<DeviceId, BTreeSet<String>>) {
        let gone: Vec<(DeviceId, String)> = self
            .registrations
            .iter()
            .flat_map(|(device, known)| known.iter().map(move |by| (device.clone(), by.clone())))
            .filter(|(device, by)| all.get(device).is_none_or(|all| !all.contains(by)))
            .collect();
        // What is new comes first, so that a device that registered anew does not go out of service.
        for (device, by) in
            all.iter().flat_map(|(device, all)| all.iter().map(move |by| (device, by)))
        {
            self.registered(device, by);
        }
        for (device, by) in gone {
            self.unregistered(&device, &by);
        }
    }
}
