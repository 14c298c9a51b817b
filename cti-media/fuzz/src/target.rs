//! The targets by name.

mod answer;
mod dtmf;
mod rtcp;
mod rtp;
mod sdp;
mod sip;
mod wav;

/// One kind of input that comes from outside.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, and that of the folder of its seeds. What stands before the first hyphen names its dictionary, where
    /// there is one.
    pub name: &'static str,
    /// How often an ordinary test run tries it.
    pub runs: u64,
    /// Takes one input; panics when a promise is broken.
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: [Target; 9] = [
    Target { name: "sip", runs: 1500, run: sip::requests },
    Target { name: "sip-answer", runs: 1500, run: answer::run },
    Target { name: "sip-info", runs: 1500, run: sip::info },
    Target { name: "sdp", runs: 5000, run: sdp::run },
    Target { name: "rtp", runs: 3000, run: rtp::run },
    Target { name: "rtcp", runs: 20_000, run: rtcp::run },
    Target { name: "dtmf-events", runs: 20_000, run: dtmf::events },
    Target { name: "dtmf-tones", runs: 1000, run: dtmf::tones },
    Target { name: "wav", runs: 5000, run: wav::run },
];

/// The longest input, in bytes.
pub const LONGEST: usize = 8192;

impl Target {
    /// Finds a target by its name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        TARGETS.into_iter().find(|target| target.name == name)
    }

    /// Returns the name of its dictionary: several targets may share one.
    #[must_use]
    pub fn dictionary(&self) -> &'static str {
        self.name.split('-').next().unwrap_or_default()
    }
}
