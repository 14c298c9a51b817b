//! Recording on demand: a talk is recorded, or no longer.

use crate::{
    center::{Answer, Center},
    command::Reply,
    id::CallId,
    switch::SwitchCommand,
};

impl Center {
    /// Begins, or ends, recording a conversation that is not recorded by itself, or is to be heard no further.
    pub(in crate::center) fn record_on_demand(&mut self, call: CallId, on: bool) -> Answer {
        self.talking(call)?;
        let it = &self.state.calls[&call];
        let (is, served) = (self.recorded.get(&call).map(|(recording, _)| *recording), it.leg);
        let other = it.first_talker().map(|it| it.leg);
        match (on, is, other) {
            (true, None, Some(other)) => {
                self.not_recorded.remove(&call);
                self.begin_recording(call, served, other);
            }
            (false, Some(recording), _) => {
                self.not_recorded.insert(call);
                self.recorded.remove(&call);
                self.command(SwitchCommand::StopRecording { recording });
            }
            (true, Some(_), _) | (false, None, _) | (true, None, None) => {}
        }
        Ok(Reply::Done)
    }
}
