//! What the hotline keeps: records projected from the Center's log, tickets, users and who sits where.
//!
//! Two truths, never mixed. The Center's journal is the truth of telephony: [`projection`] folds its events into rows
//! that are written together with the number of the last event, so that each call is recorded exactly once however
//! often events are delivered. Tickets and users have their truth here; a ticket is confirmed only after it is on disk.
//!
//! The traits [`Records`](cti_bindings::records::Records), [`TicketStore`](tickets::TicketStore),
//! [`UserStore`](users::UserStore), [`DirectoryStore`](directory::DirectoryStore) and
//! [`ProjectionStore`](projection::ProjectionStore) are the seam to the database; [`sqlite::SqliteStore`] implements
//! them all.

pub mod demo;
pub mod directory;
pub mod erasure;
pub mod error;
pub mod follow;
pub mod password;
pub mod projection;
pub mod sqlite;
pub mod statistics;
pub mod tickets;
pub mod users;
