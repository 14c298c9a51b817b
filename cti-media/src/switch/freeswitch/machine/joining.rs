//! Who hears whom: two legs by a bridge of the switch, more by a conference with relations between its members.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::{
    id::{CallId, LegId},
    switch::Hearing,
};

use super::{
    super::{super::ledger::Joined, event::Event, message::EslError},
    Awaited, Machine,
};

/// A mix: a conference.
#[derive(Debug, Default)]
pub(super) struct Mix {
    /// Whom each leg hears; all its legs are keys.
    hears: BTreeMap<LegId, BTreeSet<LegId>>,
    /// The numbers that the conference has given to the legs that are in it.
    members: BTreeMap<LegId, String>,
    /// Who was told not to hear whom.
    deaf: BTreeSet<(LegId, LegId)>,
}

impl Machine {
    pub(super) fn bridge(&mut self, a: LegId, b: LegId) {
        let (Some(first), Some(second)) = (self.ledger.channel(a), self.ledger.channel(b)) else {
            return;
        };
        for (leg, other) in [(a, b), (b, a)] {
            self.interrupt(leg);
            self.leave_mix(leg);
            self.set_joined(leg, Joined::Bridge(other));
        }
        // Which of the two is gone, if one is, its own events say.
        self.api(&format!("uuid_bridge {first} {second}"), Awaited::Nothing);
    }

    pub(super) fn unbridge(&mut self, a: LegId, b: LegId) {
        for (leg, other) in [(a, b), (b, a)] {
            if self.ledger.leg(leg).is_some_and(|leg| leg.joined == Joined::Bridge(other)) {
                self.park(leg);
            }
        }
    }

    /// Lets a leg be alone.
    fn park(&mut self, leg: LegId) {
        self.interrupt(leg);
        self.set_joined(leg, Joined::Nobody);
        self.on_channel(leg, "uuid_park", "");
    }

    /// Lets legs hear each other as listed; an empty list ends the mix.
    pub(super) fn mix(&mut self, mix: CallId, hears: &[Hearing]) {
        let mut wanted: BTreeMap<LegId, BTreeSet<LegId>> = BTreeMap::new();
        for hearing in hears {
            for leg in hearing.from.iter().chain([&hearing.leg]) {
                if self.ledger.leg(*leg).is_some() {
                    wanted.entry(*leg).or_default();
                }
            }
            if let Some(heard) = wanted.get_mut(&hearing.leg) {
                heard.extend(&hearing.from);
            }
        }
        let before: Vec<LegId> =
            self.mixes.get(&mix).into_iter().flat_map(|mix| mix.hears.keys().copied()).collect();
        for leg in before {
            if !wanted.contains_key(&leg) {
                self.leave_mix(leg);
                self.park(leg);
            }
        }
        for leg in wanted.keys().copied() {
            if self.ledger.leg(leg).is_none_or(|it| it.joined == Joined::Mix(mix)) {
                continue;
            }
            self.interrupt(leg);
            self.leave_mix(leg);
            self.set_joined(leg, Joined::Mix(mix));
            self.enter(leg, mix);
        }
        if wanted.is_empty() {
            self.mixes.remove(&mix);
        } else {
            self.mixes.entry(mix).or_default().hears = wanted;
            self.relate(mix);
        }
    }

    /// A leg enters its conference mute: nobody hears it before all are told who shall not.
    fn enter(&mut self, leg: LegId, mix: CallId) {
        let (conference, profile) = (self.conference_of(mix), &self.config.conference_profile);
        let application = format!("conference:{conference}@{profile}+flags{{mute}} inline");
        self.on_channel(leg, "uuid_transfer", &application);
    }

    /// Which member of its conference a leg is, as was found when the connection was back; if it is none it enters.
    pub(super) fn found_in_mix(&mut self, leg: LegId, mix: CallId, member: Option<&str>) {
        let Some(known) = self.mixes.get_mut(&mix) else { return };
        // What the conference was told meanwhile is not known; it is told again.
        known.deaf.retain(|(hearer, heard)| *hearer != leg && *heard != leg);
        match member.filter(|member| is_number(member)) {
            Some(member) => {
                known.members.insert(leg, member.to_owned());
                self.admit(mix, member);
            }
            None => {
                known.members.remove(&leg);
                self.enter(leg, mix);
            }
        }
    }

    fn conference_of(&self, mix: CallId) -> String {
        format!("{}-{mix}", self.config.instance)
    }

    /// A leg is in no mix any more; a mix without legs is forgotten.
    pub(super) fn leave_mix(&mut self, leg: LegId) {
        let Some(Joined::Mix(mix)) = self.ledger.leg(leg).map(|leg| leg.joined) else { return };
        self.set_joined(leg, Joined::Nobody);
        let Some(known) = self.mixes.get_mut(&mix) else { return };
        known.hears.remove(&leg);
        known.members.remove(&leg);
        known.deaf.retain(|(hearer, heard)| *hearer != leg && *heard != leg);
        if known.hears.is_empty() {
            self.mixes.remove(&mix);
        }
    }

    fn set_joined(&mut self, leg: LegId, joined: Joined) {
        if let Some(leg) = self.ledger.leg_mut(leg) {
            leg.joined = joined;
        }
    }

    /// Lets a member be heard by those who may.
    fn admit(&mut self, mix: CallId, member: &str) {
        self.relate(mix);
        let command = format!("conference {} unmute {member} quiet", self.conference_of(mix));
        self.api(&command, Awaited::Nothing);
    }

    /// Tells the conference which of its members do not hear each other.
    fn relate(&mut self, mix: CallId) {
        let conference = self.conference_of(mix);
        let Some(known) = self.mixes.get_mut(&mix) else { return };
        let mut commands = Vec::new();
        for (hearer, hears) in &known.hears {
            for other in known.hears.keys().filter(|other| *other != hearer) {
                let (Some(member), Some(heard)) =
                    (known.members.get(hearer), known.members.get(other))
                else {
                    continue;
                };
                let pair = (*hearer, *other);
                let how = if hears.contains(other) {
                    known.deaf.remove(&pair).then_some("clear")
                } else {
                    known.deaf.insert(pair).then_some("nohear")
                };
                if let Some(how) = how {
                    commands.push(format!("conference {conference} relate {member} {heard} {how}"));
                }
            }
        }
        for command in commands {
            self.api(&command, Awaited::Nothing);
        }
    }

    /// Someone came into a conference, or left it.
    pub(super) fn conference(&mut self, event: &Event) -> Result<(), EslError> {
        let Some(leg) = event.get("Unique-ID").and_then(|channel| self.ledger.leg_of(channel))
        else {
            return Ok(());
        };
        let Some(Joined::Mix(mix)) = self.ledger.leg(leg).map(|leg| leg.joined) else {
            return Ok(());
        };
        if event.get("Conference-Name") != Some(self.conference_of(mix).as_str()) {
            return Ok(());
        }
        let Some(known) = self.mixes.get_mut(&mix) else { return Ok(()) };
        let member = event.need("Member-ID")?;
        match event.need("Action")? {
            "add-member" if is_number(member) => {
                if known.members.insert(leg, member.to_owned()).as_deref() != Some(member) {
                    // To the conference it is somebody new, who hears all.
                    known.deaf.retain(|(hearer, heard)| *hearer != leg && *heard != leg);
                }
                self.admit(mix, member);
            }
            "del-member" if known.members.get(&leg).is_some_and(|it| it == member) => {
                known.members.remove(&leg);
                known.deaf.retain(|(hearer, heard)| *hearer != leg && *heard != leg);
            }
            _ => {}
        }
        Ok(())
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit())
}
