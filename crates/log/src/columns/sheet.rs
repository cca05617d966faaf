//! Columns of bytes, filled and read side by side.

use super::Parts;
use crate::codec::{BadBytes, Reader, Writer};

/// The columns, in the order in which they stand.
#[derive(Debug, Clone, Copy)]
pub(super) enum Column {
    /// Per entry, in runs: the place of its entity.
    Entities,
    /// Per entry, in runs: what kind its entity is.
    Kinds,
    /// Per entry, in runs: the place of its actor.
    Actors,
    /// Per entry, in runs: the Lamport number beyond one more than that of the entry before.
    Lamports,
    /// Per entry, in runs: whether its context follows by itself.
    Contexts,
    /// Per entry, in runs: what the wall clock went differently from the steady one.
    Walls,
    /// Per entry, in runs: the place of its boot.
    Boots,
    /// Per entry, in runs: none, or one more than the place of its anchor.
    Anchors,
    /// Per entry, in runs: its form version.
    Forms,
    /// Per entry, in runs: how many ops beyond the first.
    Counts,
    /// Per entity: whether its salt is here.
    Salts,
    /// Per context that is written: what it says.
    Seen,
    /// Per entry: how far the steady clock went.
    Steps,
    /// Per op, in runs: what it does, and to what kind of value.
    Tags,
    /// Per path: its template beyond the one after the last.
    Templates,
    /// Per id in a path, value or element: its place beyond that of the last.
    Ids,
    /// Names of choices, acts and reasons as numbers.
    Words,
    /// Whole and decimal numbers.
    Numbers,
    /// Lengths of texts, and how many names.
    Lengths,
}

const COLUMNS: usize = Column::Lengths as usize + 1;

/// Values that are the same one after another, written once with their count.
#[derive(Clone, Copy, Default)]
struct Run {
    value: u64,
    count: u64,
}

/// What is being written.
#[derive(Default)]
pub(super) struct Sheet {
    columns: [Writer; COLUMNS],
    runs: [Run; COLUMNS],
    text: Writer,
    /// What has no pattern, such as ids, keys and the lowest bytes of clocks: compression would only make it longer.
    pub(super) random: Writer,
}

#[expect(clippy::indexing_slicing, reason = "every column has its place in the arrays")]
impl Sheet {
    pub(super) fn at(&mut self, column: Column) -> &mut Writer {
        &mut self.columns[column as usize]
    }

    /// The next value of a column of runs.
    pub(super) fn run(&mut self, column: Column, value: u64) {
        let run = self.runs[column as usize];
        if run.count > 0 && run.value == value {
            self.runs[column as usize].count += 1;
        } else {
            self.end_run(column as usize);
            self.runs[column as usize] = Run { value, count: 1 };
        }
    }

    fn end_run(&mut self, column: usize) {
        let run = std::mem::take(&mut self.runs[column]);
        if run.count > 0 {
            self.columns[column].number(run.value);
            self.columns[column].number(run.count - 1);
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        self.at(Column::Lengths).count(text.len());
        self.text.raw(text.as_bytes());
    }

    /// The columns behind their lengths.
    pub(super) fn finish(mut self, head: Writer) -> Parts {
        for column in 0..COLUMNS {
            self.end_run(column);
        }
        let mut to = head;
        for column in &self.columns {
            to.count(column.0.len());
        }
        for column in &self.columns {
            to.raw(&column.0);
        }
        Parts { numbers: to.0, text: self.text.0, random: self.random.0 }
    }
}

/// What is being read.
pub(super) struct SheetReader<'a> {
    columns: [Reader<'a>; COLUMNS],
    runs: [Run; COLUMNS],
    text: Reader<'a>,
    pub(super) random: Reader<'a>,
}

#[expect(clippy::indexing_slicing, reason = "every column has its place in the arrays")]
impl<'a> SheetReader<'a> {
    pub(super) fn new(mut numbers: Reader<'a>, text: Reader<'a>, random: Reader<'a>) -> Result<Self, BadBytes> {
        let mut lengths = [0; COLUMNS];
        for length in &mut lengths {
            *length = numbers.count()?;
        }
        let mut columns = [const { Reader(&[]) }; COLUMNS];
        for (column, length) in columns.iter_mut().zip(lengths) {
            *column = Reader(numbers.take(length)?);
        }
        numbers.end()?;
        Ok(Self { columns, runs: [Run::default(); COLUMNS], text, random })
    }

    pub(super) fn at(&mut self, column: Column) -> &mut Reader<'a> {
        &mut self.columns[column as usize]
    }

    pub(super) fn run(&mut self, column: Column) -> Result<u64, BadBytes> {
        let mut run = self.runs[column as usize];
        if run.count == 0 {
            run.value = self.at(column).number()?;
            run.count = self.at(column).number()?.checked_add(1).ok_or(BadBytes::NotA("run"))?;
        }
        run.count -= 1;
        self.runs[column as usize] = run;
        Ok(run.value)
    }

    pub(super) fn text(&mut self) -> Result<String, BadBytes> {
        let length = usize::try_from(self.at(Column::Lengths).number()?).map_err(|_| BadBytes::Short)?;
        let bytes = self.text.take(length)?;
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| BadBytes::NotA("text"))
    }
}
