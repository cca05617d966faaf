//! The survey sheet, first pass: rows to nodes with their places and names. Expressions and words wait until every
//! name is known.

use std::collections::BTreeMap;

use super::sheet::{Row, Table};
use super::{InstrumentError, InstrumentProblem};
use kend_domain::QuestionKind;

use crate::expression::lexer::is_name;
use crate::instrument::{Instrument, Meta, Node, NodeKind};
use crate::limits;
use crate::words::Localized;

/// The survey sheet and which of its rows became which node.
pub(super) struct Questions<'a> {
    pub(super) table: &'a Table,
    /// The row of each node, by the node's place.
    pub(super) rows: Vec<Asked<'a>>,
}

/// A row that became a node.
pub(super) struct Asked<'a> {
    pub(super) row: &'a Row,
    /// The name of the list that a select chooses from.
    pub(super) list: Option<String>,
}

/// The column that says which media types a question takes; its name is that of the attribute in `XForms`.
pub(super) const ACCEPT: &str = "body::accept";

const KNOWN: [&str; 23] = [
    "type",
    "name",
    "label",
    "hint",
    "guidance_hint",
    "appearance",
    "required",
    "required_message",
    "relevant",
    "constraint",
    "constraint_message",
    "calculation",
    "choice_filter",
    "default",
    "read_only",
    "parameters",
    ACCEPT,
    "repeat_count",
    "image",
    "audio",
    "video",
    "big-image",
    "disabled",
];

enum RowType {
    Node(NodeKind, Option<String>),
    Begin { repeat: bool },
    End { repeat: bool },
}

pub(super) fn read<'a>(table: &'a Table, instrument: &mut Instrument) -> Result<Questions<'a>, InstrumentError> {
    for column in ["type", "name"] {
        table.require(column)?;
    }
    table.refuse_unknown(&KNOWN)?;
    let mut questions = Questions { table, rows: Vec::new() };
    let mut open = Vec::<usize>::new();
    let mut names = BTreeMap::<String, usize>::new();
    for row in &table.rows {
        let error = |column: &str, problem| table.error(row.number, column, problem);
        if matches!(table.cell(row, "disabled").to_lowercase().as_str(), "yes" | "true") {
            continue;
        }
        let written = table.cell(row, "type");
        let (kind, list) = match row_type(written).map_err(|problem| error("type", problem))? {
            RowType::End { repeat } => {
                end(&mut open, instrument, repeat, written).map_err(|problem| error("type", problem))?;
                continue;
            }
            RowType::Begin { repeat: true } => {
                if enclosing_repeat(&open, instrument).is_some() {
                    return Err(error("type", InstrumentProblem::NotYet("a repeat inside a repeat")));
                }
                instrument.repeats.push(instrument.nodes.len());
                (NodeKind::Repeat(instrument.repeats.len() - 1), None)
            }
            RowType::Begin { repeat: false } => (NodeKind::Group, None),
            RowType::Node(kind, list) => (kind, list),
        };
        let name = table.cell(row, "name");
        if !is_name(name) {
            return Err(error("name", InstrumentProblem::BadName(name.to_owned())));
        }
        if let Some(row) = names.insert(name.to_owned(), row.number) {
            return Err(error("name", InstrumentProblem::DuplicateName { name: name.to_owned(), row }));
        }
        let place = instrument.nodes.len();
        let parent = open.last().copied();
        let node = blank_node(name, kind, parent, enclosing_repeat(&open, instrument));
        instrument.names.insert(name.to_owned(), place);
        match parent.and_then(|parent| instrument.nodes.get_mut(parent)) {
            Some(parent) => parent.children.push(place),
            None => instrument.roots.push(place),
        }
        instrument.nodes.push(node);
        questions.rows.push(Asked { row, list });
        if matches!(kind, NodeKind::Group | NodeKind::Repeat(_)) {
            if open.len() == limits::GROUP_DEPTH {
                return Err(error("type", InstrumentProblem::TooDeep(limits::GROUP_DEPTH)));
            }
            open.push(place);
        }
    }
    match open.last().and_then(|place| Some((instrument.node(*place), questions.rows.get(*place)?))) {
        Some((node, asked)) => {
            Err(table.error(asked.row.number, "type", InstrumentProblem::NotEnded(node.name.clone())))
        }
        None => Ok(questions),
    }
}

