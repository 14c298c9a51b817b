//! Playing: prompts loaded and encoded once, spliced into sequences without gaps.

mod clip;
mod library;
mod player;

pub use clip::Clip;
pub use library::{ClipLibrary, LoadError, MissingClip};
pub use player::{Item, Player, Sequence};
