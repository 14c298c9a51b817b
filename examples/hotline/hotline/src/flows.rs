//! The flows of the running Center, and what they refer to, as the interface shows them.

use std::any::Any;

use async_trait::async_trait;
use cti_core::{
    command::{Command, CommandError},
    config::{CenterConfig, Destination, Feature, TrunkPlan},
    flow::FlowOrder,
    runtime::Handle,
    target::Target,
};
use cti_ivr::{engine::Engine, flow::Recordings};
use hotline_api::flows::{FlowDesk, Look, Surroundings};

use crate::{parts::Parts, prompts::Shelf, server::StartError, tables::Tables};

/// Who publishes what lies in the folder.
const FOLDER: &str = "folder";

/// The flows of the running Center.
#[derive(Debug)]
pub struct Desk {
    handle: Handle,
    surroundings: Surroundings,
    shelf: Shelf,
}

impl Desk {
    /// Returns the flows of a Center, and what they can refer to.
    #[must_use]
    pub fn new(
        handle: Handle,
        parts: &Parts,
        tables: &Tables,
        (endpoints, queries): &(Vec<String>, Vec<String>),
        shelf: Shelf,
    ) -> Self {
        let surroundings = Surroundings {
            endpoints: endpoints.clone(),
            queries: queries.clone(),
            ..surroundings(parts, tables)
        };
        Self { handle, surroundings, shelf }
    }
}

#[async_trait]
impl FlowDesk for Desk {
    async fn look(&self, look: Look) {
        // Once the Center has stopped nothing is shown.
        let _ = self
            .handle
            .inspect(|center| {
                let engine: &dyn Any = center.flow_engine();
                if let Some(engine) = engine.downcast_ref::<Engine>() {
                    look(engine);
                }
            })
            .await;
    }

    fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    fn recordings(&self) -> Recordings {
        self.shelf.recordings()
    }
}

/// Publishes what lies in the folder of flows, unless it lay there the last time.
///
/// # Errors
/// When it does not fit to what was published since; one line that says why.
pub async fn publish_folder(handle: &Handle, parts: &Parts) -> Result<(), StartError> {
    let documents = parts.flows.values().cloned().collect();
    let order = FlowOrder::Load { documents };
    match handle.request(Command::Flows { order, by: FOLDER.to_owned() }).await {
        Ok(_) => Ok(()),
        // Callers go on with what was published; the administrator is told what to mend in the folder.
        Err(CommandError::Flow(refused)) => {
            tracing::warn!(%refused, "The folder of flows was not published");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// Returns what is dialled by a trunk with a plan of its own, as `12345 @ west`, and where it leads.
fn by_trunk(plan: &TrunkPlan) -> impl Iterator<Item = (String, &Destination)> {
    let named = |number: &str| format!("{number} @ {}", plan.trunk);
    let numbers = plan.numbers.iter().map(move |it| (named(it.number.reveal()), &it.to));
    numbers.chain(plan.others.iter().map(move |to| (named("*"), to)))
}

fn surroundings(parts: &Parts, tables: &Tables) -> Surroundings {
    let CenterConfig { seats, queues, numbers, trunks, .. } = &parts.center;
    let flow_of = |to: &Destination| match to {
        Destination::Flow(flow)
        | Destination::Feature(Feature::Mailbox(flow))
        | Destination::Program { otherwise: Target::Flow(flow), .. } => Some(flow.clone()),
        Destination::Device(_)
        | Destination::Devices { .. }
        | Destination::Queue(_)
        | Destination::Program { .. }
        | Destination::Feature(_) => None,
    };
    Surroundings {
        tables: tables.all().clone(),
        devices: seats.iter().map(|seat| seat.device.to_string()).collect(),
        endpoints: Vec::new(),
        queries: Vec::new(),
        prompts: parts.center.prompts.all().map(str::to_owned).collect(),
        numbers: numbers
            .iter()
            .map(|it| (it.number.reveal().to_owned(), &it.to))
            .chain(trunks.iter().flat_map(by_trunk))
            .filter_map(|(number, to)| Some((number, flow_of(to)?)))
            .collect(),
        used_by_queue: queues
            .iter()
            .flat_map(|it| {
                let own = [&it.waiting_flow, &it.whisper_flow, &it.after_call_flow];
                own.into_iter().flatten().map(|flow| (it.id.to_string(), flow.clone()))
            })
            .collect(),
    }
}
