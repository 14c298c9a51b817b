//! Facts in words, for logs and traces that people read. Telephone numbers are masked.

use crate::{
    device::StandingLegChange,
    event::{
        AlarmKind, CollectEnd, DequeueReason, DeviceFeature, Fact, ForwardWhen, JoinReason,
        OfferEnd, Party, PauseReason, WorkEnd,
    },
    flow::FlowOrder,
    id::{CallId, ContactId, MailboxId, QueueId},
    mailbox::{MailboxChange, MessageMark},
    role::Role,
    router::RulesChanged,
    switch::{Endpoint, PlayEnd},
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
        Fact::DutiesSet { agent, queues, capacity, by } => {
            let queues: Vec<&str> = queues.iter().map(QueueId::as_str).collect();
            let mut text = format!("agent {agent} serves {} by {by}", queues.join(" "));
            for (medium, count) in capacity {
                text.push_str(&format!(", {count} {medium}"));
            }
            text
        }
        Fact::AgentStateChanged { agent, to, .. } => {
            let detail = match to {
                crate::agent::AgentState::NotReady { reason } => format!(" ({reason})"),
                crate::agent::AgentState::Reserved { call }
                | crate::agent::AgentState::OnCall { call, .. } => {
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
        Fact::NumbersRead { call, numbers } => match &numbers.region {
            Some(region) => format!("{call} is {:?} of {region}", numbers.caller),
            None => format!("{call} is {:?}", numbers.caller),
        },
        Fact::CallerListed { call, entry, level, reason, .. } => {
            format!("{call} by {entry} {level}: {reason}")
        }
        Fact::ListEntryAdded { entry, listed } => {
            format!(
                "{entry} {} {} in {}: {}",
                listed.number, listed.level, listed.scope, listed.reason
            )
        }
        Fact::DataErased { contacts, by, reason } => {
            format!("{} contacts of a person erased by {by}: {reason}", contacts.len())
        }
        Fact::MailboxChanged { mailbox, change } => in_mailbox(mailbox, change),
        Fact::ListEntryRemoved { entry, by } => format!("{entry} removed by {by}"),
        Fact::CallAnswered { call } => format!("{call} answered"),
        Fact::FlowStarted { call, flow, .. } => format!("{call} enters flow {flow}"),
        Fact::FlowVisited { node, outlet, .. } => format!("node {node} left by {outlet}"),
        Fact::FlowsOrdered { order, by } => format!("{by} {}", ordered(order)),
        Fact::FlowQuarantined { flow, version, .. } => {
            format!("flow {flow} version {} in quarantine", short(version))
        }
        Fact::FlowEnded { call, session } => format!("{call} leaves {session}"),
        Fact::DigitPressed { call, .. } => format!("{call} key"),
        // Values may be personal; their names say enough.
        Fact::DataSet { call, data } => {
            let names: Vec<_> = data.keys().map(String::as_str).collect();
            format!("{call} data {}", names.join(" "))
        }
        Fact::Originated { call, to, .. } => format!("{call} dials {} first", endpoint(to)),
        Fact::Rung { call, legs, .. } => {
            let whom: Vec<_> = legs.iter().map(|(_, to)| endpoint(to)).collect();
            format!("{call} rings {}", whom.join(" and "))
        }
        Fact::RingEnded { call, leg, end } => {
            format!("{call} ringing of {leg} {}", offer_end(*end))
        }
        Fact::LineShared { call, devices } => {
            let devices: Vec<_> = devices.iter().map(crate::id::DeviceId::as_str).collect();
            format!("{call} is on the line of {}", devices.join(", "))
        }
        Fact::NetworkReached { call, leg } => format!("{call} {leg} has reached the network"),
        Fact::Alerting { call, leg } => format!("{call} {leg} is alerted"),
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
        Fact::RulesChanged { how, version, by } => {
            let how = match how {
                RulesChanged::Replaced => "replaced",
                RulesChanged::Shadowed => "shadowed by others",
                RulesChanged::Unshadowed => "no longer shadowed",
                RulesChanged::Switched => "switched to those in the shadow",
                RulesChanged::RolledBack => "rolled back",
            };
            format!("rules {how} by {by}: version {version}")
        }
        Fact::QueueConfigured { queue, by } => format!("queue {} configured by {by}", queue.id),
        Fact::CalendarChanged { part, by } => format!("{part} changed by {by}"),
        Fact::Offered { contact, call, agent, why, .. } => {
            format!("{} offered to agent {agent} by {}", who(*call, *contact), why.rule)
        }
        Fact::OfferEnded { contact, call, agent, end, .. } => {
            format!("{} offer to agent {agent} {}", who(*call, *contact), offer_end(*end))
        }
        Fact::Dequeued { contact, call, queue, reason } => {
            format!("{} leaves {queue}: {}", who(*call, *contact), dequeued(*reason))
        }
        Fact::Connected { call, party, role, .. } => match role {
            Role::Full => format!("{call} talks with {}", name(party)),
            Role::ListenOnly | Role::MayAsk | Role::Coach { .. } => {
                format!("{call} is joined by {} as {role}", name(party))
            }
        },
        Fact::Held { call, leg } => format!("{call} held by {leg}"),
        Fact::Retrieved { call, leg } => format!("{call} retrieved by {leg}"),
        Fact::TalkEnded { call, party, cause, .. } => {
            format!("{call} left by {}: {cause}", name(party))
        }
        Fact::PartyDialed { call, party, why, .. } => {
            format!("{call} invites {} ({})", name(party), join_reason(*why))
        }
        Fact::PartyFailed { call, leg, end } => {
            format!("{call} invitation of {leg} {}", offer_end(*end))
        }
        Fact::RoleChanged { call, leg, role } => format!("{call} {leg} is {role}"),
        Fact::FloorAsked { call, leg } => format!("{call} {leg} asks to speak"),
        Fact::Muted { call, leg, on: true } => format!("{call} {leg} is muted"),
        Fact::Muted { call, leg, on: false } => format!("{call} {leg} is heard again"),
        Fact::Served { call, leg } => format!("{call} serves {leg}"),
        Fact::Transferred { call, by, to, .. } => {
            format!("{call} transferred by {} to {to}", name(by))
        }
        Fact::Conferenced { call, by, from } => format!("{call} takes in {from}, by {}", name(by)),
        Fact::Parked { call, at, .. } => format!("{call} parked at device {at}"),
        Fact::CampedOn { call, device, .. } => format!("{call} camps on device {device}"),
        Fact::Failed { call, cause, .. } => format!("{call} failed: {cause}"),
        Fact::RouteRequested { call, program, .. } => format!("{call} is for program {program}"),
        Fact::CallAccepted { call, .. } => format!("{call} accepted"),
        Fact::ParkEnded { call, device } => format!("{call} leaves device {device}"),
        Fact::CallBackWhenFree { from, to, wanted: true } => {
            format!("device {from} waits for device {to} to be free")
        }
        Fact::CallBackWhenFree { from, to, wanted: false } => {
            format!("device {from} waits no longer for device {to}")
        }
        Fact::UserInformation { call, .. } => format!("{call} text"),
        Fact::DigitsCollected { call, leg, count, end, .. } => {
            let end = match end {
                CollectEnd::Complete => "complete",
                CollectEnd::TimedOut => "timed out",
                CollectEnd::Stopped => "stopped",
                CollectEnd::PartyLeft => "party left",
            };
            format!("{call} {leg} gave {count} digits: {end}")
        }
        Fact::MessagePlayed { call, leg, end, .. } => {
            let end = match end {
                PlayEnd::Finished => "to its end",
                PlayEnd::Stopped => "in part",
                PlayEnd::LegEnded => "until the party left",
                PlayEnd::Failed => "not at all: it cannot be played",
            };
            format!("{call} {leg} heard the message {end}")
        }
        Fact::ContactOpened { contact, medium, .. } => format!("{contact} opened: {medium}"),
        Fact::WorkBegun { contact, agent, medium, .. } => {
            format!("{contact} accepted by agent {agent}: {medium}")
        }
        Fact::WorkEnded { contact, agent, end, .. } => {
            let end = match end {
                WorkEnd::Finished => "finished",
                WorkEnd::TakenAway => "taken away",
                WorkEnd::Withdrawn => "withdrawn",
            };
            format!("{contact} {end}, agent {agent}")
        }
        Fact::ContactClosed { contact } => format!("{contact} closed"),
        Fact::DeviceFeatureSet { device, feature } => {
            format!("device {device} {}", device_feature(feature))
        }
        Fact::StandingLegChanged { device, leg, to } => match to {
            StandingLegChange::Dialed { .. } => format!("device {device} is connected by {leg}"),
            StandingLegChange::Connected => format!("device {device} stands off hook by {leg}"),
            StandingLegChange::Ended(cause) => {
                format!("device {device} stands no longer by {leg}: {cause}")
            }
        },
        Fact::AgentForced { agent, by, to } => format!("agent {agent} made {to} by {by}"),
        Fact::AgentHeard { agent, heard: true } => format!("agent {agent} is heard of"),
        Fact::AgentHeard { agent, heard: false } => format!("agent {agent} is not heard of"),
        Fact::CallEnded { call, cause, .. } => format!("{call} ended: {cause}"),
        Fact::RecordingStarted { recording, call, .. } => format!("{call} {recording} begins"),
        Fact::RecordingPaused { recording, call, reason, by } => {
            let why = match reason {
                PauseReason::Payment => "for a payment",
                PauseReason::SecretData => "for secret data",
                PauseReason::SecretDigits => "for secret digits",
            };
            let by = by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
            format!("{call} {recording} paused {why}{by}")
        }
        Fact::RecordingResumed { recording, call, by } => {
            let by = by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
            format!("{call} {recording} resumed{by}")
        }
        Fact::RecordingEnded { recording, call, end } => match end {
            crate::switch::RecordingEnd::Saved { length, .. } => {
                format!("{call} {recording} saved, {} s", length.as_secs())
            }
            crate::switch::RecordingEnd::Failed { reason } => {
                format!("{call} {recording} failed: {reason}")
            }
        },
        Fact::VoiceMeasured { call, leg, quality, .. } => {
            format!("{call} {leg} was heard with a score of {:.1}", quality.mos())
        }
        Fact::AlarmRaised { alarm, kind } => format!("{alarm} raised: {}", alarm_in_words(kind)),
        Fact::AlarmCleared { alarm } => format!("{alarm} cleared"),
    }
}

/// Names a party; numbers are masked.
fn name(party: &Party) -> String {
    match (&party.agent, &party.device, &party.number) {
        (Some(agent), _, _) => format!("agent {agent}"),
        (None, Some(device), _) => format!("device {device}"),
        (None, None, Some(number)) => number.to_string(),
        (None, None, None) => "somebody".to_owned(),
    }
}

fn endpoint(to: &Endpoint) -> String {
    match to {
        Endpoint::Device(device) => format!("device {device}"),
        Endpoint::Outside { trunk, number } => format!("{number} by {trunk}"),
    }
}

fn join_reason(why: JoinReason) -> &'static str {
    match why {
        JoinReason::Conference => "conference",
        JoinReason::Monitor => "monitor",
        JoinReason::Whisper => "whisper",
        JoinReason::Barge => "barge",
        JoinReason::TakeOver => "take over",
        JoinReason::Intrude => "intrude",
        JoinReason::Recall => "recall",
        JoinReason::Pickup => "pickup",
        JoinReason::Line => "line",
    }
}

fn device_feature(feature: &DeviceFeature) -> String {
    let on = |on: &bool| if *on { "on" } else { "off" };
    match feature {
        DeviceFeature::AutoAnswer(it) => format!("auto-answer {}", on(it)),
        DeviceFeature::DoNotDisturb(it) => format!("do not disturb {}", on(it)),
        DeviceFeature::ConstantOffHook(it) => format!("constant off-hook {}", on(it)),
        DeviceFeature::MessageWaiting(count) => format!("has {count} messages"),
        DeviceFeature::CallerIdRestriction(it) => format!("withholds its number: {}", on(it)),
        DeviceFeature::Forwarding { when, to, .. } => {
            let when = match when {
                ForwardWhen::Immediate => "at once",
                ForwardWhen::Busy => "when busy",
                ForwardWhen::NoAnswer => "when nobody answers",
            };
            match to {
                Some(to) => format!("forwards {when} to {to}"),
                None => format!("forwards no longer {when}"),
            }
        }
        DeviceFeature::SpeedDial { key, .. } => format!("short name {key}"),
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
        OfferEnd::AnsweredElsewhere => "answered elsewhere",
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
        AlarmKind::OverlongState { agent, state } => {
            format!("agent {agent} is {state} for too long")
        }
        AlarmKind::UnknownFlow { flow } => format!("there is no flow {flow}"),
        AlarmKind::NoHolidays { year } => format!("no holidays are known for {year}"),
        AlarmKind::SynthesizerFailed { synthesizer } => {
            format!("synthesizer {synthesizer} does not speak")
        }
        AlarmKind::RecognizerFailed { recognizer } => {
            format!("recognizer {recognizer} understands nobody")
        }
        AlarmKind::ModuleFailed { module } => format!("module {module} does not do its work"),
        AlarmKind::FlowQuarantined { flow, version } => {
            format!("flow {flow} version {} fails too often", short(version))
        }
        AlarmKind::GatewayDown { trunk, gateway } => {
            format!("gateway {gateway} of trunk {trunk} takes no calls")
        }
    }
}

fn ordered(order: &FlowOrder) -> String {
    match order {
        FlowOrder::Load { documents } => format!("loads {} flows", documents.len()),
        FlowOrder::SaveDraft { .. } => "saves the draft of a flow".to_owned(),
        FlowOrder::DiscardDraft { flow } => format!("discards the draft of flow {flow}"),
        FlowOrder::Publish { flows, .. } => {
            let names: Vec<_> = flows.iter().map(|flow| flow.as_str()).collect();
            format!("publishes flow {}", names.join(" "))
        }
        FlowOrder::RollBack { flow, version: None, .. } => format!("rolls flow {flow} back"),
        FlowOrder::RollBack { flow, version: Some(version), .. } => {
            format!("rolls flow {flow} back to version {}", short(version))
        }
        FlowOrder::Quarantine { flow, version, .. } => {
            format!("puts flow {flow} version {} into quarantine", short(version))
        }
        FlowOrder::LiftQuarantine { flow, version } => {
            format!("takes flow {flow} version {} out of quarantine", short(version))
        }
        FlowOrder::Retire { flow } => format!("retires flow {flow}"),
        FlowOrder::EndSessions { flow, version } => {
            format!("ends the sessions in flow {flow} version {}", short(version))
        }
        FlowOrder::SetTestCallers { numbers } => format!("names {} test callers", numbers.len()),
    }
}

/// A hash is told apart by its beginning.
fn short(version: &str) -> &str {
    version.get(..8).unwrap_or(version)
}

fn in_mailbox(mailbox: &MailboxId, change: &MailboxChange) -> String {
    match change {
        MailboxChange::Begun { recording, message, .. } => {
            format!("{} leaves {recording} in mailbox {mailbox}", message.call)
        }
        MailboxChange::Noted { recording, call, call_back, wants_reply } => {
            let number = call_back.as_ref().map(|it| format!(", call back {it}"));
            let reply = wants_reply.map(|it| if it { ", wants a reply" } else { ", wants none" });
            let (number, reply) = (number.unwrap_or_default(), reply.unwrap_or_default());
            format!("{call} of {recording} in mailbox {mailbox}{number}{reply}")
        }
        MailboxChange::Marked { recording, mark, by } => {
            let mark = match mark {
                MessageMark::New => "new",
                MessageMark::Heard => "heard",
                MessageMark::Done => "done",
                MessageMark::Deleted => "deleted",
            };
            format!("{recording} in mailbox {mailbox} {mark} by {by}")
        }
        MailboxChange::GreetingBegun { recording, .. } => {
            format!("{recording} is to greet in mailbox {mailbox}")
        }
        MailboxChange::GreetingRemoved { by } => {
            format!("mailbox {mailbox} greets no more by {by}")
        }
    }
}
