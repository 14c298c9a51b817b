//! Who is next: customers who are due, by priority, of the groups that may be called.
//!
//! A group is a region with a set of quota cells. It is open when the region's hours are and each cell has room. Heads
//! of open groups lie sorted, so that finding the next customer costs O(log n), however many groups are closed.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use cti_core::time::Timestamp;

use super::id::RecordId;

/// Greater priority first, then who was due first.
type Place = (Reverse<i32>, Timestamp, RecordId);

/// A group's place in the list of groups.
pub(super) type GroupNo = usize;

#[derive(Clone, Debug)]
struct Group {
    region: u16,
    cells: Vec<u16>,
    due: BTreeSet<Place>,
    open: bool,
}

/// Everybody who waits.
#[derive(Clone, Debug, Default)]
pub(super) struct List {
    /// Who is not due yet.
    later: BTreeSet<(Timestamp, RecordId)>,
    numbers: BTreeMap<(u16, Vec<u16>), GroupNo>,
    groups: Vec<Group>,
    /// The first one of each open group.
    heads: BTreeSet<(Place, GroupNo)>,
    by_region: BTreeMap<u16, Vec<GroupNo>>,
    by_cell: BTreeMap<u16, Vec<GroupNo>>,
}

impl List {
    /// Returns the group of a region and cells; a new one is closed.
    pub(super) fn group(&mut self, region: u16, cells: &[u16]) -> GroupNo {
        if let Some(number) = self.numbers.get(&(region, cells.to_vec())) {
            return *number;
        }
        let number = self.groups.len();
        self.numbers.insert((region, cells.to_vec()), number);
        let cells = cells.to_vec();
        for cell in &cells {
            self.by_cell.entry(*cell).or_default().push(number);
        }
        self.groups.push(Group { region, cells, due: BTreeSet::new(), open: false });
        self.by_region.entry(region).or_default().push(number);
        number
    }

    pub(super) fn of_region(&self, region: u16) -> Vec<GroupNo> {
        self.by_region.get(&region).cloned().unwrap_or_default()
    }

    pub(super) fn of_cell(&self, cell: u16) -> Vec<GroupNo> {
        self.by_cell.get(&cell).cloned().unwrap_or_default()
    }

    /// Returns a group's region and cells.
    pub(super) fn kind(&self, group: GroupNo) -> (u16, &[u16]) {
        let Group { region, cells, .. } = &self.groups[group];
        (*region, cells)
    }

    pub(super) fn set_open(&mut self, group: GroupNo, open: bool) {
        if self.groups[group].open != open {
            self.change(group, |group| group.open = open);
        }
    }

    /// Lets somebody wait until a moment.
    pub(super) fn insert_later(&mut self, record: RecordId, due: Timestamp) {
        self.later.insert((due, record));
    }

    pub(super) fn remove_later(&mut self, record: RecordId, due: Timestamp) -> bool {
        self.later.remove(&(due, record))
    }

    /// When the next one is due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.later.first().map(|(due, _)| *due)
    }

    /// Removes and returns somebody who is due by now.
    pub(super) fn pop_due(&mut self, now: Timestamp) -> Option<(RecordId, Timestamp)> {
        if self.next_due()? > now {
            return None;
        }
        self.later.pop_first().map(|(due, record)| (record, due))
    }

    /// Puts somebody who is due into his group.
    pub(super) fn insert_due(
        &mut self,
        group: GroupNo,
        record: RecordId,
        priority: i32,
        due: Timestamp,
    ) {
        let place = (Reverse(priority), due, record);
        self.change(group, |group| {
            group.due.insert(place);
        });
    }

    pub(super) fn remove_due(
        &mut self,
        group: GroupNo,
        record: RecordId,
        priority: i32,
        due: Timestamp,
    ) {
        let place = (Reverse(priority), due, record);
        self.change(group, |group| {
            group.due.remove(&place);
        });
    }

    /// Removes and returns who is next of all open groups.
    pub(super) fn pop(&mut self) -> Option<RecordId> {
        let ((_, _, record), number) = *self.heads.first()?;
        self.change(number, |group| {
            group.due.pop_first();
        });
        Some(record)
    }

    pub(super) fn has_next(&self) -> bool {
        !self.heads.is_empty()
    }

    /// How many wait for their moment, how many are due in open groups, and how many in closed ones.
    pub(super) fn counts(&self) -> (usize, usize, usize) {
        let due = |open| {
            let groups = self.groups.iter().filter(|group| group.open == open);
            groups.map(|group| group.due.len()).sum()
        };
        (self.later.len(), due(true), due(false))
    }

    /// Changes a group and keeps its head where it belongs.
    fn change(&mut self, number: GroupNo, change: impl FnOnce(&mut Group)) {
        let group = &mut self.groups[number];
        let head = |group: &Group| group.open.then(|| group.due.first().copied()).flatten();
        let before = head(group);
        change(group);
        let after = head(group);
        if before != after {
            if let Some(place) = before {
                self.heads.remove(&(place, number));
            }
            if let Some(place) = after {
                self.heads.insert((place, number));
            }
        }
    }
}
