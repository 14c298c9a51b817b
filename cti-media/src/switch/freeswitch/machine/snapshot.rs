//! What the switch carries, asked for when a connection was made.

use std::collections::{BTreeMap, BTreeSet};

use cti_core::{
    cause::Cause,
    id::{DeviceId, LegId},
    switch::PlayEnd,
    time::Timestamp,
};
use serde::Deserialize;

use super::{
    super::{
        super::{
            ledger::{Joined, Phase, Progress},
            remote::is_plain,
        },
        event::Event,
        message::EslError,
    },
    Awaited, EVENTS, Link, Machine, Way, is_gone,
};

/// The answer of `show … as json`; without rows it has none.
#[derive(Debug, Deserialize)]
struct Table<T> {
    #[serde(default = "Vec::new")]
    rows: Vec<T>,
}

#[derive(Debug, Deserialize)]
struct Registration {
    reg_user: String,
    #[serde(default)]
    token: String,
}

#[derive(Debug, Deserialize)]
struct Channel {
    uuid: String,
    #[serde(default)]
    direction: String,
    #[serde(default)]
    application: String,
}

impl Machine {
    /// The connection is lost: nothing that the switch carries is sure.
    pub(super) fn doubt_everything(&mut self) {
        for leg in self.ledger.legs().map(|(id, _)| id).collect::<Vec<_>>() {
            if let Some(leg) = self.ledger.leg_mut(leg) {
                leg.doubtful = true;
            }
        }
    }

    /// The switch has let us in.
    pub(super) fn entered(&mut self) {
        self.link = Link::Asking;
        self.send_now(format!("{EVENTS}\n\n"), Awaited::Nothing);
        self.send_now("api show registrations as json\n\n".to_owned(), Awaited::Registrations);
        self.send_now("api show channels as json\n\n".to_owned(), Awaited::Channels);
        let doubtful: Vec<(LegId, String)> = self
            .ledger
            .legs()
            .filter(|(_, leg)| leg.doubtful)
            .map(|(id, leg)| (id, leg.channel.clone()))
            .collect();
        for (leg, channel) in doubtful {
            self.send_now(format!("api uuid_dump {channel} json\n\n"), Awaited::Doubt(leg));
        }
    }

    pub(super) fn registrations(&mut self, text: &str) {
        let table: Table<Registration> = match serde_json::from_str(text) {
            Ok(table) => table,
            Err(error) => {
                tracing::warn!(%error, "Cannot read the registrations of the switch");
                return;
            }
        };
        let mut all: BTreeMap<DeviceId, BTreeSet<String>> = BTreeMap::new();
        for row in table.rows {
            if let Some(device) = self.device_of(&row.reg_user) {
                all.entry(device).or_default().insert(row.token);
            }
        }
        self.ledger.registrations(&all);
    }

    /// Ends channels of a former run, and asks what else is parked.
    pub(super) fn channels(&mut self, text: &str) {
        let table: Table<Channel> = match serde_json::from_str(text) {
            Ok(table) => table,
            Err(error) => {
                tracing::warn!(%error, "Cannot read the channels of the switch");
                return;
            }
        };
        let ours = format!("{}-leg-", self.config.instance);
        for row in table.rows {
            if self.ledger.leg_of(&row.uuid).is_some() || !is_plain(&row.uuid) {
                continue;
            }
            if row.uuid.starts_with(&ours) {
                self.kill(&row.uuid, Cause::SystemRestart);
            } else if row.direction == "inbound" && row.application == "park" {
                let text = format!("api uuid_dump {} json\n\n", row.uuid);
                self.send_now(text, Awaited::Parked(row.uuid));
            }
        }
    }

    /// The state of a channel that was parked while nobody listened.
    pub(super) fn parked_answered(&mut self, channel: &str, text: &str) -> Result<(), EslError> {
        if text.starts_with('-') {
            return Ok(());
        }
        let event = Event::from_json(text.as_bytes())?;
        if event.get("Unique-ID") == Some(channel) { self.parked(&event) } else { Ok(()) }
    }

    /// The state of a leg of which nothing was heard for a while.
    pub(super) fn doubt_answered(
        &mut self,
        id: LegId,
        text: &str,
        now: Timestamp,
    ) -> Result<(), EslError> {
        if text.starts_with('-') {
            if is_gone(text) {
                self.leg_is_over(id, Cause::Lost, now);
            }
            return Ok(());
        }
        let state = Event::from_json(text.as_bytes())?;
        let Some(leg) = self.ledger.leg_mut(id) else { return Ok(()) };
        leg.doubtful = false;
        if leg.phase == Phase::Ordered {
            leg.phase = Phase::Dialling;
        }
        let answered_by_us = leg.phase == Phase::Up;
        match state.get("Answer-State") {
            Some("answered") => self.ledger.answered(id),
            // The command was lost with the connection.
            Some("ringing" | "early") if answered_by_us => self.on_channel(id, "uuid_answer", ""),
            Some("early") => self.ledger.progress(id, Progress::NetworkReached),
            Some("hangup") => self.leg_is_over(id, Cause::Lost, now),
            Some(_) | None => {}
        }
        self.doubt_playing(id, &state);
        self.join_again(id, &state);
        self.hang_up_late(id);
        Ok(())
    }

    /// Joins a leg again whose joining was lost with the connection.
    fn join_again(&mut self, id: LegId, state: &Event) {
        match self.ledger.leg(id).map(|leg| leg.joined) {
            Some(Joined::Bridge(other)) if id < other => {
                let (Some(one), Some(two)) = (self.ledger.channel(id), self.ledger.channel(other))
                else {
                    return;
                };
                if state.first(&["variable_bridge_uuid", "Other-Leg-Unique-ID"]) != Some(&two) {
                    self.api(&format!("uuid_bridge {one} {two}"), Awaited::Nothing);
                }
            }
            Some(Joined::Mix(mix)) => {
                let within = state.get("variable_current_application") == Some("conference");
                let member = state.get("variable_conference_member_id").filter(|_| within);
                self.found_in_mix(id, mix, member);
            }
            Some(Joined::Bridge(_) | Joined::Nobody) | None => {}
        }
    }

    fn doubt_playing(&mut self, leg: LegId, state: &Event) {
        match self.ledger.playing(leg) {
            Some((play, Way::Application { name, source })) => {
                let play = *play;
                let runs = state.get("variable_current_application") == Some(name)
                    && state.get("variable_current_application_data") == Some(source.as_str());
                if !runs {
                    self.ledger.end_play(leg, Some(play), PlayEnd::Finished);
                }
            }
            // Nobody can say whether it is over.
            Some((_, Way::Displaced { .. })) => self.interrupt(leg),
            Some((_, Way::Searched { .. })) | None => {}
        }
    }
}
