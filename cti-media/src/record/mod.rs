//! Recording: packets laid on a time line while still encoded, written as WAV by a thread of its own.
//!
//! A worker copies each payload into a [`Track`](track::Track) at the place its arrival and
//! timestamp give it. Every 700 ms what is older than 200 ms goes to the writer, which
//! decodes it and keeps the file's header valid, so that a crash loses less than a second.
//! With a key the file is [sealed]; [`RecordedAudio`](audio::RecordedAudio) reads both kinds.

pub mod audio;
pub mod sealed;
mod space;
pub mod track;
pub(crate) mod writer;

pub use space::free_space;
