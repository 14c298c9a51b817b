//! Waiting for what will happen, with a limit.
#![expect(clippy::disallowed_methods, reason = "tests against a running server live in real time")]

use std::{
    net::{TcpListener, UdpSocket},
    thread,
    time::{Duration, Instant},
};

/// Asks every 20 ms until there is an answer.
///
/// # Panics
/// When there is none within `limit`; the message names `what`.
pub(crate) fn until<T>(what: &str, limit: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < limit, "{what} did not happen within {limit:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Returns a port of 127.0.0.1 that is free for UDP and TCP at this moment.
pub(crate) fn free_port() -> u16 {
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = tcp.local_addr().unwrap().port();
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
