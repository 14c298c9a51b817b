//! The calls that a program is to route, one after the other.

use tokio::sync::oneshot;

use super::{
    handle::{Handle, Message},
    program_call::ProgramCall,
    programs::Given,
};

/// The calls that the plan leads to a program; see [`Handle::calls`].
///
/// Several `Calls` of one name share the work: each call goes to exactly one of them, to the one who has asked longest.
/// Nothing is taken in advance: who does not ask gets no call, and the call goes on where the plan says when its time is
/// over.
#[derive(Debug)]
pub struct Calls {
    handle: Handle,
    program: String,
    next: Option<oneshot::Receiver<Given>>,
}

impl Calls {
    pub(super) fn new(handle: Handle, program: String) -> Self {
        Self { handle, program, next: None }
    }

    /// Returns the name under which the program waits.
    #[must_use]
    pub fn program(&self) -> &str {
        &self.program
    }

    /// Waits for the next call, those first that were waiting already; `None` when the Center has stopped.
    ///
    /// Cancel-safe: a call that was given meanwhile is returned next time, or given to someone else when `self` is
    /// dropped.
    pub async fn next(&mut self) -> Option<ProgramCall> {
        if self.next.is_none() {
            let (asker, next) = oneshot::channel();
            let ask = Message::NextCall { program: self.program.clone(), asker };
            self.handle.send(ask).await.ok()?;
            self.next = Some(next);
        }
        let given = self.next.as_mut()?.await.ok();
        self.next = None;
        given.map(|given| ProgramCall::new(self.handle.clone(), given))
    }
}

impl Drop for Calls {
    fn drop(&mut self) {
        let Some(mut next) = self.next.take() else { return };
        next.close();
        if let Ok(given) = next.try_recv() {
            self.handle.send_at_once(Message::GiveBack { call: given.call });
        }
    }
}
