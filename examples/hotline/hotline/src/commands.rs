//! The commands, one file each.

mod cert;
mod check;
mod demo;
mod flow;
mod key;
mod people;
mod recorded;
mod replay;
mod serve;
mod simulate;
mod tryout;

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::{
    config::{Config, parse_ports},
    server::StartError,
};

/// The 12345 hotline centre.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts a complete demonstration city on 127.0.0.1 with nothing else installed.
    Demo(ServeArgs),
    /// Serves a centre as its configuration file says.
    Serve(ServeArgs),
    /// Checks a configuration with its flows, prompts, tables and calendar, and serves nothing.
    Check(check::CheckArgs),
    /// Puts a recorded trace into a fresh Center and prints the event log.
    Replay(replay::ReplayArgs),
    /// Runs a recorded day, of a trace or of the journal, under other rules of the queues and prints what came of it,
    /// before and after.
    Tryout(tryout::TryoutArgs),
    /// Runs a morning of the centre in virtual time and prints what came of it.
    Simulate(simulate::SimulateArgs),
    /// Takes agents, seats, telephones and web users into a centre's store.
    People(people::PeopleArgs),
    /// Checks, tries and converts flows that lie in files.
    Flow(flow::FlowArgs),
    /// Makes a certificate for HTTPS on this machine.
    Cert(cert::CertArgs),
    /// Makes the key that seals personal values in the journal.
    Key(key::KeyArgs),
}

/// What can be set on the command line over the configuration.
#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The address of the web page and REST.
    #[arg(long, value_name = "ADDR")]
    http: Option<SocketAddr>,
    /// The address of SIP, by UDP and TCP.
    #[arg(long, value_name = "ADDR")]
    sip: Option<SocketAddr>,
    /// The ports of voice.
    #[arg(long, value_name = "FIRST-LAST")]
    rtp: Option<String>,
    /// The certificate chain, for HTTPS.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's key.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Records everything that is put into the Center, for `hotline replay`.
    #[arg(long, value_name = "FILE")]
    record_trace: Option<PathBuf>,
}

impl ServeArgs {
    /// Puts what the command line says over a configuration.
    fn apply(&self, config: &mut Config) -> Result<(), StartError> {
        if let Some(data) = &self.data {
            config.data.clone_from(data);
        }
        if let Some(http) = self.http {
            config.http.listen = http;
        }
        if let Some(sip) = self.sip {
            config.sip.listen = sip;
        }
        if let Some(rtp) = &self.rtp {
            parse_ports(rtp).map_err(|reason| format!("--rtp: {reason}"))?;
            config.rtp.ports.clone_from(rtp);
        }
        if self.tls_cert.is_some() {
            config.http.tls_cert.clone_from(&self.tls_cert);
            config.http.tls_key.clone_from(&self.tls_key);
        }
        Ok(())
    }
}

/// Runs a command to its end.
///
/// # Errors
/// One line for the administrator.
pub async fn run(cli: Cli) -> Result<(), StartError> {
    match cli.command {
        Command::Demo(args) => demo::run(args).await,
        Command::Serve(args) => serve::run(args).await,
        Command::Check(args) => check::run(&args).await,
        Command::Replay(args) => replay::run(&args),
        Command::Tryout(args) => tryout::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::People(args) => people::run(&args).await,
        Command::Flow(args) => flow::run(&args, &mut std::io::stdout().lock()),
        Command::Cert(args) => cert::run(&args),
        Command::Key(args) => key::run(&args),
    }
}
