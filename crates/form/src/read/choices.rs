//! The choices sheet. Columns that are not known are kept: choice filters read them.

use std::collections::BTreeMap;

use super::sheet::{MEDIA, Table};
use super::{InstrumentError, InstrumentProblem};
use kend_domain::QuestionKind;

use crate::expression::lexer::is_name;
use crate::instrument::{Choice, Instrument, List, NodeKind};
use crate::words::{Localized, Template};

pub(super) fn read(table: &Table, allow_duplicates: bool, instrument: &mut Instrument) -> Result<(), InstrumentError> {
    // A form without selects needs no choices.
    if table.rows.is_empty() {
        return Ok(());
    }
    for column in ["list_name", "name"] {
        table.require(column)?;
    }
    let is_word = |column: &str| matches!(column, "list_name" | "name" | "label") || MEDIA.contains(&column);
    let columns = table
        .heads
        .iter()
        .filter(|head| !is_word(&head.column) && !Table::is_remark(head))
        .map(|head| head.written.clone())
        .collect::<Vec<_>>();
    let mut rows_of_names = BTreeMap::new();
    for row in &table.rows {
        let error = |column: &str, problem| table.error(row.number, column, problem);
        let (list_name, name) = (table.cell(row, "list_name"), table.cell(row, "name"));
        if !is_name(list_name) {
            return Err(error("list_name", InstrumentProblem::BadName(list_name.to_owned())));
        }
        if name.is_empty() {
            return Err(error("name", InstrumentProblem::Empty));
        }
        if name.chars().count() > crate::limits::NAME_CHARACTERS {
            return Err(error("name", InstrumentProblem::BadName(name.to_owned())));
        }
        let mut choice = Choice {
            name: name.to_owned(),
            label: Localized::default(),
            media: BTreeMap::new(),
            columns: BTreeMap::new(),
        };
        for (head, cell) in table.filled(row) {
            let language = head.language.as_deref();
            if head.is_media() {
                choice.media.entry(head.column.clone()).or_default().put(language, cell.to_owned());
            } else if head.column == "label" {
                let label =
                    Template::read(cell, |name| instrument.node_named(name)).map_err(|name| InstrumentError {
                        column: head.written.clone(),
                        ..error("label", InstrumentProblem::UnknownReference(name))
                    })?;
                choice.label.put(language, label);
            } else if !is_word(&head.column) && !Table::is_remark(head) {
                choice.columns.insert(head.written.clone(), cell.to_owned());
            }
        }
        let first = rows_of_names.entry((list_name.to_owned(), name.to_owned())).or_insert(row.number);
        if *first != row.number && !allow_duplicates {
            return Err(error("name", InstrumentProblem::DuplicateName { name: name.to_owned(), row: *first }));
        }
        let place = instrument.list_named(list_name).unwrap_or_else(|| {
            instrument.lists.push(List { name: list_name.to_owned(), columns: columns.clone(), ..List::default() });
            instrument.lists.len() - 1
        });
        if let Some(list) = instrument.lists.get_mut(place) {
            list.mentions.extend(choice.label.values().flat_map(Template::mentions));
            list.names.entry(choice.name.clone()).or_insert(list.choices.len());
            list.choices.push(choice);
        }
    }
    Ok(())
}

/// Refuses choices with a blank in their names in a list that several may be chosen from.
pub(super) fn refuse_blanks(list: &List, kind: NodeKind) -> Result<(), InstrumentProblem> {
    if kind != NodeKind::Question(QuestionKind::SelectMultiple) {
        return Ok(());
    }
    match list.choices.iter().find(|choice| choice.name.contains(char::is_whitespace)) {
        Some(choice) => Err(InstrumentProblem::BlankInChoice(choice.name.clone())),
        None => Ok(()),
    }
}
