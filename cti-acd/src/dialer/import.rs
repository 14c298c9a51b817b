//! The list as the administrator changes it: customers come, are taken back, want no calls.

use std::collections::{BTreeSet, VecDeque};

use cti_core::address::PhoneNumber;

use super::{
    id::RecordId,
    input::{DialerError, ImportRefusal, NewRecord, Output},
    machine::Dialer,
    record::{End, Line, MAX_NUMBERS, Record, RecordState},
    words::why,
};

/// How many quota cells a customer counts in at most.
const MAX_CELLS: usize = 8;

/// How many numbers the do-not-call list holds.
const MAX_DO_NOT_CALL: usize = 50_000_000;

impl Dialer {
    pub(super) fn import(&mut self, new: NewRecord) -> Result<(), DialerError> {
        let id = new.id;
        let (mut record, left_out) =
            self.checked(&new).map_err(|reason| DialerError::Import { record: id, reason })?;
        for line in &record.lines {
            self.owners.insert(line.number.clone(), id);
        }
        record.group = self.list.group(record.region, &record.cells);
        self.refresh_group(record.group);
        self.list.insert_later(id, new.not_before);
        self.state.records.insert(id, record);
        let why = match left_out {
            0 => why("imported", "已导入", "imported"),
            count => why(
                "do_not_call",
                format!("已导入，{count} 个号码在免打扰名单中"),
                format!("imported, {count} numbers are on the do-not-call list"),
            ),
        };
        self.put(Output::Imported { record: id, why });
        Ok(())
    }

    /// Returns the record and how many of its numbers are left out.
    fn checked(&self, new: &NewRecord) -> Result<(Record, usize), ImportRefusal> {
        if self.state.records.contains_key(&new.id) {
            return Err(ImportRefusal::Twice);
        }
        if self.state.records.len() >= self.campaign.max_records {
            return Err(ImportRefusal::Full { most: self.campaign.max_records });
        }
        let numbers: BTreeSet<_> = new.numbers.iter().collect();
        if numbers.is_empty()
            || new.numbers.len() > MAX_NUMBERS
            || numbers.len() < new.numbers.len()
        {
            let (count, most) = (numbers.len(), MAX_NUMBERS);
            return Err(ImportRefusal::Numbers { count, most });
        }
        if numbers.iter().any(|number| number.is_withheld()) {
            return Err(ImportRefusal::NoNumber);
        }
        for number in numbers {
            if let Some(record) = self.owners.get(number) {
                return Err(ImportRefusal::NumberTaken { number: number.clone(), record: *record });
            }
        }
        let may_be_called = |number: &&PhoneNumber| !self.state.do_not_call.contains(*number);
        let lines: Vec<_> = new
            .numbers
            .iter()
            .filter(may_be_called)
            .map(|number| Line { number: number.clone(), usable: true, dialled: VecDeque::new() })
            .collect();
        if lines.is_empty() {
            return Err(ImportRefusal::DoNotCall);
        }
        let record = Record {
            next: 0,
            region: self.region_of(new)?,
            cells: self.cells_of(new)?,
            group: 0,
            priority: new.priority,
            attempts: 0,
            refusals: 0,
            recalled: false,
            state: RecordState::Waiting { due: new.not_before },
            lines,
        };
        let left_out = new.numbers.len() - record.lines.len();
        Ok((record, left_out))
    }

    fn region_of(&self, new: &NewRecord) -> Result<u16, ImportRefusal> {
        if let Some(name) = &new.region {
            let named = (0..).zip(&self.campaign.regions).find(|(_, region)| region.name == *name);
            return named
                .map(|(number, _)| number)
                .ok_or_else(|| ImportRefusal::UnknownRegion(name.clone()));
        }
        let number = new.numbers[0].reveal();
        // Numbers hold ASCII only, so every cut is between characters.
        let longest = (1..=number.len()).rev().find_map(|cut| self.prefixes.get(&number[..cut]));
        Ok(longest.copied().unwrap_or(0))
    }

    fn cells_of(&self, new: &NewRecord) -> Result<Vec<u16>, ImportRefusal> {
        if new.cells.len() > MAX_CELLS {
            return Err(ImportRefusal::TooManyCells { most: MAX_CELLS });
        }
        let mut cells = BTreeSet::new();
        for name in &new.cells {
            let found = (0..).zip(&self.campaign.quotas).find(|(_, cell)| cell.name == *name);
            let (number, _) = found.ok_or_else(|| ImportRefusal::UnknownCell(name.clone()))?;
            cells.insert(number);
        }
        Ok(cells.into_iter().collect())
    }

    pub(super) fn recall(&mut self, id: RecordId) -> Result<(), DialerError> {
        let record = self.state.records.get_mut(&id).ok_or(DialerError::UnknownRecord(id))?;
        match &record.state {
            RecordState::Waiting { .. } => {
                self.leave_list(id);
                self.end(id, End::Recalled);
                Ok(())
            }
            RecordState::Offered { .. }
            | RecordState::Dialling { .. }
            | RecordState::Answered { .. }
            | RecordState::Talking { .. } => {
                record.recalled = true;
                Ok(())
            }
            RecordState::Ended(_) => {
                Err(DialerError::Record { record: id, reason: "has ended already" })
            }
        }
    }

    pub(super) fn do_not_call(
        &mut self,
        number: PhoneNumber,
        listed: bool,
    ) -> Result<(), DialerError> {
        if !listed {
            self.state.do_not_call.remove(&number);
            return Ok(());
        }
        if self.state.do_not_call.len() >= MAX_DO_NOT_CALL {
            return Err(DialerError::DoNotCallFull { most: MAX_DO_NOT_CALL });
        }
        self.state.do_not_call.insert(number);
        Ok(())
    }

    /// Takes a waiting record out of the list.
    pub(super) fn leave_list(&mut self, id: RecordId) {
        let record = &self.state.records[&id];
        let RecordState::Waiting { due } = record.state else { return };
        if !self.list.remove_later(id, due) {
            self.list.remove_due(record.group, id, record.priority, due);
        }
    }
}
