//! Named customer to named agent: he is this customer's agent (特定客户特定分配).

use cti_core::id::AgentId;

use super::Words;

/// The rule's name.
pub(crate) const NAME: &str = "customer_agent";

/// What it does, in one line.
pub(crate) fn description() -> Words {
    Words::new(
        "该客户的专属坐席；可设时限，过时任何人均可",
        "the agent who looks after this customer; anyone after the time that the contact gives",
    )
}

/// Says why the contact goes to this agent and to no other.
pub(crate) fn why(agent: &AgentId) -> Words {
    Words::new(format!("{agent} 是该客户的专属坐席"), format!("{agent} looks after this customer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_names_who_looks_after_the_customer() {
        let words = why(&AgentId::new("8003").unwrap());
        assert!(words.zh.contains("8003") && words.en.contains("8003"));
        assert!(description().en.contains("agent"));
    }
}
