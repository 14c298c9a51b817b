//! What a script sees of a contact and of an agent.

use cti_core::{needs::Needs, time::Timestamp};
use rhai::{Engine, ImmutableString};

use crate::strategy::Candidate;

/// A contact, as far as it stays the same while it waits.
#[derive(Clone, Debug)]
pub(crate) struct ContactView {
    queue: ImmutableString,
    since_ms: i64,
    priority: i64,
    medium: &'static str,
    language: ImmutableString,
    region: ImmutableString,
    wanted: ImmutableString,
    skills: Vec<(ImmutableString, i64)>,
}

impl ContactView {
    pub(crate) fn new(queue: &str, since: Timestamp, priority: u8, needs: &Needs) -> Self {
        let text = |name: Option<&str>| ImmutableString::from(name.unwrap_or_default());
        let skill = |(skill, level): (&cti_core::id::SkillId, &u8)| {
            (skill.as_str().into(), i64::from(*level))
        };
        Self {
            queue: queue.into(),
            since_ms: i64::try_from(since.as_micros() / 1000).unwrap_or(i64::MAX),
            priority: i64::from(priority),
            medium: needs.medium.name(),
            language: text(needs.language.as_ref().map(|it| it.as_str())),
            region: text(needs.region.as_ref().map(|it| it.as_str())),
            wanted: text(needs.agent.as_ref().map(|it| it.agent.as_str())),
            skills: needs.skills.iter().map(skill).collect(),
        }
    }
}

/// An agent, as he is when he gets ready.
#[derive(Clone, Debug)]
pub(super) struct AgentView {
    agent: ImmutableString,
    calls: i64,
    talked_s: i64,
    handled_s: i64,
    idle_since_ms: i64,
    average_idle_s: i64,
    tier: i64,
    position: i64,
    skill: i64,
    all_skills: i64,
}

impl AgentView {
    pub(super) fn new(agent: &Candidate<'_>) -> Self {
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let figures = agent.figures;
        Self {
            agent: agent.agent.as_str().into(),
            calls: whole(figures.calls),
            talked_s: whole(figures.talked.as_secs()),
            handled_s: whole(figures.handled.as_secs()),
            idle_since_ms: whole(figures.idle_since.as_micros() / 1000),
            average_idle_s: figures.average_idle().map_or(-1, |it| whole(it.as_secs())),
            tier: agent.membership.tier.into(),
            position: agent.membership.position.into(),
            skill: agent.skill.into(),
            all_skills: agent.all_skills.into(),
        }
    }
}

/// Gives scripts the names of what they can see.
pub(super) fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<ContactView>("contact")
        .register_get("queue", |it: &mut ContactView| it.queue.clone())
        .register_get("since_ms", |it: &mut ContactView| it.since_ms)
        .register_get("priority", |it: &mut ContactView| it.priority)
        .register_get("medium", |it: &mut ContactView| ImmutableString::from(it.medium))
        .register_get("language", |it: &mut ContactView| it.language.clone())
        .register_get("region", |it: &mut ContactView| it.region.clone())
        .register_get("wanted", |it: &mut ContactView| it.wanted.clone())
        .register_fn("skill", |it: &mut ContactView, name: ImmutableString| -> i64 {
            it.skills.iter().find(|(skill, _)| *skill == name).map_or(0, |(_, level)| *level)
        })
        .register_type_with_name::<AgentView>("agent")
        .register_get("agent", |it: &mut AgentView| it.agent.clone())
        .register_get("calls", |it: &mut AgentView| it.calls)
        .register_get("talked_s", |it: &mut AgentView| it.talked_s)
        .register_get("handled_s", |it: &mut AgentView| it.handled_s)
        .register_get("idle_since_ms", |it: &mut AgentView| it.idle_since_ms)
        .register_get("average_idle_s", |it: &mut AgentView| it.average_idle_s)
        .register_get("tier", |it: &mut AgentView| it.tier)
        .register_get("position", |it: &mut AgentView| it.position)
        .register_get("skill", |it: &mut AgentView| it.skill)
        .register_get("all_skills", |it: &mut AgentView| it.all_skills);
}
