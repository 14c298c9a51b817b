//! `cargo xtask long flood`: strangers call a thousand times a second while citizens call.
//!
//! ```text
//!  200 addresses 127.1.0.x ── INVITE, no password ──▶ hotline ──▶ 401, and nothing kept
//!  sipp 127.0.0.1 (trunk)  ── 5 calls a second ─────▶         ──▶ answered as ever
//! ```

use std::{
    fs,
    io::ErrorKind,
    net::UdpSocket,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use crate::{
    Outcome,
    clock::Stopwatch,
    load::{
        meter::{Sorted, Usage},
        server::{Server, free_port},
        sipp::Sipp,
    },
    workspace,
};

/// Addresses that strangers call from.
const SOURCES: u32 = 200;
/// Their calls in a second, all together.
const PER_SECOND: u32 = 1000;
/// Calls of citizens in a second.
const CALLS_PER_SECOND: u64 = 5;
/// How much more memory the flood may take, in KiB.
const MEMORY: u64 = 50 * 1024;
/// Times below this say nothing of a flood, in milliseconds.
const QUIET_ENOUGH: f64 = 5.0;

/// Options of `cargo xtask long flood`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How long the flood lasts, in seconds; as long is measured without one before.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Floods this program instead of building one.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// What citizens met with.
struct Met {
    succeeded: u64,
    failed: u64,
    answer: Sorted,
    /// The most that was held: memory in KiB, transactions.
    memory: u64,
    transactions: u64,
}

/// Runs it.
///
/// # Errors
/// Names what citizens noticed of the flood.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let program = match &arguments.program {
        Some(program) => program.canonicalize()?,
        None => workspace::release_binary()?,
    };
    let folder = workspace::root().join(format!("target/flood-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let outcome = flood(arguments, &program, &folder);
    if outcome.is_ok() {
        fs::remove_dir_all(&folder)?;
    } else {
        println!("logs are in {}", folder.display());
    }
    outcome
}

fn flood(arguments: &Arguments, program: &Path, folder: &Path) -> Outcome {
    let config = fs::read_to_string(workspace::root().join("examples/hotline/config/load.toml"))?;
    let narrow = folder.join("flood.toml");
    fs::write(&narrow, config.replace("127.0.0.0/8", "127.0.0.1/32"))?;
    let server = Server::start_with(program, &narrow, folder, false)?;
    let quiet = citizens(&server, &folder.join("quiet"), arguments.seconds)?;

    let (over, sent, refused) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    let flooded = thread::scope(|scope| {
        let strangers = scope.spawn(|| {
            strangers(server.sip, &over, &sent, &refused).map_err(|error| error.to_string())
        });
        let met = citizens(&server, &folder.join("flooded"), arguments.seconds);
        over.store(true, Ordering::Relaxed);
        strangers.join().map_err(|_| "the flood broke off")??;
        met
    })?;

    let (sent, refused) = (sent.into_inner(), refused.into_inner());
    println!("{sent} INVITEs of {SOURCES} strangers, {refused} refused with 401");
    for (name, met) in [("quiet", &quiet), ("flooded", &flooded)] {
        println!(
            "{name:<8} {:>5} calls {:>3} failed, answered after {} / {} ms, {:.1} MiB, at most {} transactions",
            met.succeeded,
            met.failed,
            met.answer.at(50),
            met.answer.at(99),
            met.memory as f64 / 1024.0,
            met.transactions
        );
    }
    let mut faults = Vec::new();
    let mut rule = |kept: bool, fault: &str| {
        if !kept {
            faults.push(fault.to_owned());
        }
    };
    rule(sent >= u64::from(PER_SECOND) * arguments.seconds * 9 / 10, "the flood was too thin");
    rule(refused >= sent * 9 / 10, "strangers were not refused");
    rule(quiet.failed + flooded.failed == 0, "calls of citizens failed");
    let p99 = |met: &Met| met.answer.at(99).parse::<f64>().unwrap_or(f64::INFINITY);
    let most = 2.0 * p99(&quiet).max(QUIET_ENOUGH);
    rule(p99(&flooded) <= most, "citizens were answered more than twice as late");
    rule(flooded.memory <= quiet.memory + MEMORY, "memory grew by more than 50 MiB");
    rule(
        flooded.transactions <= quiet.transactions * 2 + u64::from(SOURCES),
        "transactions were kept for strangers",
    );
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
}

/// Calls of citizens for a while.
fn citizens(server: &Server, folder: &Path, seconds: u64) -> Outcome<Met> {
    // What they hear goes nowhere.
    let audio = UdpSocket::bind("127.0.0.1:0")?;
    let calls = CALLS_PER_SECOND * seconds;
    let words = format!(
        "127.0.0.1:{} -s 90000 -key prefix 1310 -key rtp_port {} -d 1000 -r {CALLS_PER_SECOND} -m {calls}",
        server.sip,
        audio.local_addr()?.port()
    );
    let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
    let mut sipp = Sipp::start("caller", free_port()?, &words, folder, false)?;
    let supervisor = server.supervisor()?;
    let (mut memory, mut transactions) = (0, 0);
    sipp.end(Duration::from_secs(seconds * 2 + 30), || {
        memory = memory.max(Usage::of(server.id())?.memory_kib);
        transactions = transactions.max(supervisor.gauge("cti_live_transactions")?);
        Ok(())
    })?;
    let counts = sipp.counts();
    let failed = calls.saturating_sub(counts.succeeded).max(counts.failed);
    let answer = sipp.response_times()?;
    Ok(Met { succeeded: counts.succeeded, failed, answer, memory, transactions })
}

/// Calls of strangers until it is over.
fn strangers(sip: u16, over: &AtomicBool, sent: &AtomicU64, refused: &AtomicU64) -> Outcome {
    let mut sockets = Vec::new();
    for source in 1..=SOURCES {
        let socket = UdpSocket::bind(format!("127.1.0.{source}:0"))?;
        socket.set_nonblocking(true)?;
        sockets.push(socket);
    }
    let watch = Stopwatch::start();
    let mut reply = [0; 2048];
    let mut count = 0_u64;
    while !over.load(Ordering::Relaxed) {
        let due = (watch.elapsed().as_secs_f64() * f64::from(PER_SECOND)) as u64;
        while count < due {
            let socket = &sockets[(count % u64::from(SOURCES)) as usize];
            let from = socket.local_addr()?;
            let invite = format!(
                "INVITE sip:90000@127.0.0.1:{sip} SIP/2.0\r\n\
                 Via: SIP/2.0/UDP {from};branch=z9hG4bK-f{count};rport\r\nMax-Forwards: 70\r\n\
                 From: <sip:1{count}@{from}>;tag=f{count}\r\nTo: <sip:90000@127.0.0.1>\r\n\
                 Call-ID: flood-{count}@{from}\r\nCSeq: 1 INVITE\r\nContact: <sip:1@{from}>\r\n\
                 Content-Length: 0\r\n\r\n"
            );
            count += 1;
            if socket.send_to(invite.as_bytes(), ("127.0.0.1", sip)).is_ok() {
                sent.fetch_add(1, Ordering::Relaxed);
            }
        }
        for socket in &sockets {
            loop {
                match socket.recv(&mut reply) {
                    Ok(size) if reply[..size].starts_with(b"SIP/2.0 401 ") => {
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                    Ok(_) => {}
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}
