//! What one tick of 20 ms of a mix costs without the network: play-out, sums and encoding for all its parties.
//!
//! `cargo bench -p cti-benches --bench mixer`
//!
//! Divide by the number of parties for the cost per party; 20 ms is what one worker has for all its mixes.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use cti_media::{
    codec::Codec,
    mix::{Mixer, PartySet, Playout},
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

criterion_group!(benches, conference, audience, whisper, nothing_shared);
criterion_main!(benches);
