//! What an administrator decides about a campaign: mode, rules of the sample, abandonment, hours, quotas.

use std::{collections::BTreeSet, time::Duration};

use cti_core::calendar::Calendar;

use super::mode::Mode;

/// The most regions and the most quota cells of a campaign.
pub const MAX_REGIONS_AND_CELLS: usize = 4_096;

/// A campaign: whom to call is imported, how is decided here.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// Who starts a call, and when.
    pub mode: Mode,
    /// How often and in which distance a customer is called (样本设置).
    pub sample: SampleRules,
    /// How many answered calls may find nobody.
    pub abandonment: AbandonmentRules,
    /// What is left for callers who come in.
    pub blend: Blend,
    /// How many calls may be under way at once.
    pub lines: u32,
    /// How long a phone rings before the attempt ends; 15 s or more.
    pub ring_for: Duration,
    /// What is believed of the list until experience says more.
    pub first_guess: FirstGuess,
    /// Where customers live and when they may be called; a record that names no region and whose number no prefix
    /// claims belongs to the first one.
    pub regions: Vec<Region>,
    /// Quota cells (配额).
    pub quotas: Vec<QuotaCell>,
    /// How many records the campaign holds, ended ones included.
    pub max_records: usize,
}

impl Campaign {
    /// Returns a campaign with the usual rules in `mode`, whose customers all live in `region`.
    #[must_use]
    pub fn new(mode: Mode, region: Region) -> Self {
        Self {
            mode,
            sample: SampleRules::default(),
            abandonment: AbandonmentRules::default(),
            blend: Blend::default(),
            lines: 1_000,
            ring_for: Duration::from_secs(25),
            first_guess: FirstGuess::default(),
            regions: vec![region],
            quotas: Vec::new(),
            max_records: 2_000_000,
        }
    }
}

/// How often and in which distance a customer is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleRules {
    /// How often a customer is dialled in all (最大拨打次数).
    pub max_attempts: u16,
    /// After how many refusals he is left alone (最大拒访次数).
    pub max_refusals: u16,
    /// How long after a busy tone (忙音重播间隔).
    pub busy_gap: Duration,
    /// The least time between two attempts to reach a customer (最小重播间隔).
    pub min_gap: Duration,
    /// The least time before another number of the same customer is dialled.
    pub next_number_gap: Duration,
    /// How long after a refusal.
    pub refused_gap: Duration,
    /// How long after a call that found no agent; 72 h in several countries.
    pub abandoned_gap: Duration,
    /// Whether another number of the customer follows a busy tone (遇忙拨下一个电话).
    pub next_number_when_busy: bool,
    /// Whether another number of the customer follows when nobody answers.
    pub next_number_when_no_answer: bool,
    /// How often one number is dialled in any 24 hours.
    pub max_per_number_and_day: u16,
}

impl Default for SampleRules {
    fn default() -> Self {
        Self {
            max_attempts: 5,
            max_refusals: 1,
            busy_gap: Duration::from_secs(10 * 60),
            min_gap: Duration::from_secs(2 * 3600),
            next_number_gap: Duration::from_secs(60),
            refused_gap: Duration::from_secs(24 * 3600),
            abandoned_gap: Duration::from_secs(72 * 3600),
            next_number_when_busy: false,
            next_number_when_no_answer: true,
            max_per_number_and_day: 3,
        }
    }
}

/// How many answered calls may find nobody.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AbandonmentRules {
    /// The greatest share of the calls answered by a person that may find no agent, at most 0.03.
    pub cap: f64,
    /// The length of the windows in which the cap holds, one after the other from the first start on. A call belongs to
    /// the window it was dialled in.
    pub window: Duration,
    /// How long a person who has answered waits for an agent before the call counts as abandoned.
    pub answer_wait: Duration,
    /// With fewer agents than this, nothing is dialled ahead.
    pub least_agents: u32,
}

impl Default for AbandonmentRules {
    fn default() -> Self {
        Self {
            cap: 0.03,
            window: Duration::from_secs(24 * 3600),
            answer_wait: Duration::from_secs(2),
            least_agents: 10,
        }
    }
}

/// What is left for callers who come in, when agents do both. Incoming calls come first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blend {
    /// How many idle agents are kept free for incoming calls.
    pub keep_free: u32,
}

/// What is believed of the list until experience says more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FirstGuess {
    /// The share of attempts that a person answers.
    pub answer_rate: f64,
    /// The mean time from dialling to the answer.
    pub answer_after: Duration,
    /// The mean time of an agent for one call, after-call work included.
    pub handle: Duration,
}

impl Default for FirstGuess {
    fn default() -> Self {
        Self {
            answer_rate: 0.5,
            answer_after: Duration::from_secs(12),
            handle: Duration::from_secs(120),
        }
    }
}

/// A region: whose numbers belong to it and when they may be called.
#[derive(Clone, Debug)]
pub struct Region {
    /// Its name.
    pub name: String,
    /// Prefixes of numbers that belong to it; of all regions the longest prefix counts.
    pub prefixes: Vec<String>,
    /// When its people may be called: in working hours of this calendar. `None` is at any time.
    pub calendar: Option<Calendar>,
}

