//! Decides whose packets a leg believes.
//!
//! ```text
//!          packet from the negotiated IP address
//!   Open ───────────────────────────────────────────▶ Locked (source, SSRC)
//!    │  NAT allowed and a private address announced        ▲
//!    └──▶ Probation (source, SSRC, 1…2) ── third in a row ─┘
//! ```
//!
//! While locked, packets from another source change nothing. The same source may begin with another
//! SSRC (RFC 3550 §8.2: a restarted or forwarded sender) once the old one has been silent.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

/// Packets in a row that make a source behind NAT, or a new SSRC, believed.
const PROBATION_PACKETS: u8 = 3;

/// How long the old SSRC must have been silent before a new one of the same source is believed.
const SSRC_SILENCE: Duration = Duration::from_millis(60);

/// The lock of one leg on its peer.
#[derive(Clone, Debug)]
pub struct Latch {
    announced: SocketAddr,
    nat: bool,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Open,
    Probation { source: SocketAddr, ssrc: u32, packets: u8 },
    Locked { source: SocketAddr, ssrc: u32, heard: Duration, successor: Option<(u32, u8)> },
}

/// What to do with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the peer's first packet; the lock has closed.
    Locked,
    /// It is the peer's.
    Accepted,
    /// It is the peer's first packet with another SSRC.
    NewSsrc,
    /// It is not believed; drop it.
    Foreign,
}

impl Latch {
    /// Waits for packets from the address that SDP announced.
    #[must_use]
    pub fn new(announced: SocketAddr, nat: bool) -> Self {
        Self { announced, nat, state: State::Open }
    }

    /// Takes a new announcement; the lock stays when the address is the same.
    pub fn announce(&mut self, announced: SocketAddr) {
        // An unspecified address is a hold in the old way, not a new place.
        if announced != self.announced && !announced.ip().is_unspecified() {
            self.announced = announced;
            self.state = State::Open;
        }
    }

    /// Takes a source that has proven to be the peer by its keys; the lock goes with it.
    pub fn follow(&mut self, source: SocketAddr) {
        self.announced = source;
        if let State::Locked { source: locked, .. } = &mut self.state {
            *locked = source;
        }
    }

    /// Judges one packet; call it only with packets that are valid otherwise.
    pub fn admit(&mut self, now: Duration, source: SocketAddr, ssrc: u32) -> Verdict {
        let may_learn = self.may_learn();
        match &mut self.state {
            State::Locked { source: locked, ssrc: known, heard, successor } => {
                if source != *locked {
                    return Verdict::Foreign;
                }
                if ssrc == *known {
                    *heard = now;
                    *successor = None;
                    return Verdict::Accepted;
                }
                let packets = match *successor {
                    Some((candidate, packets)) if candidate == ssrc => packets + 1,
                    Some(_) | None => 1,
                };
                *successor = Some((ssrc, packets.min(PROBATION_PACKETS)));
                if packets < PROBATION_PACKETS || now.saturating_sub(*heard) < SSRC_SILENCE {
                    return Verdict::Foreign;
                }
                self.lock(now, source, ssrc);
                Verdict::NewSsrc
            }
            State::Open | State::Probation { .. } if source.ip() == self.announced.ip() => {
                self.lock(now, source, ssrc);
                Verdict::Locked
            }
            State::Open | State::Probation { .. } if !may_learn => Verdict::Foreign,
            State::Open => {
                self.state = State::Probation { source, ssrc, packets: 1 };
                Verdict::Foreign
            }
            State::Probation { source: candidate, ssrc: known, packets } => {
                if (*candidate, *known) != (source, ssrc) {
                    self.state = State::Probation { source, ssrc, packets: 1 };
                    return Verdict::Foreign;
                }
                *packets += 1;
                if *packets < PROBATION_PACKETS {
                    return Verdict::Foreign;
                }
                self.lock(now, source, ssrc);
                Verdict::Locked
            }
        }
    }

    /// Returns where RTP goes: the source that was locked on, before that the announced address.
    #[must_use]
    pub fn target(&self) -> SocketAddr {
        match self.state {
            State::Locked { source, .. } => source,
            State::Open | State::Probation { .. } => self.announced,
        }
    }

