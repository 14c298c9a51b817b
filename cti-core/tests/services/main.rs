//! The services on calls, as scenarios: what each of them does to calls, parties, agents and to who hears whom.
#![expect(clippy::unwrap_used, reason = "a test that finds nothing there has failed")]

mod begin;
mod complaints;
mod conference;
mod configure;
mod consult;
mod data;
mod devices;
mod floor;
mod group_call;
mod off_hook;
mod quality;
mod queues;
mod recording;
mod referred;
mod ring_all;
mod sums;
mod supervise;
mod transfer;
mod trunks;
mod walk;
