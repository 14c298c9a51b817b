//! A party has left the others waiting, whoever asked for it: his phone or a service.

use super::Center;
use crate::{connection::ConnectionState, event::Fact, id::LegId};

impl Center {
    /// The party's phone put the call on hold.
    pub(super) fn held(&mut self, leg: LegId) {
        let Some(call) = self.state.active_call(leg) else { return };
        let Some(it) = self.state.calls.get(&call).filter(|it| it.is_talk()) else { return };
        if it.member(leg).is_some_and(|it| it.state == ConnectionState::Connected) {
            self.emit(Fact::Held { call, leg });
        }
    }
}
