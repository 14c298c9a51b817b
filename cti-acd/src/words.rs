//! What explanations say, in Chinese and in English.

use std::time::Duration;

use cti_core::{
    agent::{AgentState, NotReadyReason},
    event::{DequeueReason, OfferEnd},
    router::OverflowReason,
};

/// Returns a length of time as people say it: "35 秒", "2 分 5 秒", "1 小时 3 分".
pub(crate) fn zh(time: Duration) -> String {
    say(time, ["小时", "分", "秒"])
}

/// Returns a length of time as people say it: "35 s", "2 min 5 s", "1 h 3 min".
pub(crate) fn en(time: Duration) -> String {
    say(time, ["h", "min", "s"])
}

fn say(time: Duration, [hours, minutes, seconds]: [&str; 3]) -> String {
    let (h, m, s) = (time.as_secs() / 3600, time.as_secs() / 60 % 60, time.as_secs() % 60);
    match (h, m, s) {
        (0, 0, s) => format!("{s} {seconds}"),
        (0, m, 0) => format!("{m} {minutes}"),
        (0, m, s) => format!("{m} {minutes} {s} {seconds}"),
        (h, 0, _) => format!("{h} {hours}"),
        (h, m, _) => format!("{h} {hours} {m} {minutes}"),
    }
}

/// Returns an agent's state in Chinese.
pub(crate) fn state_zh(state: &AgentState) -> String {
    match state {
        AgentState::SignedOut => "未签入".to_owned(),
        AgentState::NotReady { reason } => format!("示忙({})", reason_zh(reason)),
        AgentState::Ready => "空闲".to_owned(),
        AgentState::Reserved { .. } => "振铃中".to_owned(),
        AgentState::OnCall { .. } => "通话中".to_owned(),
        AgentState::AfterCallWork => "话后处理".to_owned(),
    }
}

/// Returns an agent's state in English.
pub(crate) fn state_en(state: &AgentState) -> String {
    match state {
        AgentState::SignedOut => "signed out".to_owned(),
        AgentState::NotReady { reason } => format!("not ready ({reason})"),
        AgentState::Ready => "ready".to_owned(),
        AgentState::Reserved { .. } => "being rung".to_owned(),
        AgentState::OnCall { .. } => "on a call".to_owned(),
        AgentState::AfterCallWork => "in after-call work".to_owned(),
    }
}

fn reason_zh(reason: &NotReadyReason) -> &str {
    match reason {
        NotReadyReason::SignedIn => "刚签入",
        NotReadyReason::NoAnswer => "振铃未接",
        NotReadyReason::Rejected => "拒接",
        NotReadyReason::Unreachable => "话机不通",
        NotReadyReason::Code(code) => match code.as_str() {
            "break" => "小休",
            "lunch" => "午休",
            "training" => "培训",
            "meeting" => "会议",
            other => other,
        },
    }
}

/// Returns how an offer ended, in both languages.
pub(crate) fn offer_end(end: OfferEnd) -> (&'static str, &'static str) {
    match end {
        OfferEnd::Answered => ("已接听", "answered"),
        OfferEnd::NoAnswer => ("振铃超时未接，来电保持原位", "did not answer; the place is kept"),
        OfferEnd::Rejected => {
            ("拒接或占线，来电保持原位", "refused or was engaged; the place is kept")
        }
        OfferEnd::Unreachable => {
            ("话机不通，来电保持原位", "could not be reached; the place is kept")
        }
        OfferEnd::Withdrawn => ("分配已撤回", "the offer was withdrawn"),
        OfferEnd::AnsweredElsewhere => {
            ("另一坐席先接听", "is ready again: another agent answered first")
        }
    }
}

/// Returns how a contact left its queue, in both languages.
pub(crate) fn dequeued(reason: DequeueReason) -> (&'static str, &'static str) {
    match reason {
        DequeueReason::Answered => ("由坐席接听", "answered by an agent"),
        DequeueReason::Abandoned => ("来电人挂机", "the caller hung up"),
        DequeueReason::Overflowed(OverflowReason::WaitedTooLong) => {
            ("等待超时，转出队列", "waited as long as the queue allows")
        }
        DequeueReason::Overflowed(OverflowReason::QueueFull) => {
            ("队列已满，转出队列", "the queue was full")
        }
        DequeueReason::Overflowed(OverflowReason::NobodyStaffed) => {
            ("无坐席可接听，转出队列", "nobody could take calls")
        }
        DequeueReason::Overflowed(OverflowReason::ExpectedWait) => {
            ("预计等待过长，转出队列", "could expect to wait too long")
        }
        DequeueReason::Overflowed(OverflowReason::ServiceLevel) => {
            ("接通率过低，转出队列", "too few callers were answered in time")
        }
        DequeueReason::Overflowed(OverflowReason::Closed) => {
            ("队列已关闭，转出队列", "the queue is closed")
        }
        DequeueReason::Moved => ("转入另一队列，等待时长保留", "moved on; its wait so far counts"),
        DequeueReason::Left => ("来电人按键离开队列", "the caller left by a key"),
        DequeueReason::Cleared => ("通话被拆除", "the call was cleared"),
        DequeueReason::SystemRestart => ("系统重启", "the system restarted"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_said_with_at_most_two_units() {
        let said = |seconds| {
            let time = Duration::from_secs(seconds);
            (zh(time), en(time))
        };
        assert_eq!(said(35), ("35 秒".to_owned(), "35 s".to_owned()));
        assert_eq!(said(120), ("2 分".to_owned(), "2 min".to_owned()));
        assert_eq!(said(125), ("2 分 5 秒".to_owned(), "2 min 5 s".to_owned()));
        assert_eq!(said(3 * 3600 + 59), ("3 小时".to_owned(), "3 h".to_owned()));
        assert_eq!(said(3780), ("1 小时 3 分".to_owned(), "1 h 3 min".to_owned()));
    }

    #[test]
    fn a_reason_code_of_the_centre_is_said_in_chinese_where_it_is_known() {
        let not_ready =
            |code: &str| AgentState::NotReady { reason: NotReadyReason::Code(code.to_owned()) };
        assert_eq!(state_zh(&not_ready("lunch")), "示忙(午休)");
        assert_eq!(state_zh(&not_ready("巡视")), "示忙(巡视)");
    }
}
