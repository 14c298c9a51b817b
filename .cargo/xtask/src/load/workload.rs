//! The workloads: who calls what, how often, for how long.

use std::{fmt, path::Path, thread, time::Duration};

use super::{
    Arguments,
    meter::{Sorted, Usage},
    server::{Server, free_port},
    sipp::Sipp,
    voice::{Manner, Voice},
};
use crate::{Outcome, clock::Stopwatch};

/// The agents of the demonstration.
const AGENTS: std::ops::RangeInclusive<u32> = 8001..=8016;
/// How long the server's idle rate is measured.
const IDLE: Duration = Duration::from_secs(2);
/// Time for everything that a call leaves behind: records, files.
const SETTLE: Duration = Duration::from_secs(2);

/// Some calls of one kind.
#[derive(Debug)]
pub(super) struct Workload {
    /// What the table names it.
    pub(super) name: &'static str,
    what: &'static str,
    number: &'static str,
    /// Callers' numbers begin with it, so that each workload has callers of its own.
    prefix: &'static str,
    stay: Duration,
    per_second: u32,
    calls: u32,
    agents: bool,
    /// CPU of one core per call, and times p50 / p99.
    goal: &'static str,
}

/// All workloads, in the order they are run.
pub(super) const WORKLOADS: [Workload; 3] = [
    Workload {
        name: "W0a",
        what: "answer, BYE",
        number: "90000",
        prefix: "1310",
        stay: Duration::ZERO,
        per_second: 50,
        calls: 1500,
        agents: false,
        goal: "goal 0.5 ms; answer 2 / 8 ms",
    },
    Workload {
        name: "W1",
        what: "10 s of the menu of 12329",
        number: "12329",
        prefix: "1321",
        stay: Duration::from_secs(10),
        per_second: 5,
        calls: 150,
        agents: false,
        goal: "goal 6 ms for a 10 s prompt, 50 packets/s both ways",
    },
    Workload {
        name: "W3",
        what: "queue, 5 s with an agent, recorded in stereo",
        number: "90001",
        prefix: "1332",
        stay: Duration::from_secs(5),
        per_second: 3,
        calls: 90,
        agents: true,
        goal: "goal 8 ms; from the caller's INVITE to the agent's 1 / 3 ms",
    },
];

/// What one workload came to.
#[derive(Debug)]
pub(super) struct Row {
    name: &'static str,
    calls: u64,
    /// Calls that did not go as written.
    pub(super) failed: u64,
    retransmissions: u64,
    cpu_ms: f64,
    idle_percent: f64,
    answer: Sorted,
    offer: Sorted,
    heard: f64,
    memory_mib: f64,
    threads: u64,
}

impl Workload {
    /// Returns the line above the rows.
    pub(super) fn heading() -> String {
        format!(
            "{:<5}{:>6}{:>7}{:>8}{:>13}{:>8}{:>16}{:>16}{:>9}{:>9}{:>9}",
            "",
            "calls",
            "failed",
            "resent",
            "CPU ms/call",
            "idle %",
            "answer 50/99",
            "offer 50/99",
            "packets",
            "RSS MiB",
            "threads"
        )
    }

    /// Returns what the row should say.
    pub(super) fn goal(&self) -> String {
        format!("     {}: {}", self.what, self.goal)
    }

