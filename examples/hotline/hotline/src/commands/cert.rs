//! `hotline cert`: a certificate for this machine, so that browsers give the page a microphone.

use std::{fs, path::PathBuf};

use clap::Args;

use crate::server::StartError;

#[derive(Clone, Debug, Args)]
pub(super) struct CertArgs {
    /// The names and addresses that browsers will use.
    #[arg(long = "name", value_name = "NAME", default_values_t = ["localhost".to_owned(), "127.0.0.1".to_owned()])]
    names: Vec<String>,
    /// Where to write `cert.pem` and `key.pem`.
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

pub(super) fn run(args: &CertArgs) -> Result<(), StartError> {
    let certified = rcgen::generate_simple_self_signed(args.names.clone())?;
    fs::create_dir_all(&args.out)?;
    let (cert, key) = (args.out.join("cert.pem"), args.out.join("key.pem"));
    write_new(&cert, &certified.cert.pem(), 0o644)?;
    write_new(&key, &certified.signing_key.serialize_pem(), 0o600)?;
    eprintln!(
        "wrote {} and {}: use them with --tls-cert and --tls-key",
        cert.display(),
        key.display()
    );
    Ok(())
}

/// Writes a file that must not be there yet: a key in use is never overwritten.
fn write_new(path: &PathBuf, text: &str, mode: u32) -> Result<(), StartError> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(file.write_all(text.as_bytes())?)
}
