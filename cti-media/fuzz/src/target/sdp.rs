//! Session descriptions as offer and as answer, with every kind of protection.

use cti_media::sdp::{Direction, DtlsLocal, Local, Protect, Session, SrtpKey, profile_of};

/// Takes a description; what we answer to it can be read by another one of us.
pub(super) fn run(data: &[u8]) {
    let _ = profile_of(data);
    let kinds = [
        Protect::Plain,
        Protect::Sdes(SrtpKey([7; 30])),
        Protect::Dtls(DtlsLocal { fingerprint: [9; 32], seed: [3; 32] }),
    ];
    for protect in kinds {
        let local = Local::new(([10, 0, 0, 1], 40_000).into()).protected(protect.clone());
        let mut session = Session::new(1, local.clone());
        for direction in [Direction::SendRecv, Direction::SendOnly] {
            let Ok((answer, agreed)) = session.answer(data, direction) else { break };
            let profile = profile_of(answer.as_bytes()).expect("our answer can be read");
            assert_eq!(profile, Some(protect.profile()), "{answer}");
            assert_ne!(agreed.remote.port(), 0);
            assert!(!agreed.remote.ip().is_multicast());
            assert!((1..=200).contains(&agreed.ptime), "{} ms", agreed.ptime);
        }
        let mut session = Session::new(1, local);
        let offer = session.offer(Direction::SendRecv);
        if let Ok(agreed) = session.accept(data) {
            assert!(agreed.receive_codecs.contains(agreed.codec), "{offer}");
        }
        let _ = session.offer(Direction::RecvOnly);
    }
}
