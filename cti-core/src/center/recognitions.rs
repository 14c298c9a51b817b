//! Flows listen to callers: which listening of the switch is whose.

use std::collections::BTreeMap;

use super::Center;
use crate::{
    flow::FlowInput,
    id::{LegId, RecognitionId, SessionId},
    speech::{RecognitionEnd, RecognitionRequest},
    switch::SwitchCommand,
};

/// The listenings that have not ended; they die with the process, as legs do.
#[derive(Debug, Default)]
pub(super) struct Recognitions {
    last: RecognitionId,
    by_id: BTreeMap<RecognitionId, Listening>,
}

#[derive(Clone, Copy, Debug)]
struct Listening {
    leg: LegId,
    session: SessionId,
    /// The session's own number of it.
    no: u32,
}

impl Center {
    /// Listens for a session to whoever it talks to.
    pub(super) fn listen(
        &mut self,
        leg: LegId,
        session: SessionId,
        no: u32,
        request: Box<RecognitionRequest>,
    ) {
        self.recognitions.last.0 += 1;
        let recognition = self.recognitions.last;
        self.recognitions.by_id.insert(recognition, Listening { leg, session, no });
        self.command(SwitchCommand::Recognize { leg, recognition, request });
    }

    /// Stops one listening of a session, or all of them.
    pub(super) fn stop_listening(&mut self, session: SessionId, no: Option<u32>) {
        let whose = |it: &Listening| it.session == session && no.is_none_or(|no| it.no == no);
        let stopped = self.recognitions.by_id.extract_if(.., |_, it| whose(it));
        let stopped: Vec<_> = stopped.map(|(recognition, it)| (it.leg, recognition)).collect();
        for (leg, recognition) in stopped {
            self.command(SwitchCommand::StopRecognition { leg, recognition });
        }
    }

    pub(super) fn speech_began(&mut self, recognition: RecognitionId) {
        if let Some(Listening { session, no, .. }) = self.recognitions.by_id.get(&recognition) {
            let (session, listening) = (*session, *no);
            self.tell(session, FlowInput::SpeechBegan { listening });
        }
    }

    pub(super) fn recognition_ended(&mut self, recognition: RecognitionId, end: RecognitionEnd) {
        if let Some(Listening { session, no, .. }) = self.recognitions.by_id.remove(&recognition) {
            self.tell(session, FlowInput::ListenEnded { listening: no, end });
        }
    }
}