impl Region {
    /// Returns a region whose people may be called at any time.
    #[must_use]
    pub fn any_time(name: &str) -> Self {
        Self { name: name.to_owned(), prefixes: Vec::new(), calendar: None }
    }

    /// Returns a region whose people may be called in the working hours of `calendar`.
    #[must_use]
    pub fn in_hours(name: &str, calendar: Calendar) -> Self {
        Self { calendar: Some(calendar), ..Self::any_time(name) }
    }
}

/// A quota cell: how many completed contacts of a kind are wanted, such as women of 30 to 39 in one district.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaCell {
    /// Its name.
    pub name: String,
    /// How many are wanted.
    pub wanted: u32,
}

/// A campaign that cannot be run; names the field and the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct InvalidCampaign {
    /// Which field.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Campaign {
    /// Returns what contradicts itself first, if anything does.
    ///
    /// # Errors
    /// When a value is out of its range or a name is there twice.
    pub fn check(&self) -> Result<(), InvalidCampaign> {
        let seconds = |from: u64, to: u64| Duration::from_secs(from)..=Duration::from_secs(to);
        let year = 366 * 86_400;
        demand("abandonment.cap", (0.0..=0.03).contains(&self.abandonment.cap), "0 to 0.03")?;
        let window = seconds(60, 31 * 86_400).contains(&self.abandonment.window);
        demand("abandonment.window", window, "1 minute to 31 days")?;
        let wait = self.abandonment.answer_wait <= Duration::from_secs(10);
        demand("abandonment.answer_wait", wait, "at most 10 s")?;
        demand("ring_for", seconds(15, 120).contains(&self.ring_for), "15 s to 120 s")?;
        demand("lines", (1..=100_000).contains(&self.lines), "1 to 100000")?;
        let guess = self.first_guess;
        let rate = guess.answer_rate > 0.0 && guess.answer_rate <= 1.0;
        demand("first_guess.answer_rate", rate, "above 0 and at most 1")?;
        let after = seconds(1, 120).contains(&guess.answer_after);
        demand("first_guess.answer_after", after, "1 s to 120 s")?;
        let handle = seconds(1, 86_400).contains(&guess.handle);
        demand("first_guess.handle", handle, "1 s to 24 h")?;
        demand("sample.max_attempts", self.sample.max_attempts > 0, "at least 1")?;
        demand("sample.max_refusals", self.sample.max_refusals > 0, "at least 1")?;
        let per_day = (1..=24).contains(&self.sample.max_per_number_and_day);
        demand("sample.max_per_number_and_day", per_day, "1 to 24")?;
        for (field, gap) in [
            ("sample.busy_gap", self.sample.busy_gap),
            ("sample.min_gap", self.sample.min_gap),
            ("sample.next_number_gap", self.sample.next_number_gap),
            ("sample.refused_gap", self.sample.refused_gap),
            ("sample.abandoned_gap", self.sample.abandoned_gap),
        ] {
            demand(field, seconds(0, year).contains(&gap), "at most 366 days")?;
        }
        demand("max_records", (1..=10_000_000).contains(&self.max_records), "1 to 10000000")?;
        self.mode.check()?;
        names("regions", 1, self.regions.iter().map(|region| &region.name))?;
        names("quotas", 0, self.quotas.iter().map(|cell| &cell.name))
    }
}

pub(super) fn demand(field: &str, holds: bool, range: &str) -> Result<(), InvalidCampaign> {
    if holds {
        return Ok(());
    }
    Err(InvalidCampaign { field: field.to_owned(), reason: format!("must be {range}") })
}

fn names<'n>(
    field: &str,
    least: usize,
    names: impl ExactSizeIterator<Item = &'n String>,
) -> Result<(), InvalidCampaign> {
    let bounds = least..=MAX_REGIONS_AND_CELLS;
    demand(field, bounds.contains(&names.len()), &format!("{least} to {MAX_REGIONS_AND_CELLS}"))?;
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            let reason = format!("{name} is listed twice");
            return Err(InvalidCampaign { field: field.to_owned(), reason });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_campaign_is_named_with_its_field() {
        let usual = || Campaign::new(Mode::Progressive, Region::any_time("all"));
        assert_eq!(usual().check(), Ok(()));
        let wrong = |campaign: Campaign| campaign.check().unwrap_err().to_string();

        let abandonment = AbandonmentRules { cap: 0.05, ..AbandonmentRules::default() };
        assert_eq!(
            wrong(Campaign { abandonment, ..usual() }),
            "abandonment.cap: must be 0 to 0.03"
        );
        assert_eq!(
            wrong(Campaign { ring_for: Duration::from_secs(10), ..usual() }),
            "ring_for: must be 15 s to 120 s"
        );
        let twice = vec![Region::any_time("all"), Region::any_time("all")];
        assert_eq!(wrong(Campaign { regions: twice, ..usual() }), "regions: all is listed twice");
        assert_eq!(
            wrong(Campaign { regions: Vec::new(), ..usual() }),
            "regions: must be 1 to 4096"
        );
    }
}
