//! What a running Center shows of the present when a monitor starts.

use serde::Serialize;

use super::{Subject, View};
use crate::{
    call::Call,
    center::{AgentAtWork, Center, Work},
    device::DeviceState,
    event::AlarmKind,
    id::{AgentId, AlarmId, CallId, ContactId, DeviceId, EventNo, QueueId},
};

/// A device at this moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DevicePresent {
    /// Which device.
    pub device: DeviceId,
    /// Whether it can be reached.
    pub in_service: bool,
    /// Its features, where one was ever switched.
    pub features: Option<DeviceState>,
}

/// What there is to know of a subject at this moment: the calls and contacts that it takes part in, and who they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// The calls, in the order they came.
    pub calls: Vec<Call>,
    /// The contacts without a call.
    pub works: Vec<(ContactId, Work)>,
    /// The agents at work.
    pub agents: Vec<(AgentId, AgentAtWork)>,
    /// The devices.
    pub devices: Vec<DevicePresent>,
    /// The alarms that stand.
    pub alarms: Vec<(AlarmId, AlarmKind)>,
}

impl View for Center {
    type Snapshot = Snapshot;

    fn last_event(&self) -> EventNo {
        Self::last_event(self)
    }

    /// Agents, queues and devices exist as they are configured, calls and contacts as long as they live.
    fn snapshot(&self, subject: &Subject) -> Option<Snapshot> {
        match subject {
            Subject::Everything => Some(self.everything()),
            Subject::Device(device) => self.has_device(device).then(|| Snapshot {
                devices: vec![self.device_present(device)],
                agents: self.agents_where(|_, at_work| at_work.device == *device),
                ..self.calls_where(|call| call.engages(device) || waits_at(call, device))
            }),
            Subject::CallsVia(device) => self
                .has_device(device)
                .then(|| self.calls_where(|call| call.engages(device) || waits_at(call, device))),
            Subject::Call(call) => {
                let call: CallId = *call;
                self.call(call)
                    .map(|it| Snapshot { calls: vec![it.clone()], ..Snapshot::default() })
            }
            Subject::Agent(agent) => {
                let known = self.config().agents.iter().any(|it| it.id == *agent);
                (known || self.agent(agent).is_some()).then(|| Snapshot {
                    agents: self.agents_where(|it, _| it == agent),
                    works: self.works_where(|work| {
                        work.agent.as_ref() == Some(agent) || offered_to(work, agent)
                    }),
                    ..self.calls_where(|call| call.member_of(agent).is_some())
                })
            }
            Subject::Queue(queue) => {
                let known = self.config().queues.iter().any(|it| it.id == *queue);
                known.then(|| Snapshot {
                    agents: self.agents_where(|_, at_work| at_work.queues.contains(queue)),
                    works: self.works_where(|work| {
                        work.waiting.as_ref().is_some_and(|it| it.queue == *queue)
                    }),
                    alarms: self.alarms_of(queue),
                    ..self.calls_where(|call| call.waiting().is_some_and(|it| it.queue == *queue))
                })
            }
            Subject::Contact(contact) => {
                let snapshot = Snapshot {
                    works: self
                        .state()
                        .works
                        .get_key_value(contact)
                        .map(owned)
                        .into_iter()
                        .collect(),
                    ..self.calls_where(|call| call.contact == *contact)
                };
                (!snapshot.calls.is_empty() || !snapshot.works.is_empty()).then_some(snapshot)
            }
        }
    }
}

impl Center {
    fn everything(&self) -> Snapshot {
        let state = self.state();
        let devices = self
            .config()
            .seats
            .iter()
            .map(|seat| &seat.device)
            .chain(&state.in_service)
            .chain(state.devices.keys())
            .collect::<std::collections::BTreeSet<_>>();
        Snapshot {
            works: self.works_where(|_| true),
            agents: self.agents_where(|_, _| true),
            devices: devices.into_iter().map(|device| self.device_present(device)).collect(),
            alarms: state.alarms.iter().map(owned).collect(),
            ..self.calls_where(|_| true)
        }
    }

    fn has_device(&self, device: &DeviceId) -> bool {
        self.config().seats.iter().any(|seat| seat.device == *device)
            || self.in_service(device)
            || self.state().engaged.contains_key(device)
    }

    fn device_present(&self, device: &DeviceId) -> DevicePresent {
        DevicePresent {
            device: device.clone(),
            in_service: self.in_service(device),
            features: self.state().devices.get(device).cloned(),
        }
    }

    fn calls_where(&self, is_it: impl Fn(&Call) -> bool) -> Snapshot {
        let calls = self.calls().filter(|call| is_it(call)).cloned().collect();
        Snapshot { calls, ..Snapshot::default() }
    }

    fn works_where(&self, is_it: impl Fn(&Work) -> bool) -> Vec<(ContactId, Work)> {
        self.state().works.iter().filter(|(_, work)| is_it(work)).map(owned).collect()
    }

    fn agents_where(
        &self,
        is_it: impl Fn(&AgentId, &AgentAtWork) -> bool,
    ) -> Vec<(AgentId, AgentAtWork)> {
        self.agents().filter(|(agent, at_work)| is_it(agent, at_work)).map(owned).collect()
    }

    fn alarms_of(&self, queue: &QueueId) -> Vec<(AlarmId, AlarmKind)> {
        let alarms = self.state().alarms.iter();
        let nobody = AlarmKind::NobodyStaffed { queue: queue.clone() };
        alarms.filter(|(_, kind)| **kind == nobody).map(owned).collect()
    }
}

fn owned<K: Clone, V: Clone>((key, value): (&K, &V)) -> (K, V) {
    (key.clone(), value.clone())
}

fn waits_at(call: &Call, device: &DeviceId) -> bool {
    call.place.waits_at() == Some(device)
}

fn offered_to(work: &Work, agent: &AgentId) -> bool {
    let offer = work.waiting.as_ref().and_then(|it| it.offer.as_ref());
    offer.is_some_and(|(to, _, _)| to == agent)
}
