//! Sums voices: each listener gets those he hears, and nobody himself.

use std::collections::BTreeMap;

use super::{Frame, PartySet};
use crate::codec::{Codec, FRAME_SAMPLES};

/// One mix, fed and asked once per 20 ms: [`clear`](Self::clear), [`speak`](Self::speak) for each voice,
/// then [`hear`](Self::hear) or [`encoded`](Self::encoded) for each listener.
///
/// Listeners whose sets differ in nothing but themselves share a bus: its sum is made once, and who
/// speaks on it has his own voice taken out of it. Those who say nothing share the encoding as well.
#[derive(Clone, Debug)]
pub struct Mixer {
    hears: Vec<PartySet>,
    /// Everybody whom somebody hears.
    heard: PartySet,
    buses: Vec<Bus>,
    bus_of: Vec<Option<usize>>,
    voices: Vec<Frame>,
    speaking: PartySet,
    /// An encoding that nobody shares.
    own: [u8; FRAME_SAMPLES],
}

#[derive(Clone, Debug)]
struct Bus {
    parties: PartySet,
    total: Option<Box<[i32; FRAME_SAMPLES]>>,
    encoded: [Option<Box<[u8; FRAME_SAMPLES]>>; Codec::ALL.len()],
}

impl Mixer {
    /// Makes a mix of `hears.len()` parties, at most [`MAX_PARTIES`](super::MAX_PARTIES): party `n` hears
    /// `hears[n]`, itself excepted.
    #[must_use]
    pub fn new(hears: &[PartySet]) -> Self {
        let hears: Vec<PartySet> =
            hears.iter().enumerate().map(|(party, set)| set.without(party)).collect();
        let heard = hears.iter().fold(PartySet::default(), |all, set| all.or(set));
        let (buses, bus_of) = buses(&hears);
        Self {
            voices: vec![[0; FRAME_SAMPLES]; hears.len()],
            hears,
            heard,
            buses,
            bus_of,
            speaking: PartySet::default(),
            own: [0; FRAME_SAMPLES],
        }
    }

    /// Returns whether anybody hears a party; what it says is not needed otherwise.
    #[must_use]
    pub fn is_heard(&self, party: usize) -> bool {
        self.heard.contains(party)
    }

    /// Returns whom a party hears.
    #[must_use]
    pub fn hears(&self, party: usize) -> PartySet {
        self.hears.get(party).copied().unwrap_or_default()
    }

    /// Begins a frame in which nobody has spoken yet.
    pub fn clear(&mut self) {
        self.speaking = PartySet::default();
        for bus in &mut self.buses {
            bus.total = None;
            bus.encoded = Default::default();
        }
    }

    /// Takes the frame of a party; call it at most once per party and frame, before anybody listens.
    pub fn speak(&mut self, party: usize, frame: &Frame) {
        if let Some(voice) = self.voices.get_mut(party) {
            *voice = *frame;
            self.speaking.insert(party);
        }
    }

    /// Returns what a party hears in this frame.
    #[must_use]
    pub fn hear(&mut self, party: usize) -> Frame {
        let Some(bus) = self.bus_of.get(party).copied().flatten() else {
            return [0; FRAME_SAMPLES];
        };
        let speaks = self.speaks_on(bus, party);
        let total = total(&mut self.buses[bus], &self.voices, &self.speaking);
        if speaks { saturate_without(total, &self.voices[party]) } else { saturate(total) }
    }

    /// Returns what a party hears in this frame, in its codec.
    #[must_use]
    pub fn encoded(&mut self, party: usize, codec: Codec) -> &[u8; FRAME_SAMPLES] {
        let shared = self.bus_of.get(party).copied().flatten();
        let Some(bus) = shared.filter(|&bus| !self.speaks_on(bus, party)) else {
            self.own = encode(&self.hear(party), codec);
            return &self.own;
        };
        let bus = &mut self.buses[bus];
        if bus.encoded[codec as usize].is_none() {
            let frame = saturate(total(bus, &self.voices, &self.speaking));
            bus.encoded[codec as usize] = Some(Box::new(encode(&frame, codec)));
        }
        bus.encoded[codec as usize].as_deref().expect("it was encoded right before")
    }

