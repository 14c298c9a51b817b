//! Where calls by one trunk lead, when that is another place than the number plan says.

use cti_core::{
    config::{Destination, NumberConfig, TrunkPlan},
    id::{FlowId, QueueId, TrunkId},
};
use serde::Deserialize;

use super::{Config, Number};

/// Where calls by one trunk lead.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkNumbers {
    trunk: TrunkId,
    /// Numbers that lead somewhere of their own when they are dialled by this trunk.
    #[serde(default)]
    numbers: Vec<Number>,
    /// The flow of all its other calls.
    flow: Option<FlowId>,
    /// The queue of all its other calls.
    queue: Option<QueueId>,
}

impl TrunkNumbers {
    fn plan(&self) -> Result<TrunkPlan, String> {
        let others = match (&self.flow, &self.queue) {
            (Some(flow), None) => Some(Destination::Flow(flow.clone())),
            (None, Some(queue)) => Some(Destination::Queue(queue.clone())),
            (None, None) if !self.numbers.is_empty() => None,
            (Some(_) | None, Some(_) | None) => {
                return Err(format!(
                    "trunk {} needs numbers, or one of flow and queue for all its calls",
                    self.trunk
                ));
            }
        };
        let numbers: Result<_, String> = self.numbers.iter().map(Number::entry).collect();
        Ok(TrunkPlan { trunk: self.trunk.clone(), numbers: numbers?, others })
    }
}

impl Config {
    /// Returns where calls by trunks lead.
    ///
    /// # Errors
    /// When an entry makes no sense, or names a trunk by which no call comes.
    pub(super) fn read_trunk_plans(&self) -> Result<Vec<TrunkPlan>, String> {
        let trusted = self.sip.trusted.iter().map(|it| it.trunk.as_str());
        let guests = self.sip.guests.iter().map(|it| it.trunk.as_str());
        let carriers = self.sip.trunks.iter().map(|it| it.trunk.as_str());
        let known: Vec<&str> = trusted.chain(guests).chain(carriers).collect();
        let plan = |it: &TrunkNumbers| {
            if !known.contains(&it.trunk.as_str()) {
                let known = known.join(", ");
                return Err(format!("no call comes by trunk {}, there are {known}", it.trunk));
            }
            it.plan()
        };
        self.trunks.iter().map(plan).collect()
    }

    /// Returns where calls by trunks lead.
    ///
    /// # Panics
    /// Never: the entries were checked when the file was read.
    #[must_use]
    pub fn trunk_plans(&self) -> Vec<TrunkPlan> {
        self.read_trunk_plans().expect("checked when the file was read")
    }
}

impl Number {
    /// Returns it as the Center knows it.
    pub(super) fn entry(&self) -> Result<NumberConfig, String> {
        let to = self.destination()?;
        Ok(NumberConfig { number: self.number.clone(), name: self.name.clone(), to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMO: &str = include_str!("../../../config/demo.toml");

    fn plans(more: &str) -> Result<Vec<TrunkPlan>, String> {
        let config = Config::parse("f.toml", &format!("{DEMO}\n{more}"));
        config.map(|it| it.trunk_plans()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_trunk_has_numbers_of_its_own_and_a_place_for_all_its_other_calls() {
        let text = "[[trunks]]\ntrunk = \"web\"\nflow = \"leave-message\"\n\
            numbers = [{ number = \"12345\", name = \"网页\", queue = \"general\" }]";
        let plans = plans(text).unwrap();
        assert_eq!(plans[0].trunk.as_str(), "web");
        let queue = Destination::Queue("general".parse().unwrap());
        assert_eq!((&plans[0].numbers[0].to, plans[0].numbers[0].name.as_str()), (&queue, "网页"));
        assert_eq!(plans[0].others, Some(Destination::Flow("leave-message".parse().unwrap())));
    }

    #[test]
    fn a_trunk_by_which_no_call_comes_and_an_entry_that_says_nothing_are_refused() {
        for (text, words) in [
            ("trunk = \"wset\"\nflow = \"x\"", "no call comes by trunk wset, there are pstn, web"),
            ("trunk = \"pstn\"", "trunk pstn needs numbers, or one of flow and queue"),
            ("trunk = \"pstn\"\nflow = \"x\"\nqueue = \"y\"", "one of flow and queue"),
        ] {
            let error = plans(&format!("[[trunks]]\n{text}")).unwrap_err();
            assert!(error.starts_with("f.toml: trunks: ") && error.contains(words), "{error}");
        }
    }
}
