//! What one tick of 20 ms of a mix costs: play-out, sums and encoding for all its parties without the network,
//! and once with it, as the processor time of the media worker that serves real sockets.
//!
//! `cargo bench -p cti-benches --bench mixer`
//!
//! Divide by the number of parties for the cost per party; 20 ms is what one worker has for all its mixes.

#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]

use std::{
    fs,
    hint::black_box,
    net::UdpSocket,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use cti_media::{
    codec::Codec,
    engine::{LegKey, Listener, ListenerId, MediaConfig, MediaEngine, MixId, MixParty, WorkerKey},
    mix::{Mixer, PartySet, Playout},
    play::ClipLibrary,
    rtp::packet::Header,
    sdp::Negotiated,
};

/// A mix of which the first `speakers` send a packet in every tick.
struct Tick {
    mixer: Mixer,
    playouts: Vec<Playout>,
    speakers: usize,
    packet: Vec<u8>,
    n: u32,
}

impl Tick {
    fn new(hears: &[PartySet], speakers: usize) -> Self {
        Self {
            mixer: Mixer::new(hears),
            playouts: vec![Playout::default(); hears.len()],
            speakers,
            packet: (0..160_u8).collect(),
            n: 0,
        }
    }

    fn run(&mut self) {
        self.n = self.n.wrapping_add(160);
        self.mixer.clear();
        for (party, playout) in self.playouts.iter_mut().enumerate().take(self.speakers) {
            playout.put(7, self.n, Codec::Pcma, black_box(&self.packet));
            if let Some(frame) = playout.pull() {
                self.mixer.speak(party, &frame);
            }
        }
        for party in 0..self.playouts.len() {
            if !self.mixer.hears(party).is_empty() {
                black_box(self.mixer.encoded(party, Codec::Pcma));
            }
        }
    }
}

fn everybody(parties: usize) -> PartySet {
    (0..parties).collect()
}

/// Everybody speaks all the time and hears everybody else.
fn conference(c: &mut Criterion) {
    let mut group = c.benchmark_group("conference, all speak");
    for parties in [3, 10, 50, 200] {
        let mut tick = Tick::new(&vec![everybody(parties); parties], parties);
        group.bench_function(BenchmarkId::from_parameter(parties), |bencher| {
            bencher.iter(|| tick.run());
        });
    }
    group.finish();
}

/// A meeting: five speak, the rest listen.
fn audience(c: &mut Criterion) {
    let mut tick = Tick::new(&[everybody(5); 200], 5);
    c.bench_function("conference of 200, five speak", |bencher| bencher.iter(|| tick.run()));
}

/// Two talk, a supervisor whispers to one of them.
fn whisper(c: &mut Criterion) {
    let set = |parties: &[usize]| parties.iter().copied().collect();
    let mut tick = Tick::new(&[set(&[1]), set(&[0, 2]), set(&[0, 1])], 3);
    c.bench_function("whisper of three", |bencher| bencher.iter(|| tick.run()));
}

/// The worst case: 200 parties who each hear another set, so that no sum is shared.
fn nothing_shared(c: &mut Criterion) {
    let hears: Vec<PartySet> = (0..200_usize)
        .map(|party| {
            (0..200).filter(|other| (other * 7 + party * 13) % 31 < 16).collect::<PartySet>()
        })
        .enumerate()
        .map(|(party, set)| set.without((party * 3 + 1) % 200))
        .collect();
    let mut tick = Tick::new(&hears, 200);
    c.bench_function("200 who each hear other parties", |bencher| bencher.iter(|| tick.run()));
}

/// Conferences over loopback sockets in which everybody speaks: processor time of the worker.
fn over_the_network(_: &mut Criterion) {
    for parties in [3, 50, 200] {
        let Some((per_tick, ticks)) = worker_time(parties) else {
            eprintln!("conference of {parties} over sockets: no thread times on this system");
            continue;
        };
        eprintln!(
            "conference of {parties} over sockets: {:.0} µs of the worker per tick, {:.2} µs per party, \
             {:.1} % of one core ({ticks} ticks)",
            per_tick * 1e6,
            per_tick * 1e6 / parties as f64,
            per_tick * 100.0 / 0.02,
        );
    }
}

/// Returns the seconds of processor time per tick that one worker takes for a conference.
fn worker_time(parties: u64) -> Option<(f64, u32)> {
    const TICKS: u32 = 250;
    let address = std::net::IpAddr::from([127, 31, 200, 1]);
    let listener =
        Listener { bind: address, advertised: address, ports: 20_000..=59_999, nat: false };
    let config =
        MediaConfig { workers: Some(1), listeners: vec![listener], ..MediaConfig::default() };
    let clips = Arc::new(ClipLibrary::default());
    let engine = MediaEngine::start(config, clips, |_| Ok(())).expect("an engine");
    let media = engine.handle();
    let phones: Vec<UdpSocket> = (1..=parties)
        .map(|leg| {
            let at = media.open_leg(LegKey(leg), WorkerKey(0), ListenerId(0)).expect("a leg");
            let phone = UdpSocket::bind("127.31.200.2:0").expect("a phone");
            phone.connect(at).expect("a way");
            phone.set_nonblocking(true).expect("no waiting");
            let own = phone.local_addr().expect("an address");
            media.set_remote(LegKey(leg), Negotiated::simple(own, Codec::Pcma)).expect("agreed");
            phone
        })
        .collect();
    let all: Vec<LegKey> = (1..=parties).map(LegKey).collect();
    let list: Vec<MixParty> = all.iter().map(|&leg| MixParty { leg, hears: all.clone() }).collect();
    media.mix(MixId(1), &list).expect("a mix");

    let mut datagram = [0x55; 172];
    let mut heard = 0_u32;
    let start = Instant::now();
    let mut before = None;
    for n in 0..TICKS + 25 {
        if n == 25 {
            before = Some(thread_time("media-0")?);
        }
        let header = Header {
            marker: false,
            payload_type: 8,
            sequence: n as u16,
            timestamp: n * 160,
            ssrc: 7,
        };
        header.write(&mut datagram);
        for phone in &phones {
            // A packet that finds no room is lost, as UDP may.
            let _ = phone.send(&datagram);
            while phone.recv(&mut [0; 2048]).is_ok() {
                heard += 1;
            }
        }
        let due = start + Duration::from_millis(20) * (n + 1);
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    let used = thread_time("media-0")? - before?;
    let expected = (TICKS * parties as u32) * 9 / 10;
    assert!(heard >= expected, "{heard} packets heard of {expected}");
    Some((used / f64::from(TICKS), TICKS))
}

/// Returns the processor time of a thread of this process, in seconds, where the system tells.
fn thread_time(name: &str) -> Option<f64> {
    for task in fs::read_dir("/proc/self/task").ok()? {
        let folder = task.ok()?.path();
        if fs::read_to_string(folder.join("comm")).ok()?.trim() == name {
            // Nanoseconds on a processor, nanoseconds waiting for one, turns.
            let times = fs::read_to_string(folder.join("schedstat")).ok()?;
            return Some(times.split(' ').next()?.parse::<f64>().ok()? / 1e9);
        }
    }
    None
}

criterion_group!(benches, conference, audience, whisper, nothing_shared, over_the_network);
criterion_main!(benches);
