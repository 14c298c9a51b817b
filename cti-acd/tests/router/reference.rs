//! The router against an obvious one.
//!
//! Random centres are driven through both, with skills, levels, regions, sites, named agents, several media,
//! priorities, ageing, relaxation, moves, overflow, misses and supervisors; every proposal, every position and the end
//! of every proposing must be the same.
//!
//! - [`lists`] is what facts told, as plain lists.
//! - [`matcher`] decides by looking at everybody: who is offered next, and to whom.
//! - [`due`] is what is proposed when nobody can be offered: overflow, moves, raises, alarms.
//! - [`streams`] makes random centres and lets them live.
//! - [`compare`] drives both and compares.

pub(crate) mod compare;
mod due;
mod lists;
mod matcher;
pub(crate) mod streams;
