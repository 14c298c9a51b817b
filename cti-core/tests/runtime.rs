//! The driver: what is told waits for the journal, subscribers resume, a trace replays.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

#[path = "runtime/monitors.rs"]
mod monitors;

use std::{
    io::Write,
    sync::{Arc, Condvar, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use cti_core::{
    address::PhoneNumber,
    cause::Cause,
    center::Center,
    command::{Command, CommandError, Reply},
    config::{AgentConfig, CenterConfig, Destination, NumberConfig, QueueConfig, SeatConfig},
    event::{Event, Fact},
    flow::FlowEffect,
    id::{EventNo, LegId},
    journal::{Journal, JournalError, memory::MemoryJournal},
    runtime::{self, Handle, NoLookup, Parts, SubscriptionEvent},
    switch::{Origin, Switch, SwitchCommand, SwitchReport},
    testkit::{ScriptedFlows, SimpleRouter},
    trace::{Header, replay},
};
use tokio::{sync::mpsc, time::timeout};

struct TestSwitch {
    commands: mpsc::UnboundedSender<SwitchCommand>,
    reports: mpsc::UnboundedReceiver<SwitchReport>,
}

#[async_trait]
impl Switch for TestSwitch {
    fn execute(&mut self, command: SwitchCommand) {
        let _ = self.commands.send(command);
    }
    async fn report(&mut self) -> Option<SwitchReport> {
        self.reports.recv().await
    }
}

/// A journal whose sync waits until the test allows it.
#[derive(Clone, Debug, Default)]
struct SlowJournal {
    inner: Arc<Mutex<MemoryJournal>>,
    allowed: Arc<(Mutex<bool>, Condvar)>,
}

impl SlowJournal {
    /// Waits until so many events are written, durable or not.
    async fn written(&self, last: EventNo) {
        let written = async {
            while self.last() < last {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(5), written).await.expect("it is written in time");
    }

    fn allow(&self, on: bool) {
        *self.allowed.0.lock().unwrap() = on;
        self.allowed.1.notify_all();
    }
}

impl Journal for SlowJournal {
    fn append(&mut self, events: &[Event]) -> Result<(), JournalError> {
        self.inner.lock().unwrap().append(events)
    }
    fn sync(&mut self) -> Result<(), JournalError> {
        let guard = self.allowed.0.lock().unwrap();
        drop(self.allowed.1.wait_while(guard, |allowed| !*allowed).unwrap());
        Ok(())
    }
    fn read(&mut self, after: EventNo) -> Result<Vec<Event>, JournalError> {
        self.inner.lock().unwrap().read(after)
    }
    fn last(&self) -> EventNo {
        self.inner.lock().unwrap().last()
    }
}

#[derive(Clone, Debug, Default)]
struct SharedFile(Arc<Mutex<Vec<u8>>>);

impl Write for SharedFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn center() -> Center {
    let config = CenterConfig {
        agents: vec![AgentConfig {
            id: "8001".parse().unwrap(),
            name: "agent".to_owned(),
            announced_number: "8001".to_owned(),
            queues: vec!["general".parse().unwrap()],
            capacity: Default::default(),
        }],
        seats: vec![SeatConfig {
            id: "A01".parse().unwrap(),
            device: "8001".parse().unwrap(),
            pickup_group: None,
        }],
        queues: vec![QueueConfig {
            id: "general".parse().unwrap(),
            name: "general".to_owned(),
            waiting_flow: None,
            whisper_flow: None,
            after_call_flow: None,
            ring_for: Duration::from_secs(15),
            after_call_work: Duration::from_secs(20),
        }],
        numbers: vec![NumberConfig {
            number: PhoneNumber::parse("12345").unwrap(),
            name: "hotline".to_owned(),
            to: Destination::Flow("day".parse().unwrap()),
        }],
        ..CenterConfig::default()
    };
    let flows = ScriptedFlows::default().flow(
        "day",
        vec![
            FlowEffect::Answer,
            FlowEffect::Enqueue {
                queue: "general".parse().unwrap(),
                priority: 0,
                needs: cti_core::needs::Needs::default(),
            },
        ],
    );
    Center::new(config, Box::new(SimpleRouter::default()), Box::new(flows)).unwrap()
}

struct Fixture {
    handle: Handle,
    commands: mpsc::UnboundedReceiver<SwitchCommand>,
    reports: mpsc::UnboundedSender<SwitchReport>,
    journal: SlowJournal,
    trace: SharedFile,
}

fn start() -> Fixture {
    let (command_sender, commands) = mpsc::unbounded_channel();
    let (reports, report_receiver) = mpsc::unbounded_channel();
    let journal = SlowJournal::default();
    let trace = SharedFile::default();
    journal.allow(true);
    let handle = runtime::spawn(
        center(),
        Parts {
            switch: Box::new(TestSwitch { commands: command_sender, reports: report_receiver }),
            journal: Box::new(journal.clone()),
            lookup: Arc::new(NoLookup),
            version: "test".to_owned(),
            trace: Some((Box::new(trace.clone()), serde_json::json!({ "made of": "test parts" }))),
        },
    );
    Fixture { handle, commands, reports, journal, trace }
}

impl Fixture {
    fn call(&self, leg: u64) {
        let sent = self.reports.send(SwitchReport::Incoming {
            leg: LegId(leg),
            origin: Origin::Trunk("trunk".parse().unwrap()),
            caller: PhoneNumber::parse("13812341234").unwrap(),
            called: PhoneNumber::parse("12345").unwrap(),
            network_id: "call@test".to_owned(),
        });
        sent.unwrap();
    }

    async fn command(&mut self) -> SwitchCommand {
        timeout(Duration::from_secs(5), self.commands.recv())
            .await
            .expect("a command in time")
            .unwrap()
    }
}

#[tokio::test]
async fn a_caller_is_not_answered_before_the_journal_has_his_call() {
    let mut it = start();
    it.journal.allow(false);
    it.call(1);
    // The Center has decided as soon as a later question is answered by looking at it.
    let calls = timeout(Duration::from_secs(5), async {
        loop {
            let calls = it.handle.inspect(|center| center.calls().count()).await.unwrap();
            if calls == 1 {
                return calls;
            }
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(calls.await.unwrap(), 1);
    assert!(it.commands.try_recv().is_err(), "nothing is answered yet");
    it.journal.allow(true);
    assert_eq!(it.command().await, SwitchCommand::Answer { leg: LegId(1) });
}

#[tokio::test]
async fn a_request_is_answered_once_it_is_durable_and_a_refusal_says_why() {
    let it = start();
    let agent = || "8001".parse().unwrap();
    let seat = "A01".parse().unwrap();
    let signed_in = it.handle.request(Command::SignIn { agent: agent(), seat, queues: None }).await;
    assert_eq!(signed_in, Ok(Reply::Done));
    let missing = it.handle.request(Command::SetReady { agent: "9999".parse().unwrap() }).await;
    assert_eq!(missing, Err(CommandError::UnknownAgent { agent: "9999".parse().unwrap() }));
    it.handle.stop().await;
    let stopped = it.handle.request(Command::SetReady { agent: agent() }).await;
    assert_eq!(stopped, Err(CommandError::Stopping));
}

#[tokio::test]
async fn a_subscriber_resumes_after_the_last_event_he_saw() {
    let it = start();
    let mut first = it.handle.subscribe(Some(EventNo(0))).await.unwrap();
    let next = timeout(Duration::from_secs(5), first.next()).await.unwrap().unwrap();
    let SubscriptionEvent::Event(started) = next else { panic!("nothing was lost") };
    assert!(matches!(started.fact, Fact::Started { .. }));
    it.call(1);
    let mut seen = Vec::new();
    while seen.len() < 3 {
        match timeout(Duration::from_secs(5), first.next()).await.unwrap().unwrap() {
            SubscriptionEvent::Event(event) => seen.push(event.no),
            SubscriptionEvent::Lost => panic!("nothing was lost"),
        }
    }
    let mut second = it.handle.subscribe(Some(seen[0])).await.unwrap();
    let resumed = timeout(Duration::from_secs(5), second.next()).await.unwrap().unwrap();
    assert!(matches!(resumed, SubscriptionEvent::Event(event) if event.no == seen[1]));
    let mut future = it.handle.subscribe(Some(EventNo(1_000_000))).await.unwrap();
    assert_eq!(
        timeout(Duration::from_secs(5), future.next()).await.unwrap(),
        Some(SubscriptionEvent::Lost),
        "a number from another log cannot be resumed from"
    );
}

#[tokio::test]
async fn a_recorded_trace_replays_to_the_same_log_byte_for_byte() {
    let mut it = start();
    for leg in [1, 3, 5] {
        it.call(leg);
        assert_eq!(it.command().await, SwitchCommand::Answer { leg: LegId(leg) });
    }
    it.reports.send(SwitchReport::LegEnded { leg: LegId(3), cause: Cause::Normal }).unwrap();
    it.reports.send(SwitchReport::DeviceInService { device: "8001".parse().unwrap() }).unwrap();
    let (agent, seat) = ("8001".parse().unwrap(), "A01".parse().unwrap());
    it.handle.request(Command::SignIn { agent, seat, queues: None }).await.unwrap();
    it.handle.request(Command::SetReady { agent: "8001".parse().unwrap() }).await.unwrap();
    assert!(matches!(it.command().await, SwitchCommand::Dial { .. }));
    it.handle.stop().await;

    let recorded: Vec<String> = it
        .journal
        .clone()
        .read(EventNo(0))
        .unwrap()
        .iter()
        .map(|event| serde_json::to_string(event).unwrap())
        .collect();
    let trace = String::from_utf8(it.trace.0.lock().unwrap().clone()).unwrap();
    let mut lines = trace.lines();
    let header: Header = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!(header.parts, serde_json::json!({ "made of": "test parts" }));
    let mut replayed = Vec::new();
    replay(&mut center(), header, lines, |event| {
        replayed.push(serde_json::to_string(&event).unwrap())
    })
    .unwrap();
    assert_eq!(replayed, recorded);
    assert!(recorded.len() > 15, "the run had {} events", recorded.len());
}
