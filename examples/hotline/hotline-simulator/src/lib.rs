//! A city's day in virtual time: the same Center, router and flows as in production, and people made by chance.
//!
//! Nothing here models the centre. Callers arrive, lose patience, press keys, talk and hang up; agents pick up or
//! miss a call; what becomes of them is decided by the machine that also runs behind the telephones. Time is the
//! virtual switch's, so a morning takes moments, and the same seed gives the same morning, byte for byte.
//!
//! ```text
//!   people (seed) ── dial, *, pick up, hang up ──▶ World: Center ⇄ virtual switch
//!        ▲                                             │ events
//!        └──────────── what happens to them ◀──────────┴──▶ fold ──▶ Summary
//! ```

mod config;
mod people;
mod random;
mod summary;

use std::{collections::BTreeMap, time::Duration};

use cti_core::{
    center::Center,
    command::{Command, CommandError},
    flow::CallData,
    id::AgentId,
    testkit::World,
};

pub use self::{
    config::{InvalidSimulation, SimulationConfig},
    random::Spread,
    summary::{AgentTally, SERVICE_TIME, Summary, Tally},
};
use self::{people::People, summary::Fold};

/// What the centre needs beside its machine.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The rows that flows look up, by table and key.
    pub tables: BTreeMap<(String, String), CallData>,
    /// How long prompts take; two seconds for those that are not named.
    pub prompts: BTreeMap<String, Duration>,
}

/// Why a simulation could not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SimulationError {
    /// A value is out of its range.
    #[error(transparent)]
    Invalid(#[from] InvalidSimulation),
    /// The centre has fewer agents or seats.
    #[error("agents must be at most {seats}: the centre has {agents} agents and {seats} seats")]
    TooFew {
        /// How many agents the centre has.
        agents: usize,
        /// How many seats it has.
        seats: usize,
    },
    /// An agent could not begin work.
    #[error("agent {agent}: {error}")]
    Agent {
        /// Who.
        agent: AgentId,
        /// Why not.
        error: CommandError,
    },
}

/// Lets people call a centre that has no history, and returns what came of it.
///
/// # Errors
/// When a value is out of its range, or the centre has not enough agents and seats.
pub fn simulate(
    config: &SimulationConfig,
    center: Center,
    surroundings: Surroundings,
) -> Result<Summary, SimulationError> {
    config.check()?;
    let mut world = World::new(center, config.from);
    world.tables = surroundings.tables;
    for (prompt, length) in &surroundings.prompts {
        world.switch.set_prompt_length(prompt, *length);
    }
    begin_work(&mut world, config.agents)?;

    let mut people = People::new(config);
    let mut fold = Fold::new(config.seed, config.from);
    loop {
        // What people notice plans what they do, so it comes before the clock moves.
        for event in std::mem::take(&mut world.events) {
            people.notice(&event);
            fold.apply(&event);
        }
        world.commands.clear();

        let next = [people.next(), world.next_due()].into_iter().flatten().min();
        let Some(at) = next.filter(|at| *at <= config.to) else { break };
        world.advance_to(at);
        if world.events.is_empty() {
            people.act(&mut world);
        }
    }
    Ok(fold.finish(config.to))
}

/// The first agents of the list sign in, each at the seat of the same place in its list, and are ready.
fn begin_work(world: &mut World, agents: usize) -> Result<(), SimulationError> {
    let config = world.center.config();
    let (known, seats) = (config.agents.len(), config.seats.len());
    if agents > known.min(seats) {
        return Err(SimulationError::TooFew { agents: known, seats });
    }
    let team: Vec<_> = config
        .agents
        .iter()
        .zip(&config.seats)
        .take(agents)
        .map(|(agent, seat)| (agent.id.clone(), seat.clone()))
        .collect();
    for (agent, seat) in team {
        world.switch.register(&seat.device, true);
        world.settle();
        let sign_in = Command::SignIn { agent: agent.clone(), seat: seat.id, queues: None };
        let ready = Command::SetReady { agent: agent.clone() };
        for command in [sign_in, ready] {
            world
                .request(command)
                .map_err(|error| SimulationError::Agent { agent: agent.clone(), error })?;
        }
    }
    Ok(())
}
