//! Who starts a call, and when: one file per mode.

use std::time::Duration;

use cti_core::router::Why;

use super::config::{InvalidCampaign, demand};

mod agentless;
mod predictive;
mod preview;
mod progressive;

/// How a campaign is dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// An agent sees the record and starts the call himself (预览式).
    Preview {
        /// How long he may look at it.
        look_for: Duration,
    },
    /// One call for each agent who is free: nobody who answers waits.
    Progressive,
    /// More calls than agents are free, as many as the budget of abandoned calls allows (预测式).
    Predictive,
    /// No agents: a flow talks to whoever answers (IVR 外呼).
    Agentless {
        /// How many calls are started in a second.
        calls_per_second: u32,
    },
}

impl Mode {
    /// Returns the name that explanations give.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Preview { .. } => "preview",
            Self::Progressive => "progressive",
            Self::Predictive => "predictive",
            Self::Agentless { .. } => "agentless",
        }
    }

    pub(super) fn check(&self) -> Result<(), InvalidCampaign> {
        match self {
            Self::Preview { look_for } => {
                let range = Duration::from_secs(1)..=Duration::from_secs(3600);
                demand("mode.look_for", range.contains(look_for), "1 s to 1 h")
            }
            Self::Agentless { calls_per_second } => {
                demand("mode.calls_per_second", (1..=1_000).contains(calls_per_second), "1 to 1000")
            }
            Self::Progressive | Self::Predictive => Ok(()),
        }
    }

    /// Returns how many records may be taken now, and what limits them.
    pub(super) fn pace(&self, situation: &Situation) -> Pace {
        match self {
            Self::Preview { .. } => preview::pace(situation),
            Self::Progressive => progressive::pace(situation),
            Self::Predictive => predictive::pace(situation),
            Self::Agentless { calls_per_second } => agentless::pace(situation, *calls_per_second),
        }
    }
}

/// What a mode knows when it decides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Situation {
    /// Agents who are at work for the campaign, idle or not.
    pub(super) agents: u32,
    /// Idle agents that the campaign may count on: what callers who come in need is taken off.
    pub(super) idle: u32,
    /// Agents on calls of the campaign, who come back.
    pub(super) busy: u32,
    /// Attempts that nobody has answered yet.
    pub(super) ringing: u32,
    /// Calls of windows before that still ring or wait.
    pub(super) before: u32,
    /// People who have answered and wait for an agent.
    pub(super) waiting: u32,
    /// Lines that are free.
    pub(super) lines: u32,
    /// Attempts started in this second.
    pub(super) this_second: u32,
    /// What is expected until several moments from now.
    pub(super) outlooks: [Outlook; HORIZONS],
    /// Fewer agents than this dial nothing ahead.
    pub(super) least_agents: u32,
    /// The greatest share of abandoned calls.
    pub(super) cap: f64,
    /// The share of abandoned calls aimed at, from the last 30 minutes.
    pub(super) aim: f64,
    /// Whether the last 30 minutes are above the cap.
    pub(super) over_cap: bool,
    /// People who answered a call of this window.
    pub(super) answers: u64,
    /// Those of them who found nobody.
    pub(super) abandoned: u64,
}

/// How many moments from now are looked at.
pub(super) const HORIZONS: usize = 4;

/// What is expected of phones that ring and of agents who talk, within the time that a new call needs to be answered.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Outlook {
    /// How many people will answer, of the phones that ring.
    pub(super) answers: f64,
    /// The variance of that.
    pub(super) variance: f64,
    /// The share of calls dialled now that will be answered.
    pub(super) of_new: f64,
    /// The share of busy agents who will be free.
    pub(super) come_back: f64,
}

/// How many records may be taken, and why not more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pace {
    pub(super) take: u32,
    pub(super) limit: Limit,
}

/// What keeps a dialer from dialling more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// The campaign is not running.
    NotRunning,
    /// The network refuses calls; it is tried again after a pause.
    Network,
    /// One call for each agent who is free.
    Agents,
    /// Too few agents to dial ahead.
    FewAgents,
    /// More calls would probably find nobody.
    Excess {
        /// Share of the answers that would probably find nobody with one more call.
        expected: f64,
        /// Share that may.
        allowed: f64,
    },
    /// If everybody answered, more than the cap would find nobody.
    Cap,
    /// No line is free.
    Lines,
    /// The rate of calls per second.
    Rate,
    /// No record is due, in its hours and within its quota.
    NothingDue,
}

impl Limit {
    /// Returns the limit as a rule with a sentence in each language.
    #[must_use]
    pub fn why(&self) -> Why {
        let (rule, zh, en) = match self {
            Self::NotRunning => ("not_running", "项目未启动".to_owned(), "not running".to_owned()),
            Self::Network => (
                "network",
                "线路拒绝呼叫，稍后再试".to_owned(),
                "the network refuses calls, tried again after a pause".to_owned(),
            ),
            Self::Agents => (
                "agents",
                "每个空闲坐席一个呼叫".to_owned(),
                "one call for each free agent".to_owned(),
            ),
            Self::FewAgents => (
                "few_agents",
                "坐席太少，不提前拨号".to_owned(),
                "too few agents to dial ahead".to_owned(),
            ),
            Self::Excess { expected, allowed } => (
                "excess",
                format!("再拨一个预计 {} 无人接待，限额 {}", percent(*expected), percent(*allowed)),
                format!(
                    "with one more call {} of the answers would find nobody, {} may",
                    percent(*expected),
                    percent(*allowed)
                ),
            ),
            Self::Cap => (
                "cap",
                "若全部接听，将超过放弃率上限".to_owned(),
                "if everybody answered, the cap would be exceeded".to_owned(),
            ),
            Self::Lines => ("lines", "没有空闲线路".to_owned(), "no line is free".to_owned()),
            Self::Rate => {
                ("rate", "达到每秒呼叫数".to_owned(), "the rate of calls is reached".to_owned())
            }
            Self::NothingDue => (
                "nothing_due",
                "没有到期且在时段、配额内的号码".to_owned(),
                "no record is due, in its hours and within its quota".to_owned(),
            ),
        };
        Why { rule: rule.to_owned(), zh, en }
    }
}

fn percent(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}
