//! The built binary, started as an administrator would.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use super::{http::Client, wait};

/// Time the server has until it answers `/readyz`; its own promise is two seconds in a release build.
const TO_START: Duration = Duration::from_secs(15);
/// RTP ports of one server: enough for the calls of any test.
const RTP_PORTS: u16 = 2000;

/// A running `hotline demo`.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    log: PathBuf,
    /// SIP, on UDP and TCP.
    pub(crate) sip: u16,
    /// Web page, REST and metrics.
    pub(crate) http: u16,
}

impl Server {
    /// Starts it with its data in `folder` and waits until it is ready.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    /// Starts it with further command line arguments.
    pub(crate) fn start_with(folder: &Path, arguments: &[&str]) -> Self {
        let (sip, http) = (wait::free_port(), wait::free_port());
        // Below the ports that the system hands out, and apart for each test process.
        let first = 16_384 + (std::process::id() % 8) as u16 * RTP_PORTS;
        let log = folder.join("server.log");
        let output = File::options().create(true).append(true).open(&log).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_hotline"))
            .arg("demo")
            .arg("--data")
            .arg(folder.join("data"))
            .args(["--http", &format!("127.0.0.1:{http}"), "--sip", &format!("127.0.0.1:{sip}")])
            .args(["--rtp", &format!("{first}-{}", first + RTP_PORTS - 1)])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        let mut server = Self { child, log, sip, http };
        let client = Client::new(http);
        wait::until("readiness", TO_START, || {
            let ended = server.child.try_wait().unwrap();
            assert!(ended.is_none(), "the server ended: {ended:?}\n{}", server.log());
            client.try_get("/readyz").filter(|answer| answer.status == 200)
        });
        server
    }

    /// Asks it over HTTP, not signed in.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.http)
    }

    /// Returns what it printed.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Ends it without warning, as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its own end and returns the exit code.
    pub(crate) fn end(&mut self, limit: Duration) -> Option<i32> {
        wait::until("the server's end", limit, || self.child.try_wait().unwrap()).code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            eprintln!("server log:\n{}", self.log());
        }
    }
}
