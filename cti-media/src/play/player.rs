//! Reads a sequence of clips, silence and music as one stream of packets.

use super::Clip;
use crate::codec::Codec;

/// One part of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A clip from its beginning.
    Clip(Clip),
    /// Nothing, for this many samples.
    Silence(usize),
    /// A clip that goes on where it would be if it had been playing all the time, like a radio; for music.
    Music(Clip),
}

impl Item {
    fn samples(&self) -> usize {
        match self {
            Self::Clip(clip) | Self::Music(clip) => clip.samples(),
            Self::Silence(samples) => *samples,
        }
    }
}

/// What to play, resolved to audio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// The parts, one after the other without a gap.
    pub items: Vec<Item>,
    /// Whether to begin again after the last part.
    pub looped: bool,
}

/// A position in a sequence.
#[derive(Clone, Debug)]
pub struct Player {
    sequence: Sequence,
    index: usize,
    offset: usize,
}

impl Player {
    /// Starts at the beginning; `radio_samples` is the position of all music, counted by the worker.
    #[must_use]
    pub fn new(sequence: Sequence, radio_samples: u64) -> Self {
        let mut player = Self { sequence, index: 0, offset: 0 };
        player.offset = player.start_of_item(radio_samples);
        player
    }

    /// Fills one packet; returns `false` when nothing was left to fill it with.
    ///
    /// A sequence that ends within the packet is completed with silence.
    pub fn fill(&mut self, codec: Codec, packet: &mut [u8], radio_samples: u64) -> bool {
        let mut filled = 0;
        // A looped sequence of empty parts must not spin: one pass without progress is the end.
        let mut idle_items = 0;
        while filled < packet.len() && idle_items <= self.sequence.items.len() {
            let Some(item) = self.sequence.items.get(self.index) else { break };
            let count = (item.samples().saturating_sub(self.offset)).min(packet.len() - filled);
            let target = &mut packet[filled..filled + count];
            match item {
                Item::Clip(clip) | Item::Music(clip) => {
                    let bytes = clip.encoded(codec);
                    target.copy_from_slice(&bytes[self.offset..self.offset + count]);
                }
                Item::Silence(_) => target.fill(codec.silence()),
            }
            idle_items = if count == 0 { idle_items + 1 } else { 0 };
            filled += count;
            self.offset += count;
            self.advance_when_done(radio_samples + filled as u64);
        }
        packet[filled..].fill(codec.silence());
        filled > 0
    }

    fn advance_when_done(&mut self, radio_samples: u64) {
        let Some(item) = self.sequence.items.get(self.index) else { return };
        if self.offset < item.samples() {
            return;
        }
        let finished = self.index;
        self.index += 1;
        if self.index == self.sequence.items.len() && self.sequence.looped {
            self.index = 0;
        }
        // Music that follows itself goes on at its beginning, however long the player was paused.
        self.offset = if self.index == finished { 0 } else { self.start_of_item(radio_samples) };
    }

    fn start_of_item(&self, radio_samples: u64) -> usize {
        match self.sequence.items.get(self.index) {
            Some(Item::Music(clip)) if clip.samples() > 0 => {
                (radio_samples % clip.samples() as u64) as usize
            }
            Some(Item::Music(_) | Item::Clip(_) | Item::Silence(_)) | None => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(from: i16, count: i16) -> Clip {
        let samples: Vec<i16> = (from..from + count).map(|n| n * 64).collect();
        Clip::from_samples(&samples)
    }

    fn drain(player: &mut Player) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut packet = [0; 160];
        while player.fill(Codec::Pcma, &mut packet, 0) {
            bytes.extend_from_slice(&packet);
        }
        bytes
    }

    #[test]
    fn clips_follow_each_other_without_a_gap() {
        let (first, second) = (ramp(0, 100), ramp(-200, 150));
        let expected = [first.encoded(Codec::Pcma), second.encoded(Codec::Pcma)].concat();
        let items = vec![Item::Clip(first), Item::Clip(second)];
        let mut player = Player::new(Sequence { items, looped: false }, 0);

        let bytes = drain(&mut player);

        assert_eq!(bytes[..250], expected);
        assert_eq!(bytes.len(), 320);
        assert!(bytes[250..].iter().all(|&byte| byte == Codec::Pcma.silence()));
    }

    #[test]
    fn a_looped_sequence_begins_again_within_the_packet() {
        let clip = ramp(0, 100);
        let encoded = clip.encoded(Codec::Pcma).to_vec();
        let mut player = Player::new(Sequence { items: vec![Item::Clip(clip)], looped: true }, 0);
        let mut packet = [0; 160];
        assert!(player.fill(Codec::Pcma, &mut packet, 0));
        assert_eq!(packet[..100], encoded);
        assert_eq!(packet[100..], encoded[..60]);
    }

    #[test]
    fn music_goes_on_where_it_would_be() {
        let clip = ramp(0, 400);
        let encoded = clip.encoded(Codec::Pcmu).to_vec();
        let items = vec![Item::Music(clip)];
        let mut player = Player::new(Sequence { items, looped: true }, 1000);
        let mut packet = [0; 160];
        assert!(player.fill(Codec::Pcmu, &mut packet, 1000));
        assert_eq!(packet[..], encoded[200..360]);
    }

    #[test]
    fn music_alone_in_a_loop_never_jumps() {
        let clip = ramp(0, 400);
        let encoded = clip.encoded(Codec::Pcmu).to_vec();
        let items = vec![Item::Music(clip)];
        let mut player = Player::new(Sequence { items, looped: true }, 0);
        let mut bytes = Vec::new();
        for n in 0..10 {
            let mut packet = [0; 160];
            // The worker's position runs ahead, as after keys were pressed in between.
            assert!(player.fill(Codec::Pcmu, &mut packet, 777 + n * 160));
            bytes.extend_from_slice(&packet);
        }
        assert_eq!(bytes, encoded.repeat(4));
    }

    #[test]
    fn an_empty_loop_ends_instead_of_spinning() {
        let items = vec![Item::Silence(0), Item::Clip(ramp(0, 0))];
        let mut player = Player::new(Sequence { items, looped: true }, 0);
        assert!(!player.fill(Codec::Pcma, &mut [0; 160], 0));
    }

    #[test]
    fn silence_has_its_length() {
        let items = vec![Item::Silence(480)];
        let mut player = Player::new(Sequence { items, looped: false }, 0);
        assert_eq!(drain(&mut player).len(), 480);
    }
}