    /// Runs it against a server.
    ///
    /// # Errors
    /// When sipp cannot be started or does not end in time, or the server ended.
    pub(super) fn run(
        &self,
        server: &Server,
        folder: &Path,
        arguments: &Arguments,
    ) -> Outcome<Row> {
        let folder = folder.join(self.name);
        let callers = Voice::open(Manner::Speak)?;
        let telephones = Voice::open(Manner::Echo)?;
        let agents = if self.agents {
            let agents = agents_at_work(server, &folder, telephones.port, arguments.pin)?;
            Some(agents)
        } else {
            None
        };

        let idle = Usage::of(server.id())?;
        let watch = Stopwatch::start();
        thread::sleep(IDLE);
        let before = Usage::of(server.id())?;
        let idle_rate = (before.cpu - idle.cpu).as_secs_f64() / watch.elapsed().as_secs_f64();

        let calls = if arguments.quick { self.calls / 5 } else { self.calls };
        let length = Duration::from_secs(u64::from(calls / self.per_second)) + self.stay;
        let watch = Stopwatch::start();
        let mut most = before;
        let mut sipp = Sipp::start(
            "caller",
            free_port()?,
            &self.caller_arguments(server.sip, calls, callers.port),
            &folder.join("callers"),
            arguments.pin,
        )?;
        sipp.end(length * 2 + Duration::from_secs(30), || {
            let usage = Usage::of(server.id())?;
            most.memory_kib = most.memory_kib.max(usage.memory_kib);
            most.threads = most.threads.max(usage.threads);
            Ok(())
        })?;
        thread::sleep(SETTLE);
        let after = Usage::of(server.id())?;
        let busy =
            (after.cpu - before.cpu).as_secs_f64() - idle_rate * watch.elapsed().as_secs_f64();

        let counts = sipp.counts();
        let offers = agents.map_or_else(Vec::new, |agents| {
            let (sent, received) = (sipp.invitations(), agents.invitations());
            let after =
                received.iter().filter_map(|(number, at)| Some((at - sent.get(number)?) * 1000.0));
            after.collect()
        });
        let answered = counts.succeeded.max(1) as f64;
        Ok(Row {
            name: self.name,
            calls: counts.succeeded,
            failed: u64::from(calls).saturating_sub(counts.succeeded).max(counts.failed),
            retransmissions: counts.retransmissions,
            cpu_ms: busy * 1000.0 / answered,
            idle_percent: idle_rate * 100.0,
            answer: sipp.response_times()?,
            offer: Sorted::new(offers),
            heard: callers.packets().0 as f64 / answered,
            memory_mib: most.memory_kib as f64 / 1024.0,
            threads: most.threads,
        })
    }

    fn caller_arguments(&self, sip: u16, calls: u32, rtp: u16) -> Vec<String> {
        let stay = self.stay.as_millis().to_string();
        let words = [
            format!("127.0.0.1:{sip}"),
            "-s".to_owned(),
            self.number.to_owned(),
            "-key".to_owned(),
            "prefix".to_owned(),
            self.prefix.to_owned(),
            "-key".to_owned(),
            "rtp_port".to_owned(),
            rtp.to_string(),
            "-d".to_owned(),
            stay,
            "-r".to_owned(),
            self.per_second.to_string(),
            "-m".to_owned(),
            calls.to_string(),
        ];
        words.to_vec()
    }
}

/// Registers all agents' telephones at one address, starts them and lets the agents come to work.
fn agents_at_work(server: &Server, folder: &Path, rtp: u16, pin: bool) -> Outcome<Sipp> {
    let port = free_port()?;
    let accounts = folder.join("accounts.csv");
    std::fs::create_dir_all(folder)?;
    let lines: String = AGENTS
        .map(|agent| format!("{agent};[authentication username={agent} password=demo{agent}]\n"))
        .collect();
    std::fs::write(&accounts, format!("SEQUENTIAL\n{lines}"))?;
    let words = |text: String| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let register = words(format!(
        "127.0.0.1:{} -inf {} -m {} -r 20 -key contact_port {port}",
        server.sip,
        accounts.display(),
        AGENTS.count()
    ));
    let mut registering =
        Sipp::start("register", free_port()?, &register, &folder.join("register"), pin)?;
    registering.end(Duration::from_secs(20), || Ok(()))?;
    if registering.counts().succeeded != AGENTS.count() as u64 {
        return Err("some telephones could not be registered".into());
    }
    let telephones = words(format!("-key rtp_port {rtp}"));
    let telephones = Sipp::start("agent", port, &telephones, &folder.join("agents"), pin)?;

    let supervisor = server.supervisor()?;
    for agent in AGENTS {
        let seat = serde_json::json!({ "seat": format!("A{:02}", agent - 8000) });
        supervisor.post(&format!("/api/v1/agents/{agent}/sign-in"), &seat)?;
        supervisor.post(&format!("/api/v1/agents/{agent}/ready"), &serde_json::json!({}))?;
    }
    let ready = supervisor.get("/api/v1/agents?limit=200")?;
    let ready = ready["items"].as_array().ok_or("agents are a list")?;
    let ready = ready.iter().filter(|agent| agent["state"] == "ready").count();
    if ready == AGENTS.count() {
        Ok(telephones)
    } else {
        Err(format!("{ready} agents are ready").into())
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pair = |it: &Sorted| format!("{} / {}", it.at(50), it.at(99));
        write!(
            f,
            "{:<5}{:>6}{:>7}{:>8}{:>13.2}{:>8.2}{:>16}{:>16}{:>9.0}{:>9.1}{:>9}",
            self.name,
            self.calls,
            self.failed,
            self.retransmissions,
            self.cpu_ms,
            self.idle_percent,
            pair(&self.answer),
            pair(&self.offer),
            self.heard,
            self.memory_mib,
            self.threads,
        )
    }
}
