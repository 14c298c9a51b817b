//! Quota cells: what is wanted is never exceeded, because a place is taken before a number is dialled.

use cti_core::{calendar::DayPart, time::Timestamp};
use serde::{Deserialize, Serialize};

use super::{config::Region, input::Output, list::GroupNo, machine::Dialer, words::why};
/// Where a cell stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Contacts that are completed.
    pub completed: u32,
    /// Customers who are being shown, dialled or talked to.
    pub taken: u32,
}

impl Region {
    /// Returns whether people of the region may be called at this moment.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.calendar.as_ref().is_none_or(|calendar| calendar.day_part(at) == DayPart::Work)
    }
}

impl Dialer {
    pub(super) fn has_room(&self, cell: u16) -> bool {
        let Cell { completed, taken } = self.state.cells[usize::from(cell)];
        completed + taken < self.campaign.quotas[usize::from(cell)].wanted
    }

    /// Takes a place in each cell.
    pub(super) fn take_places(&mut self, cells: &[u16]) {
        for cell in cells {
            self.change_cell(*cell, |cell| cell.taken += 1);
        }
    }

    /// Gives the places back.
    pub(super) fn give_back_places(&mut self, cells: &[u16]) {
        for cell in cells {
            self.change_cell(*cell, |cell| cell.taken -= 1);
        }
    }

    /// Makes the places completed contacts.
    pub(super) fn complete_places(&mut self, cells: &[u16]) {
        for cell in cells {
            self.change_cell(*cell, |cell| {
                cell.taken -= 1;
                cell.completed += 1;
            });
            let quota = &self.campaign.quotas[usize::from(*cell)];
            if self.state.cells[usize::from(*cell)].completed == quota.wanted {
                let (name, wanted) = (quota.name.clone(), quota.wanted);
                let why = why(
                    "quota_reached",
                    format!("{name} 已完成 {wanted} 个"),
                    format!("{wanted} contacts of {name} are completed"),
                );
                self.put(Output::QuotaReached { cell: name, why });
            }
        }
    }

    fn change_cell(&mut self, cell: u16, change: impl FnOnce(&mut Cell)) {
        let before = self.has_room(cell);
        change(&mut self.state.cells[usize::from(cell)]);
        if self.has_room(cell) != before {
            for group in self.list.of_cell(cell) {
                self.refresh_group(group);
            }
        }
    }

    /// Opens a group whose region is open and whose cells have room, and closes it otherwise.
    pub(super) fn refresh_group(&mut self, group: GroupNo) {
        let (region, cells) = self.list.kind(group);
        let open =
            self.region_open[usize::from(region)] && cells.iter().all(|cell| self.has_room(*cell));
        self.list.set_open(group, open);
    }
}
