//! Who hears whom follows from the parties' states and roles; nobody commands it.
//!
//! After each input the switch is told what has changed: a bridge where two hear each other, a mix where it is more
//! than that, music to whoever is left alone by a hold, and a recording of the citizen and who speaks with him.

use std::collections::BTreeSet;

use super::{Center, Listener};
use crate::{
    call::{Call, Place},
    connection::ConnectionState,
    id::{CallId, LegId},
    switch::{Clip, Hearing, SwitchCommand},
};

/// How the legs of a call are joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Audio {
    Bridge(LegId, LegId),
    Mix(Vec<Hearing>),
}

impl Center {
    /// Tells the switch what has changed in the calls that facts were written about.
    pub(super) fn sync_audio(&mut self) {
        if self.dirty.is_empty() {
            return;
        }
        let dirty = std::mem::take(&mut self.dirty);
        let wanted: Vec<(CallId, Option<Audio>)> = dirty
            .iter()
            .map(|call| (*call, self.state.calls.get(call).and_then(hearing)))
            .collect();
        // First what ends, then what begins: a leg can leave one conversation for another at the same moment.
        for (call, wanted) in &wanted {
            self.part(*call, wanted.as_ref());
        }
        for (call, wanted) in wanted {
            self.join_up(call, wanted);
        }
        for call in &dirty {
            self.music(*call);
            self.record(*call);
        }
    }

    fn part(&mut self, call: CallId, wanted: Option<&Audio>) {
        let Some(is) = self.audio.get(&call) else { return };
        match (is, wanted) {
            (Audio::Bridge(..), Some(wanted)) if is == wanted => {}
            (Audio::Mix(_), Some(Audio::Mix(_))) => {}
            (Audio::Bridge(a, b), _) => {
                let (a, b) = (*a, *b);
                self.audio.remove(&call);
                // Where a leg has ended its bridge has ended with it.
                if self.state.is_live(a) && self.state.is_live(b) {
                    self.command(SwitchCommand::Unbridge { a, b });
                }
            }
            (Audio::Mix(_), _) => {
                self.audio.remove(&call);
                self.command(SwitchCommand::Mix { mix: call, hears: Vec::new() });
            }
        }
    }

    fn join_up(&mut self, call: CallId, wanted: Option<Audio>) {
        let Some(wanted) = wanted else { return };
        if self.audio.get(&call) == Some(&wanted) {
            return;
        }
        match &wanted {
            Audio::Bridge(a, b) => self.command(SwitchCommand::Bridge { a: *a, b: *b }),
            Audio::Mix(hears) => {
                self.command(SwitchCommand::Mix { mix: call, hears: hears.clone() });
            }
        }
        self.audio.insert(call, wanted);
    }

    /// Plays music to those whom a hold, a parking or a wait leaves alone.
    fn music(&mut self, call: CallId) {
        let Some(it) = self.state.calls.get(&call) else { return };
        let waits = matches!(it.place, Place::Parked(_) | Place::Camped(_));
        let held = it.is_talk() && it.held_by().next().is_some();
        let hears_someone = |leg: LegId| {
            it.parties.iter().any(|other| {
                other.leg != leg
                    && other.state == ConnectionState::Connected
                    && other.role.carries()
            })
        };
        let mut start = Vec::new();
        let mut stop = Vec::new();
        for member in &it.parties {
            let alone = member.state == ConnectionState::Connected
                && member.role.carries()
                && (waits || held)
                && !hears_someone(member.leg);
            match (alone, self.hold_music.contains_key(&member.leg)) {
                (true, false) => start.push(member.leg),
                (false, true) if self.state.active_call(member.leg) == Some(call) => {
                    stop.push(member.leg);
                }
                (true, true) | (false, _) => {}
            }
        }
        for leg in stop {
            if let Some(play) = self.hold_music.remove(&leg) {
                self.plays.remove(play);
                self.command(SwitchCommand::StopPlay { leg, play });
            }
        }
        for leg in start {
            let music = vec![Clip::Prompt(self.config.prompts.hold_music.clone())];
            let play = self.play(leg, music, true, Listener::Nobody);
            self.hold_music.insert(leg, play);
        }
    }

    /// Ends the recording of a call in which a leg is recorded.
    pub(super) fn stop_recording_of(&mut self, call: CallId, leg: LegId) {
        if let Some((recording, (left, right))) = self.recorded.get(&call).copied()
            && (left == leg || right == leg)
        {
            self.recorded.remove(&call);
            self.command(SwitchCommand::StopRecording { recording });
        }
    }

    /// Records the citizen on the left and who speaks with him on the right; a new file when that is someone else.
    fn record(&mut self, call: CallId) {
        let Some(it) = self.state.calls.get(&call) else {
            self.recorded.remove(&call);
            self.record_wish.remove(&call);
            self.paused.remove(&call);
            return;
        };
        if !it.is_talk() {
            self.paused.remove(&call);
        }
        let wish = self.record_wish.get(&call).copied();
        let is = self.recorded.get(&call).copied();
        let is_wanted = wish.unwrap_or_else(|| {
            let in_hours = is.is_some() || self.is_recording_time();
            self.config.recording.records(it, in_hours)
        });
        let wanted = if is_wanted { recorded_pair(it) } else { None };
        if is.map(|(_, pair)| pair) == wanted {
            return;
        }
        if let Some((recording, _)) = is {
            self.recorded.remove(&call);
            self.command(SwitchCommand::StopRecording { recording });
        }
        if let Some((left, right)) = wanted {
            self.begin_recording(call, left, right);
        }
    }
}

/// Returns who hears whom in a call.
fn hearing(call: &Call) -> Option<Audio> {
    if !call.is_talk() {
        return None;
    }
    let present: Vec<_> =
        call.parties.iter().filter(|it| it.state == ConnectionState::Connected).collect();
    let hears: Vec<Hearing> = present
        .iter()
        .map(|member| Hearing {
            leg: member.leg,
            from: present
                .iter()
                .filter(|other| {
                    other.leg != member.leg && !other.muted && other.role.is_heard_by(member.leg)
                })
                .map(|other| other.leg)
                .collect(),
        })
        .collect();
    match hears.as_slice() {
        [a, b] if a.from == [b.leg] && b.from == [a.leg] => Some(Audio::Bridge(a.leg, b.leg)),
        _ if hears.iter().all(|it| it.from.is_empty()) => None,
        _ => Some(Audio::Mix(hears)),
    }
}

/// Returns whose voices are recorded: the citizen's, and of whoever has spoken with him longest.
pub(super) fn recorded_pair(call: &Call) -> Option<(LegId, LegId)> {
    if !call.is_talk() {
        return None;
    }
    let carriers: BTreeSet<LegId> =
        call.talkers().filter(|it| it.role.carries()).map(|it| it.leg).collect();
    let citizen = call
        .talkers()
        .find(|it| it.party.device.is_none() && carriers.contains(&it.leg))
        .map_or(call.leg, |it| it.leg);
    let other =
        call.talkers().map(|it| it.leg).find(|leg| *leg != citizen && carriers.contains(leg))?;
    carriers.contains(&citizen).then_some((citizen, other))
}
