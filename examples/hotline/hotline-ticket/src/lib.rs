//! Tickets (工单): the model and its rules, without storage and without a clock.
//!
//! A [`Draft`](draft::Draft) is what an agent typed; [`Draft::check`](draft::Draft::check) turns it into a
//! [`NewTicket`](draft::NewTicket) or names the field that is wrong. The store gives it a [`TicketNo`](number::TicketNo)
//! and makes it a [`Ticket`](ticket::Ticket).
//!
//! ```
//! use hotline_ticket::{category::Categories, draft::Draft};
//!
//! let draft = Draft { category: "noise".into(), text: "楼下施工到半夜".into(), ..Draft::default() };
//! let ticket = draft.check(&Categories::standard()).unwrap();
//! assert_eq!(ticket.title, "楼下施工到半夜");
//! ```

pub mod category;
pub mod draft;
pub mod kind;
pub mod number;
pub mod status;
pub mod ticket;
