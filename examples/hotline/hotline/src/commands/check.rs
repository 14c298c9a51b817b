//! `hotline check`: says what is wrong with a configuration before it serves anyone.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use cti_core::id::LegId;
use hotline_store::directory::DirectoryStore as _;

use crate::{
    accounts::AccountTable,
    assets,
    config::{Config, SwitchKind},
    prompts::Shelf,
    seal,
    server::{Layout, StartError, ZONE, open_store, read_parts, remote_devices},
    services::Services,
    speech::Speech,
    tables::Tables,
};

#[derive(Clone, Debug, Args)]
pub(super) struct CheckArgs {
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

pub(super) async fn run(args: &CheckArgs) -> Result<(), StartError> {
    let config = Config::load(&args.config)?;
    let layout = Layout::new(&config);
    let (store, _lock) = open_store(&config).await?;
    assets::lay_out(&config)
        .map_err(|error| format!("data folder {}: {error}", config.data.display()))?;
    let parts = read_parts(&config, &store).await?;
    let speech = Speech::open(&config.speech)?;
    for warning in speech.warnings() {
        eprintln!("warning: {warning}");
    }
    let clips = Shelf::load(&layout.prompts, &config.speech.set, Arc::new(speech))?.clips();
    let tables = Tables::load(&layout.tables)?;
    parts.check(|prompt| clips.clip(prompt).is_ok(), |table| tables.has(table))?;
    parts.check_services(&Services::open(&config, Arc::new(tables)).await?)?;
    seal::open_keys(&config.data, config.journal.key.as_deref())?;
    if config.switch.kind == SwitchKind::FreeSwitch {
        let accounts = AccountTable::new(store.sip_accounts().await?, &config.sip.domain);
        let (devices, folder) = (remote_devices(&accounts), config.data.join("recordings"));
        config.freeswitch(devices, &layout.prompts, folder, ZONE, LegId(1))?;
    }
    for warning in parts.calendars()?.warnings(cti_core::runtime::now()) {
        eprintln!("warning: calendar: {warning}");
    }
    eprintln!(
        "{}: {} agents, {} seats, {} queues, {} numbers, {} flows: nothing is wrong",
        args.config.display(),
        parts.center.agents.len(),
        parts.center.seats.len(),
        parts.center.queues.len(),
        parts.center.numbers.len(),
        parts.flows.len(),
    );
    Ok(())
}
