//! An endpoint without sockets, clock or task, for benches, fuzzing and tests of protocols.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use bytes::Bytes;

use crate::sip::{
    Accounts, DialogKey, SipConfig, SipEvent, SipStats, Target, Transport,
    engine::{Engine, Input, Listener, Output, Parts},
    entropy::SystemEntropy,
    flow::Flow,
    handle::{Command, Dial},
};

/// The SIP machine by itself: datagrams and time in, datagrams and events out.
pub struct SipProbe {
    engine: Engine,
    stats: Arc<SipStats>,
}

/// What came of one step.
#[derive(Debug, Default)]
pub struct ProbeOutput {
    /// The datagrams sent, with where they go.
    pub sent: Vec<(SocketAddr, Bytes)>,
    /// The events reported.
    pub events: Vec<SipEvent>,
}

impl std::fmt::Debug for SipProbe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SipProbe").field("stats", &self.stats).finish_non_exhaustive()
    }
}

impl SipProbe {
    /// Makes an endpoint that is known to its peers as `address`, over UDP; the listeners of `config` are ignored.
    ///
    /// # Panics
    ///
    /// When the system has no random bytes.
    #[must_use]
    pub fn new(config: SipConfig, address: SocketAddr, accounts: Arc<dyn Accounts>) -> Self {
        let entropy = SystemEntropy::new().expect("the system has random bytes");
        let stats = Arc::new(SipStats::default());
        let parts = Parts {
            listeners: vec![Listener {
                transport: Transport::Udp,
                public: address,
                allowed: Vec::new(),
            }],
            accounts,
            entropy: Box::new(entropy),
            stats: Arc::clone(&stats),
            keys: Arc::new(AtomicU64::new(1)),
            connection_ids: Arc::new(AtomicU64::new(1)),
            started_unix: 0,
        };
        Self { engine: Engine::new(config, parts), stats }
    }

    /// Feeds one datagram that arrived at `now` after the start.
    pub fn receive(&mut self, now: Duration, source: SocketAddr, data: Bytes) -> ProbeOutput {
        let flow = Flow::datagram(0, source);
        self.engine.handle(now, Input::Message { flow, data });
        self.output()
    }

    /// Answers an incoming call.
    pub fn answer(&mut self, now: Duration, dialog: DialogKey, sdp: Vec<u8>) -> ProbeOutput {
        self.engine.handle(now, Input::Command(Command::Answer { dialog, sdp }));
        self.output()
    }

    /// Calls somebody; returns the leg beside what came of it.
    pub fn dial(
        &mut self,
        now: Duration,
        target: Target,
        sdp: Vec<u8>,
    ) -> (DialogKey, ProbeOutput) {
        let dialog = self.engine.new_key();
        let dial = Dial {
            dialog,
            target,
            from_user: String::from("12345"),
            from_display: String::new(),
            headers: Vec::new(),
            offer: Some(sdp.into()),
        };
        self.engine.handle(now, Input::Command(Command::Dial(Box::new(dial))));
        (dialog, self.output())
    }

    /// Ends a call, whatever it has come to.
    pub fn hang_up(&mut self, now: Duration, dialog: DialogKey) -> ProbeOutput {
        self.engine.handle(now, Input::Command(Command::Hangup { dialog }));
        self.output()
    }

    /// Fires what is due at `now`.
    pub fn pass_time(&mut self, now: Duration) -> ProbeOutput {
        self.engine.handle_timeout(now);
        self.output()
    }

    /// Returns the gauges and counters.
    #[must_use]
    pub fn stats(&self) -> &SipStats {
        &self.stats
    }

    fn output(&mut self) -> ProbeOutput {
        let mut output = ProbeOutput::default();
        while let Some(next) = self.engine.poll_output() {
            match next {
                Output::Send { flow, data } => output.sent.push((flow.remote, data)),
                Output::Event(event) => output.events.push(event),
                Output::Connect { .. } | Output::Close { .. } | Output::Stop => {}
            }
        }
        output
    }
}
