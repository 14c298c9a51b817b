//! A centre at work: the server with a supervisor who looks on, agents at their phones, callers.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    http::Client,
    rtp::Phone,
    server::Server,
    sipp::{Scenario, Sipp},
    sound, wait,
};

/// Time that anything which is not waiting for a person may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// A running centre with a supervisor signed in.
#[derive(Debug)]
pub(crate) struct Floor {
    pub(crate) server: Server,
    pub(crate) supervisor: Client,
    pub(crate) folder: TempDir,
}

/// An agent with his phone.
#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) id: String,
    /// The phone that he sits at, by its SIP account.
    pub(crate) device: String,
    pub(crate) phone: Phone,
    port: u16,
}

impl Floor {
    /// Opens the centre as the demonstration is configured.
    pub(crate) fn open() -> Self {
        Self::open_with(str::to_owned, |_| {})
    }

    /// Opens the centre with the demonstration's configuration edited and its data folder prepared.
    pub(crate) fn open_with(edit: impl Fn(&str) -> String, prepare: impl Fn(&Path)) -> Self {
        Self::open_in(Self::prepared(edit, prepare), &[])
    }

    /// Returns a folder with the demonstration's configuration edited and the data folder prepared.
    pub(crate) fn prepared(edit: impl Fn(&str) -> String, prepare: impl Fn(&Path)) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        prepare(&data);
        let demo = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../config/demo.toml");
        let config = folder.path().join("centre.toml");
        fs::write(&config, edit(&fs::read_to_string(demo).unwrap())).unwrap();
        folder
    }

    /// Opens the centre on what lies in `folder`.
    pub(crate) fn open_in(folder: TempDir, arguments: &[&str]) -> Self {
        let config = folder.path().join("centre.toml");
        let mut all = arguments.to_vec();
        if config.exists() {
            all.extend(["--config", config.to_str().unwrap()]);
        }
        let server = Server::start_with(folder.path(), &all);
        let supervisor = server.client().signed_in("8000", "demo8000");
        Self { server, supervisor, folder }
    }

    /// Ends the server without warning and returns what it leaves behind.
    pub(crate) fn cut_power(self) -> TempDir {
        self.server.kill();
        self.folder
    }

    /// Lets an agent come to work: his phone registers, he signs in at his own seat and is ready.
    pub(crate) fn agent(&self, id: &str) -> Agent {
        let agent = self.phone(id, 1000.0);
        self.sign_in(id, id);
        self.ready(id);
        agent
    }

    /// Registers the phone of a device; it plays a tone.
    pub(crate) fn phone(&self, device: &str, hertz: f64) -> Agent {
        let phone = Phone::playing(hertz);
        let register = Scenario::new("register")
            .to(self.server.sip)
            .user(device)
            .password(device, &format!("demo{device}"))
            .key("expires", 600);
        let port = register.port();
        register.run(LIMIT);
        wait::until("a registered device", LIMIT, || {
            let devices = self.items("/api/v1/devices");
            devices.iter().any(|it| it["id"] == device && it["in_service"] == true).then_some(())
        });
        Agent { id: device.to_owned(), device: device.to_owned(), phone, port }
    }

    /// Signs an agent in at the seat of a device.
    pub(crate) fn sign_in(&self, id: &str, device: &str) {
        let seat = format!("A{}", &device[2..]);
        let answer =
            self.supervisor.post(&format!("/api/v1/agents/{id}/sign-in"), &json!({ "seat": seat }));
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// Makes an agent ready.
    pub(crate) fn ready(&self, id: &str) {
        let answer = self.supervisor.post(&format!("/api/v1/agents/{id}/ready"), &json!({}));
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// Prepares a call from `number` to `called`; the caller's audio is `phone`'s.
    pub(crate) fn call(
        &self,
        scenario: &'static str,
        number: &str,
        called: &str,
        phone: &Phone,
    ) -> Scenario {
        Scenario::new(scenario)
            .to(self.server.sip)
            .user(called)
            .key("caller", number)
            .key("rtp_port", phone.port())
    }

    /// Returns a built-in prompt.
    pub(crate) fn prompt(&self, id: &str) -> Vec<i16> {
        let prompts = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../prompts");
        let set = if id.starts_with("en-US/") { "" } else { "zh-CN" };
        let file = fs::read(prompts.join(set).join(format!("{id}.wav"))).unwrap();
        sound::channels(&file).remove(0)
    }

    /// Returns the items of a list.
    pub(crate) fn items(&self, path: &str) -> Vec<Value> {
        let answer = self.supervisor.get(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()["items"].as_array().unwrap_or_else(|| panic!("{answer:?}")).clone()
    }

    /// Returns an agent's state.
    pub(crate) fn state(&self, id: &str) -> String {
        let agent = self.supervisor.get(&format!("/api/v1/agents/{id}")).json();
        agent["state"].as_str().unwrap_or_else(|| panic!("{agent}")).to_owned()
    }

    /// Waits until an agent is in a state.
    pub(crate) fn until_state(&self, id: &str, state: &str) {
        wait::until(&format!("{id} being {state}"), LIMIT, || {
            (self.state(id) == state).then_some(())
        });
    }

    /// Waits until the live call of a caller is in a state, and returns it.
    pub(crate) fn until_call(&self, number: &str, state: &str) -> Value {
        wait::until(&format!("the call of {number} being {state}"), LIMIT, || {
            let calls = self.items("/api/v1/calls");
            calls.into_iter().find(|call| call["caller"] == number && call["state"] == state)
        })
    }

    /// Waits for the one record of a caller.
    pub(crate) fn record(&self, number: &str) -> Value {
        let path = format!("/api/v1/call-records?caller={number}");
        let records = wait::until(&format!("the record of {number}"), LIMIT, || {
            Some(self.items(&path)).filter(|records| {
                !records.is_empty() && records.iter().all(|record| !record["ended"].is_null())
            })
        });
        assert_eq!(records.len(), 1, "{records:#?}");
        records.into_iter().next().unwrap()
    }

    /// Waits until the recording of a record is saved, and returns its channels.
    pub(crate) fn recording(&self, number: &str) -> Vec<Vec<i16>> {
        let id = wait::until(&format!("the recording of {number}"), LIMIT, || {
            self.record(number)["recording"].as_str().map(str::to_owned)
        });
        let answer = self.supervisor.get(&format!("/api/v1/recordings/{id}/audio"));
        assert_eq!(answer.status, 200, "{}", answer.headers);
        sound::channels(&answer.body)
    }
}

impl Agent {
    /// Prepares what the agent's phone does with the next call.
    pub(crate) fn does(&self, scenario: &'static str) -> Scenario {
        Scenario::new(scenario)
            .user(&self.device)
            .key("rtp_port", self.phone.port())
            .from(self.port)
            .pause(Duration::from_millis(200))
    }

    /// Lets the phone answer the next call and stay until the other side hangs up.
    pub(crate) fn answers(&self) -> Sipp {
        self.does("agent").start()
    }
}