    /// Returns how many sums a frame takes.
    #[must_use]
    pub fn sums(&self) -> usize {
        self.buses.len()
    }

    fn speaks_on(&self, bus: usize, party: usize) -> bool {
        self.speaking.contains(party) && self.buses[bus].parties.contains(party)
    }
}

/// Finds the fewest sets that serve every listener, with himself in it or not.
fn buses(hears: &[PartySet]) -> (Vec<Bus>, Vec<Option<usize>>) {
    let mut uses: BTreeMap<PartySet, usize> = BTreeMap::new();
    let listeners = || hears.iter().enumerate().filter(|(_, set)| !set.is_empty());
    for (party, set) in listeners() {
        *uses.entry(*set).or_default() += 1;
        *uses.entry(set.with(party)).or_default() += 1;
    }
    let mut buses = Vec::new();
    let mut known: BTreeMap<PartySet, usize> = BTreeMap::new();
    let mut bus_of = vec![None; hears.len()];
    for (party, set) in listeners() {
        let with_himself = set.with(party);
        let parties = if uses[&with_himself] > uses[set] { with_himself } else { *set };
        let bus = *known.entry(parties).or_insert_with(|| {
            buses.push(Bus { parties, total: None, encoded: Default::default() });
            buses.len() - 1
        });
        bus_of[party] = Some(bus);
    }
    (buses, bus_of)
}

fn total<'a>(bus: &'a mut Bus, voices: &[Frame], speaking: &PartySet) -> &'a [i32; FRAME_SAMPLES] {
    bus.total.get_or_insert_with(|| {
        let mut total = Box::new([0; FRAME_SAMPLES]);
        for party in bus.parties.and(speaking).iter() {
            for (sum, sample) in total.iter_mut().zip(&voices[party]) {
                *sum += i32::from(*sample);
            }
        }
        total
    })
}

fn saturate(total: &[i32; FRAME_SAMPLES]) -> Frame {
    std::array::from_fn(|n| limit(total[n]))
}

fn saturate_without(total: &[i32; FRAME_SAMPLES], voice: &Frame) -> Frame {
    std::array::from_fn(|n| limit(total[n] - i32::from(voice[n])))
}

fn limit(sum: i32) -> i16 {
    sum.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}

