//! FreeSWITCH behind the seam of the Center, by the inbound mode of its event socket.
//!
//! ```text
//!             execute ┌────────────┐ commands ┌─────────┐ api, bgapi, sendmsg
//!   Center ──────────▶│ FreeSwitch │─────────▶│ Machine │──────────────────▶ mod_event_socket
//!          ◀──────────│  (driver)  │◀─────────│         │◀──────────────────
//!             report  └────────────┘ reports  └─────────┘ replies, events
//! ```
//!
//! Telephones and trunks are those of FreeSWITCH; its dialplan parks a call and says by the variable `cti_origin` where
//! it comes from. Two legs are joined by a bridge, more by a conference whose members are told who hears whom, so that a
//! supervisor listens, whispers or barges in. Recordings are written by FreeSWITCH into a folder that both see.

mod cause;
mod config;
mod driver;
mod event;
mod machine;
mod message;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use cti_core::switch::{Switch, SwitchCommand, SwitchReport};
use tokio::sync::mpsc;

pub use self::{
    config::{FreeSwitchConfig, StartError},
    event::Event,
    message::{Decoder, EslError, Message},
};
use super::{native::recordings::Recordings, remote::RemoteControl};

/// Commands that may wait for the driver.
const COMMANDS: usize = 16_384;
/// Reports that may wait for the Center.
const REPORTS: usize = 1024;

/// The adapter; give it to the runtime of the Center.
#[derive(Debug)]
pub struct FreeSwitch {
    commands: mpsc::Sender<SwitchCommand>,
    reports: mpsc::Receiver<SwitchReport>,
}

impl FreeSwitch {
    /// Starts the driver, which connects, and connects again whenever the connection is lost.
    ///
    /// # Errors
    /// Names the setting that cannot be used.
    pub fn start(config: FreeSwitchConfig) -> Result<(Self, RemoteControl), StartError> {
        config.check()?;
        let recordings = Recordings::new(config.recordings.clone(), &config.time_zone, None)?;
        let (commands, commanded) = mpsc::channel(COMMANDS);
        let (reporter, reports) = mpsc::channel(REPORTS);
        let control = RemoteControl::default();
        driver::spawn(config, recordings, commanded, reporter, control.clone());
        Ok((Self { commands, reports }, control))
    }
}

#[async_trait]
impl Switch for FreeSwitch {
    fn execute(&mut self, command: SwitchCommand) {
        if let Err(error) = self.commands.try_send(command) {
            tracing::error!(%error, "The driver of the switch takes no more commands");
        }
    }

    async fn report(&mut self) -> Option<SwitchReport> {
        self.reports.recv().await
    }
}
