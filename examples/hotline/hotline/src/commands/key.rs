//! `hotline key`: makes the key that seals personal values in the journal.

use std::path::PathBuf;

use clap::Args;

use crate::{seal, server::StartError};

#[derive(Clone, Debug, Args)]
pub(super) struct KeyArgs {
    /// Where to write the key; keep it apart from the data folder and its backups.
    #[arg(long, value_name = "FILE", default_value = "journal.key")]
    out: PathBuf,
}

pub(super) fn run(args: &KeyArgs) -> Result<(), StartError> {
    seal::make_key(&args.out)?;
    eprintln!(
        "wrote {0}: name it in the configuration, [journal] key = \"{0}\", and keep a copy; \
         without it nobody reads the personal values of the journal",
        args.out.display()
    );
    Ok(())
}
