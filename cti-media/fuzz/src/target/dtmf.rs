//! Keys, as telephone events and as tones in the voice.

use cti_media::{
    dsp::dtmf::DtmfDetector,
    rtp::{
        Digit,
        events::{EVENT_LEN, EventReceiver},
    },
};

/// Takes packets of events: four bytes of timestamp, then as many as an event has; packets of one timestamp that follow
/// each other are one key at most, and a key is what its packet says.
pub(super) fn events(data: &[u8]) {
    let mut receiver = EventReceiver::default();
    let mut before = None;
    for packet in data.chunks(8) {
        let Some((timestamp, payload)) = packet.split_first_chunk::<4>() else { continue };
        let timestamp = u32::from_be_bytes(*timestamp);
        let digit = receiver.on_packet(timestamp, payload);
        if let Some(digit) = digit {
            assert_eq!(Some(digit), payload.first().and_then(|code| Digit::from_code(*code)));
            assert_ne!(before, Some(timestamp), "one event is heard twice");
        }
        if payload.len() >= EVENT_LEN {
            before = Some(timestamp);
        }
    }
    receiver.reset();
}

/// Takes samples; however they are cut into packets, the same keys are heard.
pub(super) fn tones(data: &[u8]) {
    let samples: Vec<i16> =
        data.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    let heard = |piece: usize| {
        let (mut detector, mut keys) = (DtmfDetector::default(), Vec::new());
        for piece in samples.chunks(piece) {
            detector.listen(piece.iter().copied(), |key| keys.push(key));
        }
        keys
    };
    let keys = heard(samples.len().max(1));
    assert_eq!(keys, heard(160), "packets of 20 ms");
    assert_eq!(keys, heard(7), "packets of another length");
    // A key sounds for 40 ms at least.
    assert!(keys.len() <= samples.len() / 320 + 1, "{} keys", keys.len());
}
