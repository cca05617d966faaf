//! The survey sheet, second pass: words, lists, defaults and expressions, now that every name is known.

use super::choices::refuse_blanks;
use super::sheet::Head;
use super::survey::{ACCEPT, Asked, Questions};
use super::{InstrumentError, InstrumentProblem, Sheet};
use kend_domain::QuestionKind;

use crate::answer::{self, RawValue};
use crate::attachment::AttachmentRules;
use crate::expression::resolve::Resolver;
use crate::instrument::{Default, Facet, FacetKind, Instrument, Node, NodeKind};
use crate::words::Template;

pub(super) fn compile(questions: &Questions<'_>, instrument: &mut Instrument) -> Result<(), InstrumentError> {
    // Lists first: `jr:choice-name` may look at a question further down.
    for (place, asked) in questions.rows.iter().enumerate() {
        let Some(name) = &asked.list else { continue };
        let error = |problem| questions.table.error(asked.row.number, "type", problem);
        let list = instrument.list_named(name).ok_or_else(|| error(InstrumentProblem::UnknownList(name.clone())))?;
        refuse_blanks(instrument.list(list), instrument.node(place).kind).map_err(error)?;
        if let Some(node) = instrument.nodes.get_mut(place) {
            node.list = Some(list);
        }
    }
    for (place, asked) in questions.rows.iter().enumerate() {
        for (head, cell) in questions.table.filled(asked.row) {
            compile_cell(instrument, place, head, cell).map_err(|problem| InstrumentError {
                sheet: Sheet::Survey,
                row: asked.row.number,
                column: head.written.clone(),
                problem,
            })?;
        }
        refuse_wordless(questions, instrument.node(place), asked)?;
        let attachment = attachment(questions, instrument.node(place), asked)?;
        if let Some(node) = instrument.nodes.get_mut(place) {
            node.attachment = attachment;
        }
    }
    Ok(())
}

fn refuse_wordless(questions: &Questions<'_>, node: &Node, asked: &Asked<'_>) -> Result<(), InstrumentError> {
    let error = |column: &str, problem| Err(questions.table.error(asked.row.number, column, problem));
    let calculated = node.facets.contains_key(&FacetKind::Calculation);
    match node.kind {
        NodeKind::Question(QuestionKind::Calculate) if !calculated => error("calculation", InstrumentProblem::Empty),
        NodeKind::Question(QuestionKind::Calculate) | NodeKind::Group | NodeKind::Repeat(_) | NodeKind::Meta(_) => {
            Ok(())
        }
        NodeKind::Question(_) if calculated && !node.facets.contains_key(&FacetKind::ReadOnly) => {
            error("calculation", InstrumentProblem::CalculationOfAnswer)
        }
        NodeKind::Question(_) | NodeKind::Note
            if node.label.is_empty() && node.hint.is_empty() && node.media.is_empty() =>
        {
            error("label", InstrumentProblem::NoLabel(node.name.clone()))
        }
        NodeKind::Question(_) | NodeKind::Note => Ok(()),
    }
}

/// What a question takes, where that is a file.
fn attachment(
    questions: &Questions<'_>,
    node: &Node,
    asked: &Asked<'_>,
) -> Result<Option<AttachmentRules>, InstrumentError> {
    let accept = questions.table.cell(asked.row, ACCEPT);
    let error = |problem: InstrumentProblem| {
        let column = if matches!(problem, InstrumentProblem::BadParameter(_)) { "parameters" } else { ACCEPT };
        questions.table.error(asked.row.number, column, problem)
    };
    match node.kind {
        NodeKind::Question(kind) => {
            AttachmentRules::read(kind, node.parameters.as_deref().unwrap_or_default(), accept).map_err(error)
        }
        _ if accept.is_empty() => Ok(None),
        kind => Err(error(InstrumentProblem::Meaningless(kind_word(kind)))),
    }
}

fn compile_cell(instrument: &mut Instrument, place: usize, head: &Head, cell: &str) -> Result<(), InstrumentProblem> {
    let template = |instrument: &Instrument| {
        Template::read(cell, |name| instrument.node_named(name)).map_err(InstrumentProblem::UnknownReference)
    };
    let facet = match head.column.as_str() {
        "label" | "hint" | "guidance_hint" | "required_message" | "constraint_message" => {
            let template = template(instrument)?;
            let Some(node) = instrument.nodes.get_mut(place) else { return Ok(()) };
            let words = match head.column.as_str() {
                "label" => &mut node.label,
                "hint" => &mut node.hint,
                "guidance_hint" => &mut node.guidance_hint,
                "required_message" => &mut node.required_message,
                _ => &mut node.constraint_message,
            };
            words.put(head.language.as_deref(), template);
            return Ok(());
        }
        "default" => {
            let default = default(instrument, place, cell)?;
            if let Some(node) = instrument.nodes.get_mut(place) {
                node.default = default;
            }
            return Ok(());
        }
        "relevant" => FacetKind::Relevant,
        "calculation" => FacetKind::Calculation,
        "required" => FacetKind::Required,
        "read_only" => FacetKind::ReadOnly,
        "constraint" => FacetKind::Constraint,
        "choice_filter" => FacetKind::Choices,
        "repeat_count" => FacetKind::Instances,
        other => {
            let Some(node) = instrument.nodes.get_mut(place) else { return Ok(()) };
            match other {
                "appearance" => node.appearance = Some(cell.to_owned()),
                "parameters" => node.parameters = Some(cell.to_owned()),
                _ if head.is_media() => {
                    let media = node.media.entry(head.column.clone()).or_default();
                    media.put(head.language.as_deref(), cell.to_owned());
                }
                // Type, name and remarks were read before.
                _ => {}
            }
            return Ok(());
        }
    };
    compile_facet(instrument, place, facet, cell)
}

