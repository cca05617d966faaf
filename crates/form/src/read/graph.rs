//! The graph of what depends on what, its order, and the refusal of circles.
//!
//! A facet depends on the answers, calculations and relevance of what it refers to, because an answer that is not
//! relevant reads as empty. Edges run between facets of the instrument, not of one interview: they are worked out once
//! and say for each pair whether a change concerns the same instance of a repeat or all.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::survey::Questions;
use super::{InstrumentError, InstrumentProblem};
use crate::expression::resolve::{Reach, Reference};
use crate::instrument::{FacetKind, Feed, Instrument};

/// A facet reads another by way of a node: its answer or that of something in a group.
struct Edge {
    from: usize,
    to: usize,
    by: usize,
    same_instance: bool,
}

pub(super) fn order(questions: &Questions<'_>, instrument: &mut Instrument) -> Result<(), InstrumentError> {
    relate_relevance(instrument);
    let (edges, node_feeds) = edges(instrument);
    let count = instrument.facets.len();
    let mut waiting = vec![0_usize; count];
    let mut outgoing = vec![Vec::new(); count];
    for edge in &edges {
        if let (Some(waits), Some(out)) = (waiting.get_mut(edge.to), outgoing.get_mut(edge.from)) {
            *waits += 1;
            out.push(edge.to);
        }
    }
    let mut ready =
        waiting.iter().enumerate().filter(|(_, waits)| **waits == 0).map(|(facet, _)| facet).collect::<VecDeque<_>>();
    let mut order = Vec::with_capacity(count);
    while let Some(facet) = ready.pop_front() {
        order.push(facet);
        for next in outgoing.get(facet).into_iter().flatten() {
            if let Some(waits) = waiting.get_mut(*next) {
                *waits -= 1;
                if *waits == 0 {
                    ready.push_back(*next);
                }
            }
        }
    }
    if order.len() < count {
        return Err(circle(questions, instrument, &edges, &order));
    }
    for (rank, facet) in order.iter().enumerate() {
        if let Some(facet) = instrument.facets.get_mut(*facet) {
            facet.rank = rank;
        }
    }
    instrument.order = order;
    let mut facet_feeds = BTreeMap::<usize, BTreeSet<Feed>>::new();
    for edge in &edges {
        facet_feeds.entry(edge.from).or_default().insert(Feed { facet: edge.to, same_instance: edge.same_instance });
    }
    for (facet, feeds) in facet_feeds {
        if let Some(facet) = instrument.facets.get_mut(facet) {
            facet.feeds = feeds.into_iter().collect();
        }
    }
    for (node, feeds) in node_feeds {
        if let Some(node) = instrument.nodes.get_mut(node) {
            node.feeds = feeds.into_iter().collect();
        }
    }
    Ok(())
}

/// Each node gets the relevance that governs it; each relevance the one around it. Parents come before their children.
fn relate_relevance(instrument: &mut Instrument) {
    for place in 0..instrument.nodes.len() {
        let node = instrument.node(place);
        let around = node.parent.and_then(|parent| instrument.node(parent).relevance);
        let own = node.facets.get(&FacetKind::Relevant).copied();
        if let Some(facet) = own.and_then(|own| instrument.facets.get_mut(own)) {
            facet.around = around;
        }
        if let Some(node) = instrument.nodes.get_mut(place) {
            node.relevance = own.or(around);
        }
    }
}

fn edges(instrument: &Instrument) -> (Vec<Edge>, BTreeMap<usize, BTreeSet<Feed>>) {
    let mut edges = Vec::new();
    let mut node_feeds = BTreeMap::<usize, BTreeSet<Feed>>::new();
    for (to, facet) in instrument.facets.iter().enumerate() {
        let same = |repeat: Option<usize>, reach| repeat.is_some() && repeat == facet.repeat && reach == Reach::Same;
        let mut references = Vec::new();
        facet.expression.references(facet.node, &mut references);
        if facet.kind == FacetKind::Constraint {
            // The value that is constrained, also where the expression does not name it: empty ones break nothing.
            references.push(Reference { node: facet.node, reach: Reach::Same });
        }
        references.sort_unstable();
        references.dedup();
        for Reference { node: by, reach } in references {
            let node = instrument.node(by);
            let same_instance = same(node.repeat, reach);
            node_feeds.entry(by).or_default().insert(Feed { facet: to, same_instance });
            for from in [node.facets.get(&FacetKind::Calculation).copied(), node.relevance].into_iter().flatten() {
                edges.push(Edge { from, to, by, same_instance: same(instrument.facet(from).repeat, reach) });
            }
        }
        if let Some(from) = facet.around {
            let around = instrument.facet(from);
            edges.push(Edge { from, to, by: around.node, same_instance: same(around.repeat, Reach::Same) });
        }
    }
    (edges, node_feeds)
}

/// Follows edges backwards among the facets that are left, until one comes again.
fn circle(questions: &Questions<'_>, instrument: &Instrument, edges: &[Edge], ordered: &[usize]) -> InstrumentError {
    let ordered = ordered.iter().collect::<BTreeSet<_>>();
    let mut read_by = BTreeMap::new();
    for edge in edges.iter().filter(|edge| !ordered.contains(&edge.from) && !ordered.contains(&edge.to)) {
        read_by.entry(edge.to).or_insert(edge);
    }
    let mut walked = Vec::<usize>::new();
    let mut at = read_by.keys().next().copied();
    while let Some(facet) = at.filter(|facet| !walked.contains(facet)) {
        walked.push(facet);
        at = read_by.get(&facet).map(|edge| edge.from);
    }
    let start = walked.iter().position(|facet| Some(*facet) == at).unwrap_or(0);
    let circle = walked.split_off(start);
    let name = |node: usize| instrument.node(node).name.clone();
    let mut names = Vec::new();
    for facet in &circle {
        names.push(name(instrument.facet(*facet).node));
        names.extend(read_by.get(facet).map(|edge| name(edge.by)));
    }
    names.extend(names.first().cloned());
    names.dedup();
    if let [only] = names.as_slice() {
        names = vec![only.clone(), only.clone()];
    }
    let facet = circle.first().map(|facet| instrument.facet(*facet));
    let row = facet.and_then(|facet| questions.rows.get(facet.node)).map_or(1, |asked| asked.row.number);
    let column = match facet.map(|facet| facet.kind) {
        Some(FacetKind::Calculation) => "calculation",
        _ => "relevant",
    };
    questions.table.error(row, column, InstrumentProblem::Cycle(names))
}
