//! Hands out pairs of an even RTP port and the odd RTCP port above it.

use std::{
    collections::VecDeque,
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
    ops::RangeInclusive,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Pairs tried before the range counts as taken by other programs.
const MAX_ATTEMPTS: usize = 64;

/// No pair of ports could be bound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// Every pair of the range carries a leg.
    #[error("media ports {first}-{last} are all in use", first = .0.start(), last = .0.end())]
    Exhausted(RangeInclusive<u16>),
    /// The system refused the sockets.
    #[error("media port on {address}: {reason}")]
    Refused {
        /// The address that was tried last.
        address: SocketAddr,
        /// What the system said.
        reason: String,
    },
}

/// The ports of one listener.
#[derive(Debug)]
pub(super) struct PortPool {
    bind: IpAddr,
    range: RangeInclusive<u16>,
    /// Even ports that are free; the one that has been free longest is at the front.
    free: Mutex<VecDeque<u16>>,
    live_sockets: Arc<AtomicU64>,
}

/// Two bound sockets; dropping it closes them and frees the ports.
#[derive(Debug)]
pub(super) struct PortPair {
    pub(super) rtp: UdpSocket,
    pub(super) rtcp: UdpSocket,
    /// Declared last: the sockets close before the ports count as free.
    pub(super) lease: PortLease,
}

/// The claim to a pair of ports.
#[derive(Debug)]
pub(super) struct PortLease {
    port: u16,
    pool: Arc<PortPool>,
}

impl PortPool {
    /// Returns `None` when the range holds no pair.
    pub(super) fn new(
        bind: IpAddr,
        range: RangeInclusive<u16>,
        live_sockets: Arc<AtomicU64>,
    ) -> Option<Self> {
        let free: VecDeque<u16> = range
            .clone()
            .filter(|&port| port % 2 == 0 && port != 0 && port < *range.end())
            .collect();
        (!free.is_empty()).then_some(Self { bind, range, free: Mutex::new(free), live_sockets })
    }

    /// Binds the next free pair, skipping ports that other programs hold.
    pub(super) fn bind_pair(self: &Arc<Self>) -> Result<PortPair, PortError> {
        let mut error = PortError::Exhausted(self.range.clone());
        for _ in 0..MAX_ATTEMPTS {
            let Some(port) = self.lock().pop_front() else { return Err(error) };
            match bind_both(self.bind, port) {
                Ok((rtp, rtcp)) => {
                    self.live_sockets.fetch_add(2, Ordering::Relaxed);
                    let lease = PortLease { port, pool: Arc::clone(self) };
                    return Ok(PortPair { rtp, rtcp, lease });
                }
                Err(refused) => {
                    self.lock().push_back(port);
                    let address = SocketAddr::new(self.bind, port);
                    error = PortError::Refused { address, reason: refused.to_string() };
                    if refused.kind() != io::ErrorKind::AddrInUse {
                        return Err(error);
                    }
                }
            }
        }
        Err(error)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<u16>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PortLease {
    /// Returns the even port.
    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for PortLease {
    fn drop(&mut self) {
        self.pool.live_sockets.fetch_sub(2, Ordering::Relaxed);
        self.pool.lock().push_back(self.port);
    }
}

fn bind_both(address: IpAddr, port: u16) -> io::Result<(UdpSocket, UdpSocket)> {
    let rtp = UdpSocket::bind((address, port))?;
    let rtcp = UdpSocket::bind((address, port + 1))?;
    rtp.set_nonblocking(true)?;
    rtcp.set_nonblocking(true)?;
    Ok((rtp, rtcp))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(range: RangeInclusive<u16>) -> (Arc<PortPool>, Arc<AtomicU64>) {
        let sockets = Arc::new(AtomicU64::new(0));
        let bind = IpAddr::from([127, 0, 0, 31]);
        (Arc::new(PortPool::new(bind, range, Arc::clone(&sockets)).unwrap()), sockets)
    }

    #[test]
    fn a_pair_is_even_and_the_next_odd_port_and_free_again_when_dropped() {
        let (pool, sockets) = pool(31_001..=31_004);
        let pair = pool.bind_pair().unwrap();
        assert_eq!(pair.rtp.local_addr().unwrap().port(), 31_002);
        assert_eq!(pair.rtcp.local_addr().unwrap().port(), 31_003);
        assert_eq!(sockets.load(Ordering::Relaxed), 2);
        assert_eq!(pool.bind_pair().unwrap_err(), PortError::Exhausted(31_001..=31_004));
        drop(pair);
        assert_eq!(sockets.load(Ordering::Relaxed), 0);
        assert!(pool.bind_pair().is_ok());
    }

    #[test]
    fn ports_held_by_another_program_are_skipped() {
        let _other = UdpSocket::bind("127.0.0.31:31011").unwrap();
        let (pool, _) = pool(31_010..=31_013);
        assert_eq!(pool.bind_pair().unwrap().rtp.local_addr().unwrap().port(), 31_012);
    }

    #[test]
    fn a_range_without_a_pair_is_refused() {
        let sockets = Arc::new(AtomicU64::new(0));
        let bind = IpAddr::from([127, 0, 0, 1]);
        assert!(PortPool::new(bind, 31_021..=31_022, Arc::clone(&sockets)).is_none());
        assert!(PortPool::new(bind, 31_020..=31_020, sockets).is_none());
    }
}
