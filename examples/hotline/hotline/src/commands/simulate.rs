//! `hotline simulate`: a morning of the same Center and flows in virtual time.

use std::{
    collections::BTreeMap,
    io::{Cursor, Write as _},
    time::Duration,
};

use clap::Args;
use cti_core::{
    address::PhoneNumber,
    config::{AgentConfig, CenterConfig, PromptsConfig, SeatConfig},
};
use cti_ivr::table::Table;
use hotline_simulator::{SimulationConfig, Surroundings, simulate};

use crate::{assets, config::Config, parts::Parts, server::StartError};

#[derive(Clone, Debug, Args)]
pub(super) struct SimulateArgs {
    /// The same seed gives the same morning.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many agents are there.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(..=100_000))]
    agents: u32,
    /// Calls per hour from 08:30 on, one value per hour.
    #[arg(long, value_delimiter = ',', value_name = "N,N,…")]
    calls_per_hour: Option<Vec<f64>>,
    /// The number that is dialled.
    #[arg(long, default_value = "12345", value_parser = PhoneNumber::parse)]
    number: PhoneNumber,
}

pub(super) fn run(args: &SimulateArgs) -> Result<(), StartError> {
    let agents = usize::try_from(args.agents)?;
    let mut config = SimulationConfig {
        seed: args.seed,
        agents,
        called: args.number.clone(),
        ..SimulationConfig::default()
    };
    if let Some(rates) = &args.calls_per_hour {
        config.calls_per_hour.clone_from(rates);
    }
    let center = built_in_parts(agents)?.build()?;
    let summary = simulate(&config, center, surroundings()?)?;
    writeln!(std::io::stdout(), "{summary}")?;
    if summary.total.is_conserved() {
        Ok(())
    } else {
        Err(format!("seed {}: some callers are counted twice or not at all", args.seed).into())
    }
}

/// The demonstration's queues, numbers, flows and hours, with as many agents as are wanted.
fn built_in_parts(agents: usize) -> Result<Parts, StartError> {
    let config = Config::parse("demo.toml", assets::DEMO_TOML)?;
    let queues: Vec<_> = config.queue_plan().into_iter().map(|queue| queue.id).collect();
    let people = (1..=agents.max(16)).map(|n| {
        let id = (8000 + n).to_string();
        let agent = AgentConfig {
            id: id.parse()?,
            name: id.clone(),
            announced_number: id.clone(),
            queues: queues.clone(),
            capacity: Default::default(),
        };
        Ok((
            agent,
            SeatConfig { id: format!("A{n:02}").parse()?, device: id.parse()?, pickup_group: None },
        ))
    });
    let people: Vec<_> = people.collect::<Result<_, StartError>>()?;
    let (agents, seats) = people.into_iter().unzip();
    Ok(Parts {
        center: CenterConfig {
            agents,
            seats,
            queues: config.queue_plan(),
            numbers: config.number_plan(),
            outside: config.outside.clone(),
            times: config.times.clone(),
            prompts: PromptsConfig::default(),
            ..CenterConfig::default()
        },
        routing: config.routing(),
        flows: assets::flows(),
        schedules: assets::calendar("schedules.json")?,
        holidays: assets::calendar("holidays-cn.json")?,
    })
}

/// The lengths of the built-in prompts and the rows of the built-in tables.
fn surroundings() -> Result<Surroundings, StartError> {
    let mut surroundings = Surroundings::default();
    for (id, wav) in assets::prompts() {
        let reader = hound::WavReader::new(Cursor::new(wav))?;
        let length = Duration::from_millis(u64::from(reader.duration()) / 8);
        surroundings.prompts.insert(id, length);
    }
    let tables: BTreeMap<_, _> = assets::tables().collect();
    for (name, text) in tables {
        let table = Table::parse(&name, text)?;
        for line in text.lines().skip(1) {
            let key = line.split(',').next().unwrap_or_default().to_owned();
            if let Some(row) = table.row(&key) {
                surroundings.tables.insert((name.clone(), key), row);
            }
        }
    }
    Ok(surroundings)
}
