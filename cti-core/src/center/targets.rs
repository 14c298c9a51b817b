//! Where a target leads: whom the switch rings, which queue, which flow. The plan for numbers is applied here and
//! nowhere else, so that nobody reaches a trunk that the plan does not give him.

use std::time::Duration;

use super::Center;
use crate::{
    address::PhoneNumber,
    call::{Call, Otherwise},
    cause::Cause,
    command::CommandError,
    config::Destination,
    event::{Fact, ForwardWhen, ForwardWhose},
    flow::{FlowInput, QueueExit},
    id::{CallId, DeviceId, FlowId, QueueId},
    needs::Needs,
    switch::{Endpoint, Origin},
    target::Target,
};

/// Where a target leads.
#[derive(Clone, Debug)]
pub(super) enum Route {
    /// Rings, step by step.
    Ring { steps: Vec<Vec<Endpoint>>, ring_for: Duration },
    /// Waits.
    Queue(QueueId),
    /// Goes through a flow.
    Flow(FlowId),
}

impl Center {
    /// Returns where a target leads.
    pub(super) fn route(&self, target: &Target) -> Result<Route, CommandError> {
        let ring_for = self.config.times.ring_for;
        let one = |endpoint| Ok(Route::Ring { steps: vec![vec![endpoint]], ring_for });
        match target {
            Target::Device(device) => {
                self.known_device(device)?;
                one(Endpoint::Device(device.clone()))
            }
            Target::Agent(agent) => match self.state.agents.get(agent) {
                Some(at_work) => one(Endpoint::Device(at_work.device.clone())),
                None if self.config.agents.iter().any(|known| known.id == *agent) => {
                    Err(CommandError::NotReachable {
                        who: format!("agent {agent}"),
                        reason: "is not signed in".to_owned(),
                    })
                }
                None => Err(CommandError::UnknownAgent { agent: agent.clone() }),
            },
            Target::Number(number) => self.route_number(number),
            Target::Numbers(numbers) => {
                if numbers.is_empty() || numbers.len() > 10 {
                    return Err(CommandError::InvalidDestination {
                        field: "to".to_owned(),
                        reason: format!("1 to 10 numbers, these are {}", numbers.len()),
                    });
                }
                let mut all = Vec::new();
                for number in numbers {
                    match self.route_number(number)? {
                        Route::Ring { steps, .. } => all.extend(steps),
                        Route::Queue(_) | Route::Flow(_) => {
                            return Err(CommandError::InvalidDestination {
                                field: "to".to_owned(),
                                reason: format!("{number} is nobody's telephone"),
                            });
                        }
                    }
                }
                Ok(Route::Ring { steps: all, ring_for })
            }
            Target::Queue(queue) => {
                if !self.config.queues.iter().any(|known| known.id == *queue) {
                    return Err(CommandError::UnknownQueue { queue: queue.clone() });
                }
                Ok(Route::Queue(queue.clone()))
            }
            Target::Flow(flow) => Ok(Route::Flow(flow.clone())),
        }
    }

    /// Returns whom a target rings; queues and flows ring nobody.
    pub(super) fn route_to_someone(&self, target: &Target) -> Result<Endpoint, CommandError> {
        match self.route(target)? {
            Route::Ring { steps, .. } => {
                steps.into_iter().flatten().next().ok_or_else(|| CommandError::InvalidDestination {
                    field: "to".to_owned(),
                    reason: "rings nobody".to_owned(),
                })
            }
            Route::Queue(_) | Route::Flow(_) => Err(CommandError::InvalidDestination {
                field: "to".to_owned(),
                reason: format!("{target} is nobody who can join a conversation"),
            }),
        }
    }

    fn route_number(&self, number: &PhoneNumber) -> Result<Route, CommandError> {
        let dialled = number.reveal();
        let ring_for = self.config.times.ring_for;
        let one = |endpoint| Ok(Route::Ring { steps: vec![vec![endpoint]], ring_for });
        if let Some(entry) = self.config.numbers.iter().find(|entry| entry.number == *number) {
            match &entry.to {
                Destination::Flow(flow) => return Ok(Route::Flow(flow.clone())),
                Destination::Queue(queue) => return Ok(Route::Queue(queue.clone())),
                Destination::Device(device) => return one(Endpoint::Device(device.clone())),
                Destination::Devices { steps, ring_for, .. } => {
                    let steps = steps
                        .iter()
                        .map(|step| step.iter().cloned().map(Endpoint::Device).collect())
                        .collect();
                    return Ok(Route::Ring { steps, ring_for: *ring_for });
                }
                Destination::Program { otherwise, .. } => return self.route(&otherwise.clone()),
                Destination::Feature(_) => {
                    return Err(CommandError::InvalidDestination {
                        field: "to".to_owned(),
                        reason: "is a feature code, which only a phone can dial".to_owned(),
                    });
                }
            }
        }
        if let Some(seat) = self.config.seats.iter().find(|seat| seat.device.as_str() == dialled) {
            return one(Endpoint::Device(seat.device.clone()));
        }
        if let Some(agent) = self.config.agents.iter().find(|agent| agent.id.as_str() == dialled) {
            return self.route(&Target::Agent(agent.id.clone()));
        }
        match self.outside(number) {
            Some((endpoint, _)) => one(endpoint),
            None => Err(CommandError::InvalidDestination {
                field: "to".to_owned(),
                reason: format!("no way leads to {number}"),
            }),
        }
    }

