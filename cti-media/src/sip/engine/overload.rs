//! Who is let in when there is no room for all: talks that go on, then emergency calls, then everyone else.

use crate::sip::{address::user_of, engine::Engine, flow::Flow, message::Request};

/// Retry-After while calls are refused, in seconds.
pub(crate) const RETRY_AFTER: &str = "Retry-After: 10\r\n";

/// Dialogs kept for emergency calls beyond the others.
const EMERGENCY_ROOM: usize = 64;

impl Engine {
    /// Refuses an INVITE the endpoint has no room or wish for; `true` if it did.
    pub(crate) fn refuse_overload(&mut self, flow: Flow, request: &Request) -> bool {
        let number = user_of(&request.uri);
        let refused =
            self.draining || !self.has_room(&number) || (self.busy && !self.is_emergency(&number));
        if refused {
            self.refuse(flow, request, 503, "", RETRY_AFTER);
        }
        refused
    }

    /// Whether one more call, to a number, finds room.
    pub(crate) fn has_room(&self, number: &str) -> bool {
        let beyond = if self.is_emergency(number) { EMERGENCY_ROOM } else { 0 };
        self.dialogs.len() < self.config.max_dialogs.saturating_add(beyond)
    }

    pub(crate) fn is_emergency(&self, number: &str) -> bool {
        self.config.emergency.iter().any(|it| it == number)
    }
}
