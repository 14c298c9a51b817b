//! A session as data, so that it can go on after a restart or on another node.

use std::fmt;

use cti_core::{id::FlowId, time::Timestamp};
use serde::{Deserialize, Serialize};

use super::{Frame, Session};
use crate::{
    flow::Channel,
    node::State,
    publish::Library,
    run::{Locals, Memory},
};

/// A waiting session as data. It holds what the caller typed, secrets too: keep it where the log is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedSession {
    frames: Vec<SavedFrame>,
    #[serde(default)]
    channel: Channel,
    state: State,
    memory: Memory,
    steps: u32,
    ends_by: Timestamp,
    entered: Timestamp,
    failures: u8,
    aborted: bool,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SavedFrame {
    flow: FlowId,
    version: String,
    node: String,
    #[serde(flatten)]
    locals: Locals,
    failed: bool,
}

impl SavedSession {
    /// Returns the flows and versions that the session is in, the one it began in first.
    pub fn versions(&self) -> impl Iterator<Item = (&FlowId, &str)> {
        self.frames.iter().map(|frame| (&frame.flow, frame.version.as_str()))
    }
}

#[cfg(any(test, feature = "testkit"))]
impl SavedSession {
    /// Returns where the session is and what it knows. Left out are times, numbers of playings, which digits were entered
    /// so far and which keys were pressed ahead: what they lead to can be reached without them. Whether there are such
    /// keys is not left out: the next menu does not wait then.
    pub(crate) fn place(&self) -> String {
        let (seed, typed) = (self.memory.seed(), self.memory.has_typed());
        serde_json::to_string(&(&self.frames, self.waits(), seed, typed))
            .expect("a session can be written as JSON")
    }

    /// Returns where the session is and how often it was round its loops, whatever else it knows.
    pub(crate) fn shape(&self) -> String {
        let nodes = self.frames.iter().map(|it| (&it.flow, &it.node, it.locals.counters()));
        let nodes: Vec<_> = nodes.collect();
        serde_json::to_string(&(nodes, self.waits(), self.memory.has_typed()))
            .expect("a session can be written as JSON")
    }

    /// Returns whether the caller has begun to enter digits.
    pub(crate) fn is_entering(&self) -> bool {
        matches!(&self.state, State::Asking { digits, .. } if !digits.is_empty())
    }

    fn waits(&self) -> State {
        let mut state = self.state.clone();
        if let State::Asking { digits, until, .. } = &mut state {
            *digits = "X".repeat(digits.len());
            *until = None;
        }
        state
    }
}

impl fmt::Debug for SavedSession {
    /// Prints where the session stands; what the caller typed is personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.frames.last().map(|frame| (&frame.flow, &frame.node));
        f.debug_struct("SavedSession").field("at", &at).finish_non_exhaustive()
    }
}

/// A saved session that cannot go on here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotResume {
    /// There is no such version of the flow.
    #[error("there is no version {version} of flow {flow}")]
    UnknownVersion {
        /// Which flow.
        flow: FlowId,
        /// Which version.
        version: String,
    },
    /// The version has no such node.
    #[error("flow {flow} has no node {node}")]
    UnknownNode {
        /// Which flow.
        flow: FlowId,
        /// Which node.
        node: String,
    },
    /// It is in no flow at all.
    #[error("frames: is empty")]
    NoFrame,
}

impl Session {
    /// Returns the session as data.
    pub(crate) fn save(&self) -> SavedSession {
        let frame = |frame: &Frame| SavedFrame {
            flow: frame.flow.id().clone(),
            version: frame.flow.hash().to_owned(),
            node: frame.placed().id.clone(),
            locals: frame.locals.clone(),
            failed: frame.failed,
        };
        SavedSession {
            frames: self.frames.iter().map(frame).collect(),
            channel: self.channel,
            state: self.state.clone(),
            memory: self.memory.clone(),
            steps: self.steps,
            ends_by: self.ends_by,
            entered: self.entered,
            failures: self.failures,
            aborted: self.aborted,
        }
    }

    /// Makes a session of data again, with the very versions it was in.
    ///
    /// # Errors
    /// When a version or a node is not there.
    pub(crate) fn resume(saved: SavedSession, library: &Library) -> Result<Self, CannotResume> {
        let frame = |frame: SavedFrame| {
            let SavedFrame { flow: id, version, node, locals, failed } = frame;
            let Some(flow) = library.pinned(&id, &version) else {
                return Err(CannotResume::UnknownVersion { flow: id, version });
            };
            match flow.index_of(&node) {
                Some(at) => Ok(Frame { flow, at, locals, failed }),
                None => Err(CannotResume::UnknownNode { flow: id, node }),
            }
        };
        let frames: Vec<Frame> = saved.frames.into_iter().map(frame).collect::<Result<_, _>>()?;
        if frames.is_empty() {
            return Err(CannotResume::NoFrame);
        }
        Ok(Self {
            frames,
            channel: saved.channel,
            state: saved.state,
            memory: saved.memory,
            steps: saved.steps,
            ends_by: saved.ends_by,
            entered: saved.entered,
            failures: saved.failures,
            aborted: saved.aborted,
        })
    }
}