/// Whether a facet has a meaning for a kind of node.
fn has_meaning(facet: FacetKind, kind: NodeKind) -> bool {
    let is_question = matches!(kind, NodeKind::Question(_));
    let is_calculate = kind == NodeKind::Question(QuestionKind::Calculate);
    match facet {
        FacetKind::Relevant => !matches!(kind, NodeKind::Meta(_)),
        FacetKind::Calculation => is_question,
        // Required and read only are often filled down a whole sheet; on a calculate they say what holds anyway.
        FacetKind::Required | FacetKind::ReadOnly => is_question || kind == NodeKind::Note,
        FacetKind::Constraint => is_question && !is_calculate,
        FacetKind::Choices => {
            matches!(kind, NodeKind::Question(QuestionKind::SelectOne | QuestionKind::SelectMultiple))
        }
        FacetKind::Instances => matches!(kind, NodeKind::Repeat(_)),
    }
}

fn kind_word(kind: NodeKind) -> String {
    match kind {
        NodeKind::Group => "group".to_owned(),
        NodeKind::Repeat(_) => "repeat".to_owned(),
        NodeKind::Note => "note".to_owned(),
        NodeKind::Question(kind) => kind.to_string(),
        NodeKind::Meta(_) => "of what the device answers".to_owned(),
    }
}

fn compile_facet(
    instrument: &mut Instrument,
    place: usize,
    kind: FacetKind,
    cell: &str,
) -> Result<(), InstrumentProblem> {
    let node = instrument.node(place);
    let is_yes_no = !matches!(kind, FacetKind::Calculation | FacetKind::Choices | FacetKind::Instances);
    let text = match cell.to_lowercase().as_str() {
        "yes" | "true" if is_yes_no => "true()",
        // What is not required and not read only needs no facet, whatever the type.
        "no" | "false" | "false()" if matches!(kind, FacetKind::Required | FacetKind::ReadOnly) => return Ok(()),
        "no" | "false" if is_yes_no => "false()",
        _ => cell,
    };
    if !has_meaning(kind, node.kind) {
        return Err(InstrumentProblem::Meaningless(kind_word(node.kind)));
    }
    let list = if kind == FacetKind::Choices { node.list } else { None };
    let expression = Resolver { instrument, node: place, list }.read(text).map_err(InstrumentProblem::Expression)?;
    let repeat = node.repeat;
    let facet = instrument.facets.len();
    let facet_of_node = Facet { node: place, kind, expression, repeat, around: None, rank: 0, feeds: Vec::new() };
    instrument.facets.push(facet_of_node);
    if let Some(node) = instrument.nodes.get_mut(place) {
        node.facets.insert(kind, facet);
    }
    Ok(())
}

/// A default is worked out when it has a reference or a call in it, as in pyxform; else it is an answer.
fn default(instrument: &Instrument, place: usize, cell: &str) -> Result<Option<Default>, InstrumentProblem> {
    let node = instrument.node(place);
    let NodeKind::Question(kind) = node.kind else {
        return Err(InstrumentProblem::Meaningless(kind_word(node.kind)));
    };
    if kind == QuestionKind::Calculate {
        return Err(InstrumentProblem::Meaningless(kind_word(node.kind)));
    }
    let mut before = None;
    let has_call = cell.chars().any(|character| {
        let begins = character == '(' && before.is_some_and(|before: char| before.is_alphanumeric() || before == '-');
        before = Some(character);
        begins
    });
    if cell.contains("${") || has_call {
        return Resolver { instrument, node: place, list: None }
            .read(cell)
            .map(|expression| Some(Default::Expression(expression)))
            .map_err(InstrumentProblem::Expression);
    }
    answer::parse(kind, node.list.map(|list| instrument.list(list)), RawValue::Text(cell))
        .map(|answer| answer.map(Default::Answer))
        .map_err(InstrumentProblem::Default)
}
