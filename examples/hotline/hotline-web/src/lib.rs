//! The browser application, built and embedded.
