//! Several people are called for one caller: a group of which the first to answer takes the call, or a conference in
//! which all take part.

use std::time::Duration;

use super::Center;
use crate::{
    call::{Otherwise, Place},
    cause::Cause,
    event::JoinReason,
    id::CallId,
    role::Role,
    switch::Endpoint,
    target::Target,
};

impl Center {
    /// Rings the devices of a pickup group at once.
    pub(super) fn ring_group(&mut self, call: CallId, group: &str, ring_for: Duration) {
        let seats = self.config.seats.iter();
        let members = seats.filter(|seat| seat.pickup_group.as_deref() == Some(group));
        let step = members.map(|seat| Endpoint::Device(seat.device.clone())).collect();
        self.ring(call, vec![step], ring_for, Otherwise::GoOn, Cause::NoAnswer);
    }

    /// Rings people one after the other; those who come after the first to answer are invited in.
    pub(super) fn convene(&mut self, call: CallId, members: &[Target], ring_for: Duration) {
        let someone = |member: &Target| match self.route_to_someone(member) {
            Ok(endpoint) => Some(vec![endpoint]),
            Err(error) => {
                tracing::info!(%call, %error, "A member of a conference cannot be called");
                None
            }
        };
        let steps = members.iter().filter_map(someone).collect();
        self.convened.insert(call);
        self.ring(call, steps, ring_for, Otherwise::GoOn, Cause::NoAnswer);
    }

    /// Returns who is still to be called when the first member of a conference answers.
    pub(super) fn members_to_come(&mut self, call: CallId) -> Vec<Endpoint> {
        if !self.convened.remove(&call) {
            return Vec::new();
        }
        match self.state.calls.get(&call).map(|it| &it.place) {
            Some(Place::Ringing(ringing)) => ringing.then.iter().flatten().cloned().collect(),
            Some(
                Place::Arriving
                | Place::Originating(_)
                | Place::Flow
                | Place::Queue(_)
                | Place::Talk
                | Place::Parked(_)
                | Place::Camped(_)
                | Place::Failed(_)
                | Place::Program(_)
                | Place::Feature,
            )
            | None => Vec::new(),
        }
    }

    /// Invites those who are to come, as far as they can be reached.
    pub(super) fn invite_members(&mut self, call: CallId, members: Vec<Endpoint>) {
        for member in members {
            match self.can_be_invited(call, &member) {
                Ok(()) => {
                    self.invite(call, member, Role::Full, JoinReason::Conference);
                }
                Err(error) => {
                    tracing::info!(%call, %error, "A member of a conference is not invited");
                }
            }
        }
    }
}