    /// Returns what is dialled to reach a caller by the number he is known by.
    pub(super) fn way_back(&self, caller: &PhoneNumber) -> Option<PhoneNumber> {
        let number = caller.reveal();
        let way = self
            .config
            .outside
            .iter()
            .filter(|way| {
                number.starts_with(way.prefix.as_str()) && number.len() > way.prefix.len()
            })
            .max_by_key(|way| way.prefix.len())?;
        PhoneNumber::parse(&format!("{}{number}", way.access)).ok()
    }

    /// Returns the way to a number outside, and the number that is shown there.
    pub(super) fn outside(&self, number: &PhoneNumber) -> Option<(Endpoint, PhoneNumber)> {
        let dialled = number.reveal();
        let way = self
            .config
            .outside
            .iter()
            .filter(|way| {
                dialled.strip_prefix(way.access.as_str()).is_some_and(|rest| {
                    rest.starts_with(way.prefix.as_str()) && rest.len() > way.prefix.len()
                })
            })
            .max_by_key(|way| way.access.len() + way.prefix.len())?;
        let number = PhoneNumber::parse(&dialled[way.access.len()..]).ok()?;
        Some((Endpoint::Outside { trunk: way.trunk.clone(), number }, way.show.clone()))
    }

    /// Lets the served party of a call go where a target leads.
    pub(super) fn go_to(
        &mut self,
        call: CallId,
        target: &Target,
        otherwise: Otherwise,
        priority: u8,
        needs: Needs,
    ) {
        match self.route(target) {
            Ok(Route::Ring { steps, ring_for }) => {
                self.note_line(call, target);
                self.ring(call, steps, ring_for, otherwise, Cause::Unreachable);
            }
            Ok(Route::Queue(queue)) => self.enqueue(call, queue, priority, needs),
            Ok(Route::Flow(flow)) => self.start_flow(call, flow),
            Err(error) => {
                let has_flow = self.state.calls.get(&call).is_some_and(|it| it.session.is_some());
                tracing::info!(%call, %error, "A call cannot go where it was sent");
                match (target, has_flow) {
                    (Target::Queue(_), true) => {
                        self.tell_main(call, FlowInput::LeftQueue(QueueExit::UnknownQueue));
                    }
                    _ => self.nobody_answered(call, None, otherwise, Cause::UnknownNumber),
                }
            }
        }
    }

    /// Writes down that a call goes to a line that devices share.
    fn note_line(&mut self, call: CallId, target: &Target) {
        let Target::Number(number) = target else { return };
        let line = self.config.numbers.iter().find(|entry| entry.number == *number);
        if let Some(Destination::Devices { steps, shared: true, .. }) = line.map(|it| &it.to) {
            let devices = steps.iter().flatten().cloned().collect();
            self.emit(Fact::LineShared { call, devices });
        }
    }

    /// Returns whom to ring for a device: itself, or where its calls are forwarded to.
    pub(super) fn follow(
        &self,
        call: &Call,
        endpoint: &Endpoint,
        when: ForwardWhen,
    ) -> Option<Endpoint> {
        let Endpoint::Device(device) = endpoint else { return None };
        let whose = match call.origin {
            Origin::Device(_) => ForwardWhose::Internal,
            Origin::Trunk(_) => ForwardWhose::External,
        };
        let to = self.state.devices.get(device)?.forward(when, whose)?;
        match self.route_number(to).ok()? {
            Route::Ring { steps, .. } => steps.into_iter().flatten().next(),
            Route::Queue(_) | Route::Flow(_) => None,
        }
    }

    pub(super) fn known_device(&self, device: &DeviceId) -> Result<(), CommandError> {
        let known =
            self.config.seats.iter().any(|seat| seat.device == *device)
                || self.config.devices.iter().any(|known| known.id == *device)
                || self.state.in_service.contains(device)
                || self.config.numbers.iter().any(
                    |entry| matches!(&entry.to, Destination::Device(known) if known == device),
                );
        if known { Ok(()) } else { Err(CommandError::UnknownDevice { device: device.clone() }) }
    }
}
