//! Route Request (ECMA-269 §20.2): a program decides what becomes of a call. It may accept it, answer it, play to it,
//! collect digits from it and keep data with it first; if no program does anything in time the call goes on where the
//! plan says.

use std::time::Duration;

use super::Center;
use crate::{
    call::{Otherwise, Place},
    event::Fact,
    id::CallId,
    needs::Needs,
    target::Target,
};

impl Center {
    pub(super) fn route_request(
        &mut self,
        call: CallId,
        program: String,
        within: Duration,
        otherwise: Target,
    ) {
        let until = self.now + within;
        self.emit(Fact::RouteRequested { call, program, until, otherwise });
    }

    /// No program decided in time.
    pub(super) fn program_timed_out(&mut self, call: CallId) {
        let Some(Place::Program(program)) = self.state.calls.get(&call).map(|it| it.place.clone())
        else {
            return;
        };
        let leg = self.state.calls[&call].leg;
        self.silence(leg);
        self.go_to(call, &program.otherwise, Otherwise::GoOn, 0, Needs::default());
    }
}
