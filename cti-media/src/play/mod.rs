//! Playing: prompts made fit and encoded once, spliced into sequences without gaps.

mod clip;
mod library;
mod player;
pub mod prepare;
pub mod wav;

pub use clip::Clip;
pub use library::{ClipLibrary, LoadError, MissingClip};
pub use player::{Item, Player, Sequence};
