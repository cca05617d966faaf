//! Ids of 16 bytes: entities, people, devices, boots, instances. Each stands once, where it is first used; then its place
//! in that order does. What an entry adds has an id that follows from the entry's header, if the device gave it that.

use kend_domain::DeviceId;

use super::sheet::{Column, Sheet, SheetReader};
use crate::Header;
use crate::codec::BadBytes;
use crate::table::Table;

type Id = [u8; 16];

/// The id that an entry's header gives to what the entry adds.
#[derive(Clone, Copy)]
pub(super) struct Own<'a> {
    pub(super) device: DeviceId,
    pub(super) header: &'a Header,
}

impl Own<'_> {
    fn id(self) -> Id {
        let Header { entity, seq, said, .. } = self.header;
        *said.instance(self.device, *entity, *seq).as_bytes()
    }
}

/// Ids that were written.
#[derive(Default)]
pub(super) struct WrittenIds {
    table: Table<Id>,
    last: usize,
}

impl WrittenIds {
    /// An id that the reader knows.
    pub(super) fn know(&mut self, id: Id) {
        self.table.place(id);
    }

    fn place(&mut self, sheet: &mut Sheet, id: Id) -> usize {
        let (place, new) = self.table.place(id);
        if new {
            sheet.random.raw(&id);
        }
        place
    }

    /// In a column of runs.
    pub(super) fn run(&mut self, sheet: &mut Sheet, column: Column, id: Id) {
        let place = self.place(sheet, id);
        sheet.run(column, u64::try_from(place).unwrap_or(u64::MAX));
    }

    /// By its place alone.
    pub(super) fn plain(&mut self, sheet: &mut Sheet, column: Column, id: Id) {
        let place = self.place(sheet, id);
        sheet.at(column).count(place);
    }

    /// Beside the last one of an op.
    pub(super) fn near(&mut self, sheet: &mut Sheet, id: Id) {
        let place = self.place(sheet, id);
        self.beyond(sheet, place);
        self.last = place;
    }

    /// The same for one that may follow from the entry: then it has the place behind the next, and nothing of it is written.
    pub(super) fn added(&mut self, sheet: &mut Sheet, id: Id, own: Own<'_>) {
        if self.table.has(&id) || id != own.id() {
            return self.near(sheet, id);
        }
        let (place, _) = self.table.place(id);
        self.beyond(sheet, place + 1);
        self.last = place;
    }

    fn beyond(&self, sheet: &mut Sheet, place: usize) {
        let number = |place| i64::try_from(place).unwrap_or(i64::MAX);
        sheet.at(Column::Ids).signed(number(place) - number(self.last));
    }
}

/// Ids that were read.
#[derive(Default)]
pub(super) struct ReadIds {
    table: Table<Id>,
    last: u64,
}

impl ReadIds {
    /// An id that need not be written.
    pub(super) fn know(&mut self, id: Id) {
        if !self.table.values().contains(&id) {
            self.table.push(id);
        }
    }

    fn at(&mut self, sheet: &mut SheetReader<'_>, place: u64) -> Result<Id, BadBytes> {
        if self.table.is_next(place) {
            self.table.push(sheet.random.array()?);
        }
        self.table.at(place)
    }

    pub(super) fn run(&mut self, sheet: &mut SheetReader<'_>, column: Column) -> Result<Id, BadBytes> {
        let place = sheet.run(column)?;
        self.at(sheet, place)
    }

    pub(super) fn plain(&mut self, sheet: &mut SheetReader<'_>, column: Column) -> Result<Id, BadBytes> {
        let place = sheet.at(column).number()?;
        self.at(sheet, place)
    }

    pub(super) fn near(&mut self, sheet: &mut SheetReader<'_>) -> Result<Id, BadBytes> {
        let place = self.beyond(sheet)?;
        self.last = place;
        self.at(sheet, place)
    }

    /// One that may follow from the entry.
    pub(super) fn added(&mut self, sheet: &mut SheetReader<'_>, own: Own<'_>) -> Result<Id, BadBytes> {
        let place = self.beyond(sheet)?;
        if let Some(next) = place.checked_sub(1).filter(|next| self.table.is_next(*next)) {
            self.last = next;
            self.table.push(own.id());
            return Ok(own.id());
        }
        self.last = place;
        self.at(sheet, place)
    }

    fn beyond(&self, sheet: &mut SheetReader<'_>) -> Result<u64, BadBytes> {
        Ok(self.last.wrapping_add_signed(sheet.at(Column::Ids).signed()?))
    }
}
