//! Recording on demand: a talk is recorded, or no longer.

use crate::{
    center::{Answer, Center, audio::recorded_pair},
    command::Reply,
    id::CallId,
    switch::SwitchCommand,
};

impl Center {
    /// Begins, or ends, recording a conversation that is not recorded by itself, or is to be heard no further.
    pub(in crate::center) fn record_on_demand(&mut self, call: CallId, on: bool) -> Answer {
        self.talking(call)?;
        self.record_wish.insert(call, on);
        match (on, self.recorded.get(&call).copied()) {
            (true, None) => {
                if let Some((left, right)) = recorded_pair(&self.state.calls[&call]) {
                    self.begin_recording(call, left, right);
                }
            }
            (false, Some((recording, _))) => {
                self.recorded.remove(&call);
                self.command(SwitchCommand::StopRecording { recording });
            }
            (true, Some(_)) | (false, None) => {}
        }
        Ok(Reply::Done)
    }
}
