//! Facts in words, for logs and traces that people read. Telephone numbers are masked.

use crate::{
    event::{AlarmKind, DequeueReason, Fact, OfferEnd},
    id::{CallId, ContactId},
};

/// Returns a fact as one line of words.
#[must_use]
pub fn in_words(fact: &Fact) -> String {
    match fact {
        Fact::Started { .. } => "started".to_owned(),
        Fact::DeviceInService { device } => format!("device {device} in service"),
        Fact::DeviceOutOfService { device } => format!("device {device} out of service"),
        Fact::AgentSignedIn { agent, seat, device, .. } => {
            format!("agent {agent} signed in at seat {seat}, device {device}")
        }
        Fact::AgentStateChanged { agent, to, .. } => {
            let detail = match to {
                crate::agent::AgentState::NotReady { reason } => format!(" ({reason})"),
                crate::agent::AgentState::Reserved { call }
                | crate::agent::AgentState::OnCall { call } => {
                    format!(" ({call})")
                }
                crate::agent::AgentState::SignedOut
                | crate::agent::AgentState::Ready
                | crate::agent::AgentState::AfterCallWork => String::new(),
            };
            format!("agent {agent} {}{detail}", to.name())
        }
        Fact::AgentSignedOut { agent, seat } => format!("agent {agent} signed out of seat {seat}"),
        Fact::CallStarted { call, caller, called, .. } => {
            format!("{call} from {caller} to {called}")
        }
        Fact::CallAnswered { call } => format!("{call} answered"),
        Fact::FlowStarted { call, flow, .. } => format!("{call} enters flow {flow}"),
        Fact::FlowVisited { node, outlet, .. } => format!("node {node} left by {outlet}"),
        Fact::FlowEnded { call, session } => format!("{call} leaves {session}"),
        Fact::DigitPressed { call, .. } => format!("{call} key"),
        // Values may be personal; their names say enough.
        Fact::DataSet { call, data } => {
            let names: Vec<_> = data.keys().map(String::as_str).collect();
            format!("{call} data {}", names.join(" "))
        }
        Fact::DeviceOffered { call, device, .. } => format!("{call} rings device {device}"),
        Fact::DeviceOfferEnded { call, end, .. } => format!("{call} device {}", offer_end(*end)),
        Fact::Queued { contact, call, queue, priority, .. } => match priority {
            0 => format!("{} waits in {queue}", who(*call, *contact)),
            _ => format!("{} waits in {queue} with priority {priority}", who(*call, *contact)),
        },
        Fact::PrioritySet { contact, priority, by } => {
            format!("{contact} gets priority {priority} by {by}")
        }
        Fact::Assigned { contact, agent: Some(agent), by } => {
            format!("{contact} is for agent {agent} alone by {by}")
        }
        Fact::Assigned { contact, agent: None, by } => format!("{contact} is for anyone by {by}"),
        Fact::Offered { contact, call, agent, why, .. } => {
            format!("{} offered to agent {agent} by {}", who(*call, *contact), why.rule)
        }
        Fact::OfferEnded { contact, call, agent, end, .. } => {
            format!("{} offer to agent {agent} {}", who(*call, *contact), offer_end(*end))
        }
        Fact::Dequeued { contact, call, queue, reason } => {
            format!("{} leaves {queue}: {}", who(*call, *contact), dequeued(*reason))
        }
        Fact::Connected { call, party, .. } => match &party.agent {
            Some(agent) => format!("{call} talks with agent {agent}"),
            None => format!("{call} talks with device {}", party.device),
        },
        Fact::Held { call, leg } => format!("{call} held by {leg}"),
        Fact::Retrieved { call, leg } => format!("{call} retrieved by {leg}"),
        Fact::TalkEnded { call, cause, .. } => format!("{call} talk ended: {cause}"),
        Fact::CallEnded { call, cause, .. } => format!("{call} ended: {cause}"),
        Fact::RecordingStarted { recording, call, .. } => format!("{call} {recording} begins"),
        Fact::RecordingEnded { recording, call, end } => match end {
            crate::switch::RecordingEnd::Saved { length, .. } => {
                format!("{call} {recording} saved, {} s", length.as_secs())
            }
            crate::switch::RecordingEnd::Failed { reason } => {
                format!("{call} {recording} failed: {reason}")
            }
        },
        Fact::AlarmRaised { alarm, kind } => format!("{alarm} raised: {}", alarm_in_words(kind)),
        Fact::AlarmCleared { alarm } => format!("{alarm} cleared"),
    }
}

/// Names a contact by its call, where it has one.
fn who(call: Option<CallId>, contact: ContactId) -> String {
    call.map_or_else(|| contact.to_string(), |call| call.to_string())
}

fn offer_end(end: OfferEnd) -> &'static str {
    match end {
        OfferEnd::Answered => "answered",
        OfferEnd::NoAnswer => "not answered",
        OfferEnd::Rejected => "rejected",
        OfferEnd::Unreachable => "unreachable",
        OfferEnd::Withdrawn => "withdrawn",
    }
}

fn dequeued(reason: DequeueReason) -> &'static str {
    use crate::router::OverflowReason;
    match reason {
        DequeueReason::Answered => "answered",
        DequeueReason::Abandoned => "abandoned",
        DequeueReason::Overflowed(OverflowReason::WaitedTooLong) => "waited too long",
        DequeueReason::Overflowed(OverflowReason::QueueFull) => "queue full",
        DequeueReason::Overflowed(OverflowReason::NobodyStaffed) => "nobody staffed",
        DequeueReason::Overflowed(OverflowReason::ExpectedWait) => "expected wait too long",
        DequeueReason::Overflowed(OverflowReason::ServiceLevel) => "service level too low",
        DequeueReason::Overflowed(OverflowReason::Closed) => "queue closed",
        DequeueReason::Left => "left by key",
        DequeueReason::Moved => "moved",
        DequeueReason::Cleared => "cleared",
        DequeueReason::SystemRestart => "system restart",
    }
}

fn alarm_in_words(kind: &AlarmKind) -> String {
    match kind {
        AlarmKind::NobodyStaffed { queue } => format!("nobody staffs {queue}"),
        AlarmKind::RecordingFailed { reason } => format!("recording failed: {reason}"),
        AlarmKind::RuleFailed { rule, reason } => format!("rule {rule} failed: {reason}"),
        AlarmKind::UnknownFlow { flow } => format!("there is no flow {flow}"),
    }
}
