//! Tickets: model and rules.