fn encode(frame: &Frame, codec: Codec) -> [u8; FRAME_SAMPLES] {
    std::array::from_fn(|n| codec.encode(frame[n]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The obvious way: sample by sample over everybody he hears.
    fn expected(hears: &[PartySet], voices: &[Option<Frame>], party: usize) -> Frame {
        std::array::from_fn(|n| {
            let heard =
                (0..voices.len()).filter(|&other| other != party && hears[party].contains(other));
            let sum: i64 =
                heard.filter_map(|other| voices[other].map(|voice| i64::from(voice[n]))).sum();
            sum.clamp(-32768, 32767) as i16
        })
    }

    fn frame(seed: i32) -> Frame {
        std::array::from_fn(|n| (seed.wrapping_mul(7919).wrapping_mul(n as i32 + 3) >> 3) as i16)
    }

    fn everybody(count: usize) -> PartySet {
        (0..count).collect()
    }

    fn check(mixer: &mut Mixer, hears: &[PartySet], voices: &[Option<Frame>]) {
        mixer.clear();
        for (party, voice) in voices.iter().enumerate() {
            if let Some(voice) = voice {
                mixer.speak(party, voice);
            }
        }
        for party in 0..hears.len() {
            let expected = expected(hears, voices, party);
            assert_eq!(mixer.hear(party), expected, "party {party}");
            for codec in Codec::ALL {
                let encoded = expected.map(|sample| codec.encode(sample));
                assert_eq!(*mixer.encoded(party, codec), encoded, "party {party} in {codec}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn each_listener_gets_the_saturated_sum_of_exactly_those_he_hears(
            matrix in (1_usize..24).prop_flat_map(|n| {
                prop::collection::vec(prop::collection::vec(any::<bool>(), n), n)
            }),
            frames in prop::collection::vec(prop::collection::vec(any::<Option<i32>>(), 24), 1..4),
        ) {
            let hears: Vec<PartySet> = matrix
                .iter()
                .map(|row| (0..row.len()).filter(|&party| row[party]).collect())
                .collect();
            let mut mixer = Mixer::new(&hears);
            for seeds in &frames {
                let voices: Vec<_> =
                    seeds[..hears.len()].iter().map(|seed| seed.map(frame)).collect();
                check(&mut mixer, &hears, &voices);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20))]
        #[test]
        fn conferences_with_roles_are_exact_however_large(
            count in 2_usize..=200,
            roles in prop::collection::vec(0..4_u8, 200),
            seeds in prop::collection::vec(any::<Option<i32>>(), 200),
        ) {
            // 0 and 1 speak, 2 listens only, 3 coaches the party before him.
            let speakers: PartySet = (0..count).filter(|&party| roles[party] < 2).collect();
            let hears: Vec<PartySet> = (0..count)
                .map(|party| {
                    let coached = party + 1 < count && roles[party + 1] == 3;
                    if coached { speakers.with(party + 1) } else { speakers }
                })
                .collect();
            let voices: Vec<_> = seeds[..count].iter().map(|seed| seed.map(frame)).collect();
            check(&mut Mixer::new(&hears), &hears, &voices);
        }
    }

    #[test]
    fn a_conference_of_any_size_takes_one_sum() {
        for count in [3, 200] {
            let mixer = Mixer::new(&vec![everybody(count); count]);
            assert_eq!(mixer.sums(), 1);
        }
        // Five speak, two hundred listen.
        let speakers = everybody(5);
        assert_eq!(Mixer::new(&[speakers; 200]).sums(), 1);
    }

    #[test]
    fn a_whisper_takes_one_sum_more() {
        // 0 is the citizen, 1 the agent, 2 the supervisor who is heard by the agent alone.
        let set = |parties: &[usize]| parties.iter().copied().collect::<PartySet>();
        let hears = [set(&[1]), set(&[0, 2]), set(&[0, 1])];
        let mut mixer = Mixer::new(&hears);
        assert!(mixer.is_heard(2));
        check(&mut mixer, &hears, &[Some(frame(1)), Some(frame(2)), Some(frame(3))]);
        mixer.clear();
        mixer.speak(2, &frame(3));
        assert_eq!(mixer.hear(0), [0; FRAME_SAMPLES]);
        assert_eq!(mixer.hear(1), frame(3));
    }

    #[test]
    fn loud_voices_are_limited_and_do_not_wrap_around() {
        let mut mixer = Mixer::new(&[everybody(4); 4]);
        mixer.clear();
        for party in 0..3 {
            mixer.speak(party, &[30_000; FRAME_SAMPLES]);
        }
        assert_eq!(mixer.hear(3), [i16::MAX; FRAME_SAMPLES]);
        assert_eq!(mixer.hear(0), [i16::MAX; FRAME_SAMPLES]);
    }

    #[test]
    fn who_hears_nobody_gets_silence() {
        let mut mixer = Mixer::new(&[PartySet::default(), everybody(1)]);
        mixer.clear();
        mixer.speak(0, &frame(9));
        assert_eq!(mixer.hear(0), [0; FRAME_SAMPLES]);
        assert_eq!(mixer.hear(7), [0; FRAME_SAMPLES]);
        assert!(mixer.is_heard(0) && !mixer.is_heard(1));
    }
}
