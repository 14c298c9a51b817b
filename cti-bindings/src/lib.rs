//! How others speak to the Center: a view of what is going on, and REST with WebSocket.
//!
//! The bindings hold no call state of their own. [`View`](view::View) is a fold over the events of the log;
//! [`Centre`](centre::Centre) is all they need of a running Center; [`Records`](records::Records) is all they need of
//! a store. They know no users and no passwords: an application brings its own `Authorizer`.

pub mod centre;
pub mod live;
pub mod parties;
pub mod records;
pub mod rest;
pub mod view;

#[cfg(any(test, feature = "testkit"))]
pub mod fake;
#[cfg(any(test, feature = "testkit"))]
pub mod testlog;
#[cfg(any(test, feature = "testkit"))]
pub mod testworld;
