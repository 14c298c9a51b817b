//! The 12345 hotline centre: reads configuration, wires the parts, nothing else.

pub mod accounts;
pub mod app;
pub mod assets;
pub mod bindings_file;
pub mod calendar;
pub mod call_log;
pub mod certificates;
pub mod commands;
pub mod config;
pub mod erasure;
pub mod files;
pub mod flows;
pub mod http;
pub mod parts;
pub mod people;
pub mod phone_book;
pub mod prompts;
pub mod recognizers;
pub mod recordings;
pub mod routing;
pub mod seal;
pub mod server;
pub mod services;
pub mod sip_socket;
pub mod speech;
pub mod tables;
