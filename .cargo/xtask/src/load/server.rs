//! The server under load: built, started, asked and stopped.

use std::{
    fs,
    net::{TcpListener, UdpSocket},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use super::http::Client;
use crate::{Outcome, clock::Stopwatch, workspace};

const TO_START: Duration = Duration::from_secs(30);
const TO_STOP: Duration = Duration::from_secs(5);
/// RTP and RTCP ports, below those that the system hands out.
const RTP: &str = "12000-31999";

/// A running `hotline demo`; it is ended when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// SIP over UDP.
    pub(crate) sip: u16,
    /// REST.
    pub(crate) http: u16,
    /// From exec to the first good answer of `/readyz`.
    pub(crate) started_in: Duration,
}

impl Server {
    /// Starts it with its data below `folder` and waits until it is ready.
    ///
    /// # Errors
    /// When it ends or is not ready in time; its log is in the folder.
    pub(crate) fn start(program: &Path, folder: &Path, pin: bool) -> Outcome<Self> {
        let config = workspace::root().join("examples/hotline/config/load.toml");
        Self::start_with(program, &config, folder, pin)
    }

    /// The same with another configuration.
    ///
    /// # Errors
    /// When it ends or is not ready in time; its log is in the folder.
    pub(crate) fn start_with(
        program: &Path,
        config: &Path,
        folder: &Path,
        pin: bool,
    ) -> Outcome<Self> {
        let data = folder.join("data");
        lay_out_flows(&data.join("flows"))?;
        let (sip, http) = (free_port()?, free_port()?);
        let log = fs::File::options().create(true).append(true).open(folder.join("server.log"))?;
        let mut child = pinned(program, 0, pin)
            .arg("demo")
            .arg("--config")
            .arg(config)
            .arg("--data")
            .arg(data)
            .args(["--http", &format!("127.0.0.1:{http}"), "--sip", &format!("127.0.0.1:{sip}")])
            .args(["--rtp", RTP])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let watch = Stopwatch::start();
        let client = Client::new(http);
        while !client.status("/readyz").is_ok_and(|status| status == 200) {
            if let Some(status) = child.try_wait()? {
                return Err(format!("the server ended: {status}").into());
            }
            if watch.elapsed() > TO_START {
                stop(&mut child);
                return Err("the server was not ready in time".into());
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(Self { child, sip, http, started_in: watch.elapsed() })
    }

    /// Returns the process's id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns a client with a supervisor's rights.
    ///
    /// # Errors
    /// When he may not sign in.
    pub(crate) fn supervisor(&self) -> Outcome<Client> {
        let mut client = Client::new(self.http);
        client.sign_in("8000", "demo8000")?;
        Ok(client)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked twice, it ends the calls that are left.
        for _ in 0..2 {
            let id = self.child.id().to_string();
            drop(Command::new("kill").args(["-TERM", &id]).status());
            thread::sleep(Duration::from_millis(100));
        }
        let watch = Stopwatch::start();
        while watch.elapsed() < TO_STOP {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        stop(&mut self.child);
    }
}

/// Ends a child at once.
pub(crate) fn stop(child: &mut Child) {
    drop(child.kill());
    drop(child.wait());
}

/// Returns a command that runs on one processor, if that is wanted.
pub(crate) fn pinned(program: impl AsRef<Path>, processor: u32, pin: bool) -> Command {
    if !pin {
        return Command::new(program.as_ref());
    }
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", &processor.to_string()]).arg(program.as_ref());
    command
}

/// Returns a port that is free for UDP and TCP on loopback.
pub(crate) fn free_port() -> Outcome<u16> {
    for _ in 0..50 {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err("no free port".into())
}

/// The server lays its own flows beside these.
fn lay_out_flows(folder: &Path) -> Outcome {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(workspace::root().join("benches/load/flows"))? {
        let entry = entry?;
        fs::copy(entry.path(), folder.join(entry.file_name()))?;
    }
    Ok(())
}
