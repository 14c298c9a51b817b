//! Snapshots: what was told is kept, every index is made again.

use cti_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    config::{Campaign, InvalidCampaign},
    machine::{Dialer, State},
    quota::Cell,
};

#[derive(Debug, Serialize, Deserialize)]
struct Snapshot {
    version: Version,
    /// The names that numbers in the records stand for.
    regions: Vec<String>,
    cells: Vec<String>,
    state: State,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Version {
    #[serde(rename = "cti-dialer/1")]
    One,
}

/// A snapshot that cannot be taken over.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The campaign contradicts itself.
    #[error(transparent)]
    Campaign(#[from] InvalidCampaign),
    /// It is no snapshot of a dialer.
    #[error("no snapshot of a dialer: {0}")]
    Form(#[from] serde_json::Error),
    /// Regions or quota cells were renamed, moved or removed; new ones may only be appended.
    #[error("{field}: the snapshot has {name} where the campaign has another")]
    Names {
        /// `regions` or `quotas`.
        field: &'static str,
        /// The first name that differs.
        name: String,
    },
}

impl Dialer {
    /// Returns everything that [`restore`](Self::restore) needs besides the campaign.
    ///
    /// # Errors
    /// Never in practice; the serialiser's, if it has one.
    pub fn snapshot(&self) -> Result<Value, serde_json::Error> {
        serde_json::to_value(Snapshot {
            version: Version::One,
            regions: self.campaign.regions.iter().map(|region| region.name.clone()).collect(),
            cells: self.campaign.quotas.iter().map(|cell| cell.name.clone()).collect(),
            state: self.state.clone(),
        })
    }

    /// Returns the dialer of a snapshot, to go on at `now`. The campaign may have other rules, and more regions and cells.
    ///
    /// # Errors
    /// When the campaign contradicts itself or the snapshot does not fit it.
    pub fn restore(
        campaign: Campaign,
        snapshot: Value,
        now: Timestamp,
    ) -> Result<Self, RestoreError> {
        campaign.check()?;
        let Snapshot { version: Version::One, regions, cells, mut state } =
            serde_json::from_value(snapshot)?;
        let known = campaign.regions.iter().map(|region| &region.name);
        same_names("regions", &regions, known)?;
        same_names("quotas", &cells, campaign.quotas.iter().map(|cell| &cell.name))?;
        state.cells.resize(campaign.quotas.len(), Cell::default());
        let mut dialer = Self::with_state(campaign, state);
        dialer.take_up(now);
        Ok(dialer)
    }
}

fn same_names<'n>(
    field: &'static str,
    before: &[String],
    mut now: impl Iterator<Item = &'n String>,
) -> Result<(), RestoreError> {
    match before.iter().find(|name| now.next() != Some(*name)) {
        Some(name) => Err(RestoreError::Names { field, name: name.clone() }),
        None => Ok(()),
    }
}
