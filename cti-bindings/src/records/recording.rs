//! Recordings, messages that callers left, and alarms.

use std::time::Duration;

use cti_core::{
    address::PhoneNumber,
    event::{AlarmKind, RecordingKind},
    id::{AgentId, AlarmId, CallId, RecordingId, SeatId, TrunkId},
    records::Pause,
    time::{Timestamp, millis},
};
use serde::{Deserialize, Serialize};

use super::RecordsError;

/// One recording that has a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// The recording.
    pub id: RecordingId,
    /// The call it is of.
    pub call: CallId,
    /// The agent who talks in it.
    pub agent: Option<AgentId>,
    /// Where he sat.
    pub seat: Option<SeatId>,
    /// The caller's number.
    pub caller: PhoneNumber,
    /// The number dialled.
    pub called: PhoneNumber,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// How long it plays.
    #[serde(rename = "length_ms", with = "millis")]
    pub length: Duration,
    /// The size of the file in bytes.
    pub bytes: u64,
    /// What it is of.
    pub kind: RecordingKind,
    /// SHA-256 of the file in hexadecimal.
    pub sha256: String,
    /// The trunk by which the call came or went.
    pub trunk: Option<TrunkId>,
    /// Where it is silent because it was paused.
    pub pauses: Vec<Pause>,
    /// What somebody made of it.
    pub quality: Quality,
    /// Why it is held; nobody can delete it meanwhile.
    pub held: Option<String>,
}

/// The quality state of a recording (质检状态).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// Nobody has judged it yet.
    #[default]
    Unchecked,
    /// The talk was as it should be.
    Good,
    /// It was not.
    Poor,
    /// The agent objects to the judgement (申诉).
    Disputed,
}

/// What somebody decides about a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// What it is worth.
    Judge(Quality),
    /// It is kept whatever happens.
    Hold,
    /// It need not be kept any more.
    Release,
    /// Its audio is removed for good.
    Delete,
    /// It was handed out.
    Export,
}

/// One decision, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepNote {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// A quality state, `held`, `released`, `deleted` or `exported`.
    pub what: String,
    /// Why.
    pub reason: String,
}

/// Why a decision about a recording was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// There is no such recording, or its audio is gone.
    #[error("there is no {recording}")]
    Unknown {
        /// Which.
        recording: RecordingId,
    },
    /// It is held.
    #[error("{recording} is held: {reason}")]
    Held {
        /// Which.
        recording: RecordingId,
        /// Why.
        reason: String,
    },
    /// The records could not be read or written.
    #[error(transparent)]
    Records(#[from] RecordsError),
}

/// One message that a caller left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoiceMessage {
    /// The recording that holds it.
    pub recording: RecordingId,
    /// The caller's number.
    pub caller: PhoneNumber,
    /// The number dialled.
    pub called: PhoneNumber,
    /// When it was left.
    pub at: Timestamp,
    /// How long it is.
    #[serde(rename = "length_ms", with = "millis")]
    pub length: Duration,
    /// Whether someone has seen to it.
    pub handled: bool,
}

/// One alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmRecord {
    /// The alarm.
    pub id: AlarmId,
    /// What it is.
    pub kind: AlarmKind,
    /// When it was raised.
    pub raised: Timestamp,
    /// When it was over.
    pub cleared: Option<Timestamp>,
}

/// Returns the short name of an alarm and its words.
#[must_use]
pub fn alarm_words(kind: &AlarmKind) -> (&'static str, String) {
    match kind {
        AlarmKind::NobodyStaffed { queue } => {
            ("nobody_staffed", format!("队列 {queue} 有来电等待,但没有可接听的话务员"))
        }
        AlarmKind::RecordingFailed { reason } => {
            ("recording_failed", format!("录音写入失败: {reason}"))
        }
        AlarmKind::OverlongState { agent, state } => {
            ("overlong_state", format!("话务员 {agent} 处于 {state} 状态过久"))
        }
        AlarmKind::RuleFailed { rule, reason } => {
            ("rule_failed", format!("规则 {rule} 出错,暂用备用规则: {reason}"))
        }
        AlarmKind::FlowQuarantined { flow, version } => {
            let short = version.get(..8).unwrap_or(version);
            ("flow_quarantined", format!("流程 {flow} 的版本 {short} 频繁出错，已停用"))
        }
        AlarmKind::GatewayDown { trunk, gateway } => {
            ("gateway_down", format!("中继 {trunk} 的网关 {gateway} 不可用"))
        }
        AlarmKind::SynthesizerFailed { synthesizer } => {
            ("synthesizer_failed", format!("语音合成 {synthesizer} 不可用，暂用录音或备用合成"))
        }
        AlarmKind::RecognizerFailed { recognizer } => {
            ("recognizer_failed", format!("语音识别 {recognizer} 不可用，流程改走按键或人工"))
        }
        AlarmKind::ModuleFailed { module } => {
            ("module_failed", format!("模块 {module} 未正常工作"))
        }
        AlarmKind::UnknownFlow { flow } => ("unknown_flow", format!("流程 {flow} 不存在")),
        AlarmKind::NoHolidays { year } => {
            ("no_holidays", format!("{year} 年的节假日尚未导入,各日按星期计"))
        }
    }
}
