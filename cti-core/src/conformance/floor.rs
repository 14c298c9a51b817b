//! A centre in which anything may happen, for the rules that need a whole one around an implementation.

use std::time::Duration;

use super::Dice;
use crate::{
    address::PhoneNumber,
    cause::Cause,
    center::Center,
    command::Command,
    config::{
        AgentConfig, CenterConfig, Destination, InvalidConfig, NumberConfig, QueueConfig,
        SeatConfig,
    },
    flow::{FlowEffect, FlowEngine},
    id::{AgentId, DeviceId, FlowId, InvalidName, LegId, QueueId, SeatId, TrunkId},
    needs::Needs,
    router::Router,
    switch::{Origin, SwitchReport},
    testkit::{ScriptedFlows, World},
    time::Timestamp,
};

const AGENTS: u64 = 5;

/// Names and numbers are right by construction; what a centre refuses is a fault of this module.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoFloor {
    #[error(transparent)]
    Name(#[from] InvalidName),
    #[error(transparent)]
    Number(#[from] crate::address::InvalidNumber),
    #[error(transparent)]
    Config(#[from] InvalidConfig),
}

/// Returns the queues of the centre.
pub(super) fn queues() -> Result<Vec<QueueId>, NoFloor> {
    Ok(vec!["general".parse()?, "fund".parse()?])
}

/// A world and what is done to it.
#[derive(Debug)]
pub(super) struct Floor {
    pub(super) world: World,
    dice: Dice,
    callers: Vec<LegId>,
    agents: Vec<AgentId>,
    seats: Vec<SeatId>,
    devices: Vec<DeviceId>,
    numbers: Vec<PhoneNumber>,
    trunk: TrunkId,
}

impl Floor {
    /// Opens a centre with five agents, two queues and a router; a number leads to each queue.
    pub(super) fn with_router(router: Box<dyn Router>, seed: u64) -> Result<Self, NoFloor> {
        let queues = queues()?;
        let (mut flows, mut numbers) = (ScriptedFlows::default(), Vec::new());
        for (queue, number) in queues.iter().zip(["12345", "12329"]) {
            let (queue, needs) = (queue.clone(), Needs::default());
            let wait = FlowEffect::Enqueue { queue, priority: 0, needs };
            flows = flows.flow(number, vec![FlowEffect::Answer, wait]);
            numbers.push((PhoneNumber::parse(number)?, number.parse::<FlowId>()?));
        }
        Self::open(queues, numbers, router, Box::new(flows), seed)
    }

    fn open(
        queues: Vec<QueueId>,
        numbers: Vec<(PhoneNumber, FlowId)>,
        router: Box<dyn Router>,
        flows: Box<dyn FlowEngine>,
        seed: u64,
    ) -> Result<Self, NoFloor> {
        let (mut agents, mut seats, mut config) = (vec![], vec![], CenterConfig::default());
        for n in 1..=AGENTS {
            // Every other agent serves the first queue alone.
            let served = if n % 2 == 0 { &queues[..] } else { &queues[..1] };
            let (id, device): (AgentId, DeviceId) =
                ((8000 + n).to_string().parse()?, (200 + n).to_string().parse()?);
            let seat: SeatId = format!("A{n}").parse()?;
            config.agents.push(AgentConfig {
                id: id.clone(),
                name: id.to_string(),
                announced_number: id.to_string(),
                queues: served.to_vec(),
                capacity: Default::default(),
            });
            config.seats.push(SeatConfig {
                id: seat.clone(),
                device: device.clone(),
                pickup_group: None,
            });
            agents.push(id);
            seats.push(seat);
        }
        let devices = config.seats.iter().map(|seat| seat.device.clone()).collect();
        for (queue, after_call_work) in queues.iter().zip([20, 0]) {
            config.queues.push(QueueConfig {
                id: queue.clone(),
                name: queue.to_string(),
                waiting_flow: None,
                whisper_flow: None,
                after_call_flow: None,
                ring_for: Duration::from_secs(15),
                after_call_work: Duration::from_secs(after_call_work),
            });
        }
        for (number, flow) in &numbers {
            config.numbers.push(NumberConfig {
                number: number.clone(),
                name: number.reveal().to_owned(),
                to: Destination::Flow(flow.clone()),
            });
        }
        let world =
            World::new(Center::new(config, router, flows)?, Timestamp::from_secs(1_000_000));
        Ok(Self {
            world,
            dice: Dice::new(seed),
            callers: Vec::new(),
            agents,
            seats,
            devices,
            numbers: numbers.into_iter().map(|(number, _)| number).collect(),
            trunk: "trunk".parse()?,
        })
    }

    /// Lets one thing happen and some time pass.
    pub(super) fn step(&mut self) {
        let now = self.world.now();
        let agent = self.dice.pick(&self.agents).cloned();
        let (seat, device) =
            (self.dice.pick(&self.seats).cloned(), self.dice.pick(&self.devices).cloned());
        let (Some(agent), Some(seat), Some(device)) = (agent, seat, device) else { return };
        match self.dice.roll(22) {
            0..=3 => self.dial(),
            4 | 5 => self.world.switch.register(&device, true),
            6 => {
                if self.dice.roll(6) == 0 {
                    self.world.switch.register(&device, false);
                }
            }
            7..=9 => {
                let sign_in = Command::SignIn { agent: agent.clone(), seat, queues: None };
                // Who is signed in already, or finds the seat taken, is refused.
                drop(self.world.request(sign_in));
                drop(self.world.request(Command::SetReady { agent }));
            }
            10 => {
                let reason = "break".to_owned();
                drop(self.world.request(Command::SetNotReady { agent, reason }));
            }
            11 => drop(self.world.request(Command::SignOut { agent })),
            12 | 13 => drop(self.world.request(Command::SetReady { agent })),
            14..=16 => self.on_device(&device, |world, leg| world.switch.answer(leg)),
            17 => self.on_device(&device, |world, leg| world.switch.end(now, leg, Cause::Busy)),
            18 => self.on_device(&device, |world, leg| world.switch.end(now, leg, Cause::Normal)),
            19 | 20 => {
                // One of the last: most of those before are gone.
                let recent = self.callers.len().saturating_sub(6);
                if let Some(leg) = self.dice.pick(&self.callers[recent..]).copied() {
                    self.world.switch.end(now, leg, Cause::Normal);
                }
            }
            _ => {
                let first = self.world.center.calls().next().map(|call| call.id);
                if let Some(call) = first {
                    drop(self.world.request(Command::ClearCall { call }));
                }
            }
        }
        self.world.settle();
        let pauses = [0, 10, 700, 3_000, 9_000].map(Duration::from_millis);
        if let Some(pause) = self.dice.pick(&pauses).copied() {
            self.world.advance_to(self.world.now() + pause);
        }
    }

    fn dial(&mut self) {
        let Some(called) = self.dice.pick(&self.numbers).cloned() else { return };
        let Ok(caller) = PhoneNumber::parse("13812341234") else { return };
        let leg = self.world.switch.incoming(None);
        self.callers.push(leg);
        self.world.switch.report(SwitchReport::Incoming {
            leg,
            origin: Origin::Trunk(self.trunk.clone()),
            caller,
            called,
            network_id: leg.to_string(),
        });
    }

    fn on_device(&mut self, device: &DeviceId, act: impl FnOnce(&mut World, LegId)) {
        if let Some(leg) = self.world.switch.leg_at(device) {
            act(&mut self.world, leg);
        }
    }
}
