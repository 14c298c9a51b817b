//! The engine against hand-made peers, in virtual time.

mod calls;
mod harness;
mod outgoing;
mod refer;
mod refusals;
mod registration;
mod reliable;
mod sessions;
mod subscriptions;
mod talk;
mod torture;
mod trunks;
mod web;
