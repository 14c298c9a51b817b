//! Reasons in words, in Chinese and English.

use std::time::Duration;

use cti_core::router::Why;

use super::{config::Campaign, input::CallOutcome, mode::Mode, mode::Situation, record::End};

/// A rule with a sentence in each language.
pub(super) fn why(rule: &str, zh: impl Into<String>, en: impl Into<String>) -> Why {
    Why { rule: rule.to_owned(), zh: zh.into(), en: en.into() }
}

/// Why a number is dialled now.
pub(super) fn dial(campaign: &Campaign, situation: &Situation, expected: f64) -> Why {
    let Situation { idle, busy, ringing, .. } = *situation;
    let rule = campaign.mode.name();
    match campaign.mode {
        Mode::Preview { .. } => why(rule, "坐席点击外呼", "the agent started the call"),
        Mode::Progressive => why(
            rule,
            format!("空闲坐席 {idle}，正在呼叫 {ringing}"),
            format!("{idle} agents are free, {ringing} calls are under way"),
        ),
        Mode::Predictive => {
            let (expected, aim) = (100.0 * expected, 100.0 * situation.aim);
            why(
                rule,
                format!(
                    "空闲 {idle}，通话 {busy}，正在呼叫 {ringing}：预计 {expected:.1}% 无人接待，限额 {aim:.1}%"
                ),
                format!(
                    "{idle} free, {busy} on calls, {ringing} ringing: {expected:.1}% of the answers would find \
                     nobody, {aim:.1}% may"
                ),
            )
        }
        Mode::Agentless { calls_per_second } => why(
            rule,
            format!("每秒至多 {calls_per_second} 个呼叫"),
            format!("up to {calls_per_second} calls a second"),
        ),
    }
}

/// Why a customer who is due is not dialled today.
pub(super) fn often_enough() -> Why {
    why("often_enough", "该号码今日拨打次数已满", "the number was dialled often enough today")
}

/// Why an agent is connected.
pub(super) fn connect(idle: Duration) -> Why {
    why(
        "longest_idle",
        format!("空闲时间最长：已空闲 {}", crate::words::zh(idle)),
        format!("longest idle: for {}", crate::words::en(idle)),
    )
}

/// Why an attempt did not reach a person.
pub(super) fn outcome(outcome: CallOutcome) -> (&'static str, &'static str, &'static str) {
    match outcome {
        CallOutcome::Answered => ("answered", "已接听", "answered"),
        CallOutcome::Machine => ("machine", "答录机应答", "a machine answered"),
        CallOutcome::Busy => ("busy", "占线", "busy"),
        CallOutcome::NoAnswer => ("no_answer", "无人接听", "nobody answered"),
        CallOutcome::Unobtainable => ("unobtainable", "空号", "there is no such number"),
        CallOutcome::Declined => ("declined", "对方拒接", "declined"),
        CallOutcome::Failed => ("failed", "线路故障", "the network could not place the call"),
        CallOutcome::HungUp => ("hung_up", "对方挂机", "hung up before an agent came"),
    }
}

/// Why a customer will not be called again.
pub(super) fn end(end: End) -> Why {
    let (rule, zh, en) = match end {
        End::Completed => ("completed", "已完成", "all is done"),
        End::NoResult => ("no_result", "通话结束，未登记结果", "the talk ended without a result"),
        End::MaxAttempts => {
            ("max_attempts", "达到最大拨打次数", "dialled as often as the rules allow")
        }
        End::MaxRefusals => {
            ("max_refusals", "达到最大拒访次数", "refused as often as the rules allow")
        }
        End::NoNumberLeft => ("no_number_left", "没有可拨的号码", "no number can be dialled"),
        End::DoNotCall => ("do_not_call", "在免打扰名单中", "on the do-not-call list"),
        End::Recalled => ("recalled", "号码已回收", "taken back"),
    };
    why(rule, zh, en)
}
