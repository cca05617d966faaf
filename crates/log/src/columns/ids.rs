//! Ids of 16 bytes: entities, people, devices, boots, instances. Each stands once, where it is first used; then its place
//! in that order does.

use super::sheet::{Column, Sheet, SheetReader};
use crate::codec::BadBytes;
use crate::table::Table;

type Id = [u8; 16];

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
        let number = |place| i64::try_from(place).unwrap_or(i64::MAX);
        sheet.at(Column::Ids).signed(number(place) - number(self.last));
        self.last = place;
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
        let place = self.last.wrapping_add_signed(sheet.at(Column::Ids).signed()?);
        self.last = place;
        self.at(sheet, place)
    }
}
