//! `hotline people`: takes agents, seats, telephones and web users into a centre's store.

use std::path::PathBuf;

use clap::Args;
use hotline_store::{password::PasswordHasher, tickets::TicketStore as _};
use hotline_ticket::category::Categories;

use crate::{
    config::Config,
    people::People,
    server::{StartError, open_store},
};

#[derive(Clone, Debug, Args)]
pub(super) struct PeopleArgs {
    /// The configuration file of the centre; it must not be serving.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The people, as in `examples/hotline/config/people.toml`.
    #[arg(value_name = "PEOPLE")]
    people: PathBuf,
}

pub(super) async fn run(args: &PeopleArgs) -> Result<(), StartError> {
    let config = Config::load(&args.config)?;
    let name = args.people.display().to_string();
    let text = std::fs::read_to_string(&args.people).map_err(|error| format!("{name}: {error}"))?;
    let people = People::parse(&name, &text)?;
    let (store, _lock) = open_store(&config).await?;
    if store.categories().await?.entries().is_empty() {
        store.put_categories(&Categories::standard()).await?;
    }
    let queues = config.queue_plan().into_iter().map(|queue| queue.id).collect();
    people.take_in(&store, &config.sip.domain, &queues, &PasswordHasher::default()).await?;
    store.close().await;
    eprintln!("{name}: taken in; delete the file if it holds passwords");
    Ok(())
}
