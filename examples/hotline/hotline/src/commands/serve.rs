//! `hotline serve`: a centre as its configuration says, until it is told to stop.

use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::ServeArgs;
use crate::{
    assets,
    config::Config,
    server::{Server, StartError, open_store},
};

pub(super) async fn run(args: ServeArgs) -> Result<(), StartError> {
    let Some(file) = &args.config else {
        return Err("serve needs --config FILE; `hotline demo` needs nothing".into());
    };
    let mut config = Config::load(file)?;
    args.apply(&mut config)?;
    start_log("info");
    let (store, lock) = open_store(&config).await?;
    assets::lay_out(&config)
        .map_err(|error| format!("data folder {}: {error}", config.data.display()))?;
    let server = Server::start(&config, store, lock, args.record_trace.as_deref()).await?;
    tracing::info!(http = %server.http.url(), sip = %config.sip.listen, "Serving");
    until_stopped(server, &config).await
}

/// Logs to standard error; `RUST_LOG` chooses what, and `default` holds without it.
pub(super) fn start_log(default: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    // A second start in one process, as in tests, keeps the first log.
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

/// Serves until SIGTERM or Ctrl-C, then drains; a second signal ends the calls that are left.
///
/// # Errors
/// When the Center has ended by itself: the process ends too, so that whoever watches over it starts it anew.
pub(super) async fn until_stopped(server: Server, config: &Config) -> Result<(), StartError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = server.broken() => return Err("the centre has stopped by itself; the log says why".into()),
    }
    eprintln!(
        "hotline: stopping; calls may go on for {} s, a second signal ends them",
        config.drain_limit.as_secs()
    );
    let second = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    server.stop(config.drain_limit, second).await;
    Ok(())
}
