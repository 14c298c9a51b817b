//! A requirement class: all contacts that the same agents can take.
//!
//! Contacts of one queue that ask for the same are one class, however many they are. A class keeps those of them who
//! can be offered, sorted by place, and the agents who could take one now, sorted by preference; so a match is the head
//! of both. When a requirement is relaxed the contact moves to another class.

use std::{collections::BTreeSet, sync::Arc};

use cti_core::{
    id::{RegionId, SkillId},
    needs::Medium,
};

use crate::{
    agents::Agent,
    place::{AgentNo, Place, Preference, QueueNo},
    ranked::Ranked,
};

/// What all contacts of a class ask for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Requirement {
    /// The queue whose rules are in force.
    pub(crate) queue: QueueNo,
    pub(crate) medium: Medium,
    /// The one agent who will do; nothing else is asked of him.
    pub(crate) only: Option<AgentNo>,
    /// The other queues whose agents take part.
    pub(crate) groups: Vec<QueueNo>,
    /// Sorted by skill.
    pub(crate) skills: Vec<(SkillId, u8)>,
    /// A skill whose level does not matter.
    pub(crate) language: Option<SkillId>,
    pub(crate) region: Option<RegionId>,
    /// The sites whose agents take part; all when empty.
    pub(crate) sites: Vec<String>,
}

/// Why an agent can never take a contact of a class, whatever he is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    AnotherAgent(AgentNo),
    Queue,
    Medium,
    Site,
    Region(RegionId),
    Skill { skill: SkillId, asked: u8, has: Option<u8> },
}

impl Requirement {
    /// Returns a requirement that every agent of the queue meets.
    pub(crate) fn plain(queue: QueueNo, medium: Medium) -> Self {
        Self {
            queue,
            medium,
            only: None,
            groups: Vec::new(),
            skills: Vec::new(),
            language: None,
            region: None,
            sites: Vec::new(),
        }
    }

    /// Checks whether an agent can take such a contact when he is free.
    pub(crate) fn check(&self, number: AgentNo, agent: &Agent) -> Result<(), Misfit> {
        let profile = &agent.index.profile;
        if agent.capacity(self.medium) == 0 {
            return Err(Misfit::Medium);
        }
        if let Some(only) = self.only {
            return if only == number { Ok(()) } else { Err(Misfit::AnotherAgent(only)) };
        }
        let serves = |queue: &QueueNo| agent.index.queues.contains(queue);
        if !serves(&self.queue) && !self.groups.iter().any(serves) {
            return Err(Misfit::Queue);
        }
        if !self.sites.is_empty()
            && !profile.site.as_ref().is_some_and(|site| self.sites.contains(site))
        {
            return Err(Misfit::Site);
        }
        if let Some(region) = &self.region
            && !profile.regions.is_empty()
            && !profile.regions.contains(region)
        {
            return Err(Misfit::Region(region.clone()));
        }
        if let Some(language) = &self.language
            && !profile.skills.contains_key(language)
        {
            return Err(Misfit::Skill { skill: language.clone(), asked: 1, has: None });
        }
        for (skill, asked) in &self.skills {
            let has = profile.skills.get(skill).copied();
            if has.is_none_or(|has| has < *asked) {
                return Err(Misfit::Skill { skill: skill.clone(), asked: *asked, has });
            }
        }
        Ok(())
    }

    /// Returns the sum of the agent's levels in the skills that are asked for.
    pub(crate) fn skill_of(&self, agent: &Agent) -> u32 {
        let skills = &agent.index.profile.skills;
        self.skills.iter().filter_map(|(skill, _)| skills.get(skill)).map(|it| u32::from(*it)).sum()
    }
}

/// The contacts and agents of one requirement.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) requirement: Arc<Requirement>,
    /// How many contacts are in it, those whom an agent is being rung for included.
    pub(crate) contacts: u32,
    /// Those of them who can be offered now.
    pub(crate) waiting: Ranked<Place>,
    /// Those who are on offer already and for whom one more agent can be rung now.
    pub(crate) rung: BTreeSet<Place>,
    /// The agents who can be offered one now, best first; right while somebody is waiting.
    pub(crate) ready: Ranked<Preference>,
    /// The agents whose entry there is looked at again before somebody waits.
    pub(crate) stale: Vec<AgentNo>,
    /// How many agents who could take one are at work, ready or not.
    pub(crate) staffed: u32,
    /// Its entry in the router's index of classes that have both a contact and an agent.
    pub(crate) hot: Option<Place>,
    /// Its entry among the classes that have an agent and a contact for which one more can be rung.
    pub(crate) hot_rung: Option<Place>,
    /// Its entry among the classes without contacts.
    pub(crate) idle_no: Option<u64>,
}

impl Class {
    pub(crate) fn new(requirement: Arc<Requirement>) -> Self {
        Self {
            requirement,
            contacts: 0,
            waiting: Ranked::default(),
            rung: BTreeSet::new(),
            ready: Ranked::default(),
            stale: Vec::new(),
            staffed: 0,
            hot: None,
            hot_rung: None,
            idle_no: None,
        }
    }

    /// Returns whether somebody can be offered now, or one more agent rung for somebody.
    pub(crate) fn looks_for_agents(&self) -> bool {
        !self.waiting.is_empty() || !self.rung.is_empty()
    }
}
