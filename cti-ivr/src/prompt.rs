//! What is played: a list of recorded prompts, tones and silences.

use std::time::Duration;

use cti_core::switch::{Clip, Tone};
use serde::{Deserialize, Deserializer, de::Error as _};

/// A prompt has at most this many pieces.
pub const MAX_PIECES: usize = 32;

/// The pieces of a prompt, in order.
///
/// In a flow a piece is the id of a recorded prompt (`"greeting-12345"`), a tone (`{"tone": "beep"}`) or a silence
/// (`{"silence_ms": 300}`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt(Vec<Clip>);

#[derive(Deserialize)]
#[serde(untagged, expecting = "a piece is a prompt id, {\"tone\": …} or {\"silence_ms\": …}")]
enum Piece {
    Recorded(String),
    Tone { tone: Tone },
    Silence { silence_ms: u64 },
}

impl<'de> Deserialize<'de> for Prompt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pieces = Vec::<Piece>::deserialize(deserializer)?;
        if pieces.len() > MAX_PIECES {
            return Err(D::Error::custom(format!("a prompt has at most {MAX_PIECES} pieces")));
        }
        let clip = |piece| match piece {
            Piece::Recorded(id) if id.trim().is_empty() => {
                Err(D::Error::custom("the id of a prompt is empty"))
            }
            Piece::Recorded(id) => Ok(Clip::Prompt(id)),
            Piece::Tone { tone } => Ok(Clip::Tone(tone)),
            Piece::Silence { silence_ms } if silence_ms > 60_000 => {
                Err(D::Error::custom("a silence lasts at most 60000 ms"))
            }
            Piece::Silence { silence_ms } => Ok(Clip::Silence(Duration::from_millis(silence_ms))),
        };
        pieces.into_iter().map(clip).collect::<Result<_, _>>().map(Self)
    }
}

impl Prompt {
    /// Returns whether nothing is played.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the clips.
    #[must_use]
    pub fn clips(&self) -> &[Clip] {
        &self.0
    }

    /// Returns this prompt, then what is read, then another prompt.
    #[must_use]
    pub fn around(&self, read: Vec<Clip>, after: &Self) -> Vec<Clip> {
        self.0.iter().cloned().chain(read).chain(after.0.iter().cloned()).collect()
    }

    /// Returns this prompt and then another.
    #[must_use]
    pub fn then(&self, next: &Self) -> Vec<Clip> {
        self.around(Vec::new(), next)
    }

    /// Returns the ids of the recorded prompts.
    pub fn recorded(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|clip| match clip {
            Clip::Prompt(id) => Some(id.as_str()),
            Clip::Tone(_) | Clip::Silence(_) | Clip::Recording(_) | Clip::Text { .. } => None,
        })
    }
}