    /// Returns whether the peer has been heard.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        matches!(self.state, State::Locked { .. })
    }

    fn lock(&mut self, now: Duration, source: SocketAddr, ssrc: u32) {
        self.state = State::Locked { source, ssrc, heard: now, successor: None };
    }

    fn may_learn(&self) -> bool {
        self.nat && !is_public(self.announced.ip())
    }
}

/// Returns whether an address can be reached from everywhere; one that cannot hints at NAT.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xC0 == 64;
            !(v4.is_private() || v4.is_link_local() || v4.is_loopback() || shared)
        }
        IpAddr::V6(v6) => !(v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_packet_of_the_announced_address_locks_even_from_another_port() {
        let mut latch = Latch::new(address("203.0.113.5:4000"), false);
        assert_eq!(latch.target(), address("203.0.113.5:4000"));
        assert_eq!(latch.admit(at(0), address("203.0.113.5:62000"), 7), Verdict::Locked);
        assert_eq!(latch.target(), address("203.0.113.5:62000"));
        assert_eq!(latch.admit(at(20), address("203.0.113.5:62000"), 7), Verdict::Accepted);
    }

    #[test]
    fn a_stranger_changes_nothing_before_or_after_the_lock() {
        let mut latch = Latch::new(address("203.0.113.5:4000"), true);
        for n in 0..10 {
            assert_eq!(latch.admit(at(n), address("198.51.100.1:4000"), 1), Verdict::Foreign);
        }
        assert!(!latch.is_locked());
        latch.admit(at(20), address("203.0.113.5:4000"), 7);
        for n in 0..10 {
            assert_eq!(latch.admit(at(30 + n), address("203.0.113.5:4002"), 7), Verdict::Foreign);
        }
        assert_eq!(latch.target(), address("203.0.113.5:4000"));
    }

    #[test]
    fn behind_nat_three_packets_in_a_row_of_one_source_are_believed() {
        let mut latch = Latch::new(address("192.168.1.9:4000"), true);
        let (phone, other) = (address("198.51.100.1:700"), address("198.51.100.2:700"));
        assert_eq!(latch.admit(at(0), phone, 7), Verdict::Foreign);
        assert_eq!(latch.admit(at(1), other, 7), Verdict::Foreign);
        assert_eq!(latch.admit(at(2), phone, 7), Verdict::Foreign);
        assert_eq!(latch.admit(at(3), phone, 7), Verdict::Foreign);
        assert_eq!(latch.admit(at(4), phone, 7), Verdict::Locked);
        assert_eq!(latch.target(), phone);
    }

    #[test]
    fn without_nat_a_private_announcement_is_taken_at_its_word() {
        let mut latch = Latch::new(address("192.168.1.9:4000"), false);
        for n in 0..10 {
            assert_eq!(latch.admit(at(n), address("198.51.100.1:700"), 7), Verdict::Foreign);
        }
    }

    #[test]
    fn a_new_ssrc_of_the_same_source_is_believed_only_after_the_old_one_fell_silent() {
        let peer = address("203.0.113.5:4000");
        let mut latch = Latch::new(peer, false);
        latch.admit(at(0), peer, 7);
        for n in 1..10 {
            assert_eq!(latch.admit(at(20 * n), peer, 8), Verdict::Foreign, "injected beside");
            assert_eq!(latch.admit(at(20 * n), peer, 7), Verdict::Accepted);
        }
        assert_eq!(latch.admit(at(200), peer, 8), Verdict::Foreign);
        assert_eq!(latch.admit(at(220), peer, 8), Verdict::Foreign);
        assert_eq!(latch.admit(at(240), peer, 8), Verdict::NewSsrc);
        assert_eq!(latch.admit(at(260), peer, 8), Verdict::Accepted);
    }

    #[test]
    fn a_new_announcement_opens_the_lock_and_the_same_one_keeps_it() {
        let peer = address("203.0.113.5:4000");
        let mut latch = Latch::new(peer, false);
        latch.admit(at(0), peer, 7);
        latch.announce(peer);
        latch.announce(address("0.0.0.0:4000"));
        assert!(latch.is_locked());
        latch.announce(address("203.0.113.5:4010"));
        assert!(!latch.is_locked());
        assert_eq!(latch.target(), address("203.0.113.5:4010"));
    }
}
