//! What a waiting contact asks of the one who takes it, as programs say it.

use std::{collections::BTreeMap, time::Duration};

use cti_core::{
    id::{AgentId, RegionId, SkillId},
    needs::{Medium, Needs, Wanted, WantedFor},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::rest::problem::Problem;

/// What is asked of the agent.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The skills and the least level of each, 1 to 10; at most 32.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, u8>)]
    pub skills: BTreeMap<SkillId, u8>,
    /// The language.
    #[schema(value_type = Option<String>)]
    pub language: Option<SkillId>,
    /// The region the matter belongs to.
    #[schema(value_type = Option<String>)]
    pub region: Option<RegionId>,
    /// A certain agent.
    pub agent: Option<AskedAgent>,
}

/// A certain agent who is asked for.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskedAgent {
    /// Who.
    #[schema(value_type = String)]
    pub agent: AgentId,
    /// Why him.
    #[serde(default)]
    pub because: Because,
    /// How long only he will do, in milliseconds; nobody else ever when absent.
    pub only_for_ms: Option<u64>,
}

/// Why a certain agent is asked for.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// The caller dialled or chose him.
    #[default]
    Named,
    /// He is the agent of this customer.
    Customer,
    /// He served this caller last.
    Last,
}

impl Asked {
    /// Returns the needs of a spoken contact.
    pub(in crate::rest) fn read(self) -> Result<Needs, Problem> {
        self.read_for(Medium::Voice)
    }

    /// Returns the needs of a contact of this medium.
    pub(in crate::rest) fn read_for(self, medium: Medium) -> Result<Needs, Problem> {
        let agent = self.agent.map(|wanted| Wanted {
            agent: wanted.agent,
            because: match wanted.because {
                Because::Named => WantedFor::Named,
                Because::Customer => WantedFor::Customer,
                Because::Last => WantedFor::Last,
            },
            only_for: wanted.only_for_ms.map(Duration::from_millis),
        });
        let Self { skills, language, region, .. } = self;
        let needs = Needs { medium, skills, language, region, agent };
        needs.check().map_err(|error| Problem::invalid("needs", error))?;
        Ok(needs)
    }
}
