//! Keeping tickets: created once, confirmed when durable.

use async_trait::async_trait;
use cti_bindings::records::filter::{Page, PageRequest};
use cti_core::{address::PhoneNumber, time::Timestamp};
use hotline_ticket::{
    category::Categories, draft::NewTicket, number::SequenceExhausted, number::TicketNo,
    status::TicketStatus, ticket::Ticket,
};

use crate::error::StoreError;

/// Who asks for a ticket, and under which name he may ask again without making a second one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketRequest {
    /// The web user.
    pub user: String,
    /// The name of the request, chosen by the program that asks (`Idempotency-Key`).
    pub key: Option<String>,
    /// The citizen's number in normal form, by which his tickets are found; as it is in the ticket when absent.
    pub caller_normal: Option<PhoneNumber>,
}

/// A ticket that is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The ticket.
    pub ticket: Ticket,
    /// Whether this request made it; otherwise an earlier one of the same name or call did.
    pub fresh: bool,
}

/// Why no ticket was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateTicketError {
    /// An earlier request had the same name and another content.
    #[error("the idempotency key was used for another ticket")]
    KeyReused,
    /// The day's numbers are used up.
    #[error(transparent)]
    Exhausted(#[from] SequenceExhausted),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which tickets are wanted; an absent field does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketFilter {
    /// The citizen's number, in normal form.
    pub caller: Option<PhoneNumber>,
    /// Where they stand.
    pub status: Option<TicketStatus>,
    /// Who took them down.
    pub agent: Option<cti_core::id::AgentId>,
}

/// Keeps tickets.
#[async_trait]
pub trait TicketStore: Send + Sync {
    /// Makes a ticket, or returns the one that the same request or the same call has made already. It is durable when
    /// this returns.
    ///
    /// # Errors
    /// When the request's key belongs to another ticket, the day's numbers are used up or the store fails.
    async fn create(
        &self,
        now: Timestamp,
        request: TicketRequest,
        ticket: NewTicket,
    ) -> Result<Created, CreateTicketError>;

    /// Returns one ticket.
    async fn ticket(&self, no: &TicketNo) -> Result<Option<Ticket>, StoreError>;

    /// Returns the tickets that fit, the newest first. A cursor that no page gave is a `Value` error of `after`.
    async fn tickets(
        &self,
        filter: &TicketFilter,
        page: PageRequest,
    ) -> Result<Page<Ticket>, StoreError>;

    /// Returns the classification.
    async fn categories(&self) -> Result<Categories, StoreError>;
}