fn enclosing_repeat(open: &[usize], instrument: &Instrument) -> Option<usize> {
    open.iter().find_map(|place| match instrument.node(*place).kind {
        NodeKind::Repeat(repeat) => Some(repeat),
        _ => None,
    })
}

fn blank_node(name: &str, kind: NodeKind, parent: Option<usize>, repeat: Option<usize>) -> Node {
    Node {
        name: name.to_owned(),
        kind,
        parent,
        children: Vec::new(),
        repeat,
        list: None,
        label: Localized::default(),
        hint: Localized::default(),
        guidance_hint: Localized::default(),
        required_message: Localized::default(),
        constraint_message: Localized::default(),
        media: BTreeMap::new(),
        appearance: None,
        parameters: None,
        attachment: None,
        default: None,
        facets: BTreeMap::new(),
        relevance: None,
        feeds: Vec::new(),
    }
}

fn end(open: &mut Vec<usize>, instrument: &Instrument, repeat: bool, written: &str) -> Result<(), InstrumentProblem> {
    let last = open.last().map(|place| instrument.node(*place));
    match last {
        Some(node) if matches!(node.kind, NodeKind::Repeat(_)) == repeat => {
            open.pop();
            Ok(())
        }
        other => Err(InstrumentProblem::NotOpen {
            found: written.to_owned(),
            open: other.map(|node| {
                let kind = if matches!(node.kind, NodeKind::Repeat(_)) { "repeat" } else { "group" };
                format!("the {kind} `{}`", node.name)
            }),
        }),
    }
}

fn row_type(written: &str) -> Result<RowType, InstrumentProblem> {
    let words = written.split_whitespace().collect::<Vec<_>>();
    let select = |kind, rest: &[&str]| match rest {
        [] => Err(InstrumentProblem::UnknownList(String::new())),
        [list] => Ok(RowType::Node(NodeKind::Question(kind), Some((*list).to_owned()))),
        [_, "or_other"] => Err(InstrumentProblem::NotYet("`or_other`")),
        _ => Err(InstrumentProblem::UnknownType(written.to_owned())),
    };
    let question = |kind| Ok(RowType::Node(NodeKind::Question(kind), None));
    let meta = |meta| Ok(RowType::Node(NodeKind::Meta(meta), None));
    match words.as_slice() {
        ["select_one", rest @ ..] | ["select", "one", rest @ ..] => select(QuestionKind::SelectOne, rest),
        ["select_multiple", rest @ ..] | ["select", "multiple", rest @ ..] => {
            select(QuestionKind::SelectMultiple, rest)
        }
        ["text" | "string"] => question(QuestionKind::Text),
        ["integer" | "int"] => question(QuestionKind::Integer),
        ["decimal"] => question(QuestionKind::Decimal),
        ["date"] => question(QuestionKind::Date),
        ["time"] => question(QuestionKind::Time),
        ["dateTime" | "datetime"] => question(QuestionKind::DateTime),
        ["geopoint"] => question(QuestionKind::Geopoint),
        ["acknowledge"] => question(QuestionKind::Acknowledge),
        ["audio"] => question(QuestionKind::Audio),
        ["image" | "photo"] => question(QuestionKind::Image),
        ["file"] => question(QuestionKind::File),
        ["video"] => Err(InstrumentProblem::NotYet("`video`")),
        ["background-audio"] => Err(InstrumentProblem::NotYet("`background-audio`")),
        ["calculate"] => question(QuestionKind::Calculate),
        ["note"] => Ok(RowType::Node(NodeKind::Note, None)),
        ["start"] => meta(Meta::Start),
        ["end"] => meta(Meta::End),
        ["today"] => meta(Meta::Today),
        ["deviceid"] => meta(Meta::DeviceId),
        ["begin_group"] | ["begin", "group"] => Ok(RowType::Begin { repeat: false }),
        ["end_group"] | ["end", "group"] => Ok(RowType::End { repeat: false }),
        ["begin_repeat"] | ["begin", "repeat"] => Ok(RowType::Begin { repeat: true }),
        ["end_repeat"] | ["end", "repeat"] => Ok(RowType::End { repeat: true }),
        [] => Err(InstrumentProblem::Empty),
        _ => Err(InstrumentProblem::UnknownType(written.to_owned())),
    }
}
