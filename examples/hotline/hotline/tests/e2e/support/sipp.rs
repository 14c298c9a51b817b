//! Phones' signalling: sipp with the scenarios in `tests/e2e/sipp`.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use super::wait;

/// What one run of sipp is to do.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    name: &'static str,
    port: u16,
    target: Option<String>,
    arguments: Vec<String>,
}

/// A running sipp.
#[derive(Debug)]
pub(crate) struct Sipp {
    child: Child,
    name: &'static str,
    folder: tempfile::TempDir,
}

impl Scenario {
    /// Plays `tests/e2e/sipp/NAME.xml` once, from a free port.
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, port: wait::free_port(), target: None, arguments: Vec::new() }
    }

    /// Sends to `127.0.0.1:PORT`; without it, sipp waits for a request.
    pub(crate) fn to(mut self, port: u16) -> Self {
        self.target = Some(format!("127.0.0.1:{port}"));
        self
    }

    /// Uses this port of its own.
    pub(crate) fn from(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the user part: who is called, or who registers.
    pub(crate) fn user(self, user: &str) -> Self {
        self.option("-s", user)
    }

    /// Answers a digest challenge.
    pub(crate) fn password(self, user: &str, password: &str) -> Self {
        self.option("-au", user).option("-ap", password)
    }

    /// Gives a value to a `[name]` in the scenario.
    pub(crate) fn key(mut self, name: &str, value: impl ToString) -> Self {
        self.arguments.extend(["-key".to_owned(), name.to_owned(), value.to_string()]);
        self
    }

    /// Sets how long the scenario's pauses are.
    pub(crate) fn pause(self, length: Duration) -> Self {
        self.option("-d", &length.as_millis().to_string())
    }

    /// Uses TCP.
    pub(crate) fn over_tcp(self) -> Self {
        self.option("-t", "t1")
    }

    /// Plays the scenario `calls` times at `rate` a second.
    pub(crate) fn load(self, calls: u32, rate: u32) -> Self {
        self.option("-m", &calls.to_string()).option("-r", &rate.to_string()).option("-l", "10000")
    }

    fn option(mut self, name: &str, value: &str) -> Self {
        self.arguments.extend([name.to_owned(), value.to_owned()]);
        self
    }

    /// Returns the port it speaks from.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Starts sipp.
    pub(crate) fn start(self) -> Sipp {
        let folder = tempfile::tempdir().unwrap();
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join(format!("tests/e2e/sipp/{}.xml", self.name));
        assert!(file.exists(), "{}", file.display());
        let output = File::create(folder.path().join("output")).unwrap();
        let mut command = Command::new("sipp");
        command.current_dir(folder.path()).args(self.target).arg("-sf").arg(file);
        command.args([
            "-i",
            "127.0.0.1",
            "-p",
            &self.port.to_string(),
            "-nostdin",
            "-trace_err",
            "-trace_msg",
        ]);
        if !self.arguments.iter().any(|argument| argument == "-m") {
            command.args(["-m", "1"]);
        }
        command.args(self.arguments).stdin(Stdio::null());
        command.stderr(output.try_clone().unwrap()).stdout(output);
        let child = command.spawn().expect("sipp (Debian package sip-tester) is installed");
        Sipp { child, name: self.name, folder }
    }

    /// Runs sipp to its end.
    ///
    /// # Panics
    /// When the scenario does not go as written within `limit`.
    pub(crate) fn run(self, limit: Duration) {
        self.start().succeeds(limit);
    }
}

impl Sipp {
    /// Waits for the end.
    ///
    /// # Panics
    /// When the scenario does not go as written within `limit`; the message holds sipp's own and all SIP messages.
    pub(crate) fn succeeds(mut self, limit: Duration) {
        let code = self.end(limit);
        assert_eq!(code, Some(0), "sipp {}:\n{}", self.name, self.told());
    }

    /// Waits for an end that is not as the scenario is written, and returns every SIP message of it.
    ///
    /// # Panics
    /// When all went as written.
    pub(crate) fn fails(mut self, limit: Duration) -> String {
        let code = self.end(limit);
        assert_ne!(code, Some(0), "sipp {} was to fail:\n{}", self.name, self.told());
        self.messages()
    }

    /// Says whether the scenario is still being played.
    pub(crate) fn running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Returns every SIP message sent and received so far.
    pub(crate) fn messages(&self) -> String {
        self.files("messages.log")
    }

    fn end(&mut self, limit: Duration) -> Option<i32> {
        wait::until(&format!("the end of sipp {}", self.name), limit, || {
            self.child.try_wait().unwrap()
        })
        .code()
    }

    fn told(&self) -> String {
        self.files("errors.log") + &self.messages()
    }

    fn files(&self, suffix: &str) -> String {
        let entries = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let wanted = entries.filter(|path| path.to_string_lossy().ends_with(suffix));
        wanted.map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()).collect()
    }
}

impl Drop for Sipp {
    fn drop(&mut self) {
        if self.running() {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}
