//! The tree of indicators and nodes, checked: one root, one parent each, no cycle, nothing that hangs in the air.

use std::collections::BTreeMap;

/// A hierarchy that is no tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HierarchyError {
    /// An id is declared twice under one parent.
    #[error("`{id}` is declared twice")]
    Twice {
        /// The id.
        id: String,
    },
    /// An id is declared under two parents.
    #[error("`{id}` has two parents, `{first}` and `{second}`: everything has one place in the hierarchy")]
    TwoParents {
        /// The id.
        id: String,
        /// The parent in the first declaration.
        first: String,
        /// The parent in the second.
        second: String,
    },
    /// A parent is not among the nodes.
    #[error("`{id}` is an orphan: its parent `{parent}` is {}", if *.is_indicator { "an indicator, not a node" } else { "not declared as a node" })]
    Orphan {
        /// The id.
        id: String,
        /// Its parent.
        parent: String,
        /// Whether an indicator has that id.
        is_indicator: bool,
    },
    /// Nodes are above one another in a circle.
    #[error("the hierarchy has a cycle: {}", ids.join(" -> "))]
    Cycle {
        /// The ids of the circle, the first again at its end.
        ids: Vec<String>,
    },
    /// No node is the index.
    #[error("no node is without a parent: one has to be, it is the index")]
    NoRoot,
    /// Several nodes are.
    #[error("`{first}` and `{second}` have no parent: only one node can be the index")]
    TwoRoots {
        /// One.
        first: String,
        /// Another.
        second: String,
    },
    /// A node has no children.
    #[error("node `{id}` has no children: nothing names it as a parent")]
    Childless {
        /// The id.
        id: String,
    },
}

/// A checked tree. Items are numbered: indicators in their order, then nodes in theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hierarchy {
    /// Children of each node by its place among nodes, items in their order: sums run in it.
    pub(super) children: Vec<Vec<usize>>,
    /// Places of nodes, children before parents; the last is the index.
    pub(super) upwards: Vec<usize>,
}

/// Checks a tree from pairs of id and parent.
pub(super) fn hierarchy(
    indicators: &[(&str, &str)],
    nodes: &[(&str, Option<&str>)],
) -> Result<Hierarchy, HierarchyError> {
    let items: Vec<(&str, Option<&str>)> =
        indicators.iter().map(|(id, parent)| (*id, Some(*parent))).chain(nodes.iter().copied()).collect();
    let mut declared: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for (id, parent) in &items {
        if let Some(before) = declared.insert(id, *parent) {
            let id = (*id).to_owned();
            return Err(match (before, *parent) {
                (Some(first), Some(second)) if first != second => {
                    HierarchyError::TwoParents { id, first: first.to_owned(), second: second.to_owned() }
                }
                _ => HierarchyError::Twice { id },
            });
        }
    }
    let places: BTreeMap<&str, usize> = nodes.iter().enumerate().map(|(place, (id, _))| (*id, place)).collect();
    let mut children = vec![Vec::new(); nodes.len()];
    for (item, (id, parent)) in items.iter().enumerate() {
        let Some(parent) = parent else { continue };
        let siblings = places.get(parent).and_then(|place| children.get_mut(*place)).ok_or_else(|| {
            let is_indicator = declared.contains_key(parent);
            HierarchyError::Orphan { id: (*id).to_owned(), parent: (*parent).to_owned(), is_indicator }
        })?;
        siblings.push(item);
    }
    let mut roots = nodes.iter().enumerate().filter(|(_, (_, parent))| parent.is_none());
    let root = match (roots.next(), roots.next()) {
        (Some(first), Some(second)) => {
            return Err(HierarchyError::TwoRoots { first: first.1.0.to_owned(), second: second.1.0.to_owned() });
        }
        (root, _) => root.map(|(place, _)| place),
    };
    if let Some((_, (id, _))) = children.iter().zip(nodes).find(|(children, _)| children.is_empty()) {
        return Err(HierarchyError::Childless { id: (*id).to_owned() });
    }
    // From the index downwards; whatever is not reached is above itself.
    let mut downwards: Vec<usize> = root.into_iter().collect();
    let mut reached = 0;
    while let Some(place) = downwards.get(reached).copied() {
        reached += 1;
        let below = children.get(place).into_iter().flatten();
        downwards.extend(below.filter_map(|item| item.checked_sub(indicators.len())));
    }
    if let Some((lost, _)) = nodes.iter().enumerate().find(|(place, _)| !downwards.contains(place)) {
        return Err(HierarchyError::Cycle { ids: circle(nodes, &places, lost) });
    }
    if downwards.is_empty() {
        return Err(HierarchyError::NoRoot);
    }
    downwards.reverse();
    Ok(Hierarchy { children, upwards: downwards })
}

/// The circle above a node that is not below the index.
fn circle(nodes: &[(&str, Option<&str>)], places: &BTreeMap<&str, usize>, from: usize) -> Vec<String> {
    let above = |place: usize| nodes.get(place).and_then(|(_, parent)| places.get((*parent)?).copied());
    // After as many steps as there are nodes the walk is inside the circle.
    let inside = (0..nodes.len()).try_fold(from, |place, _| above(place)).unwrap_or(from);
    let mut path = vec![inside];
    let mut place = inside;
    while let Some(next) = above(place) {
        path.push(next);
        place = next;
        if place == inside {
            break;
        }
    }
    path.iter().filter_map(|place| nodes.get(*place)).map(|(id, _)| (*id).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_come_before_their_parents_at_any_depth() {
        let nodes = [("top", None), ("a", Some("top")), ("b", Some("a")), ("c", Some("b"))];
        let tree = hierarchy(&[("i", "c"), ("j", "top")], &nodes).unwrap();
        assert_eq!(tree.upwards, [3, 2, 1, 0]);
        assert_eq!(tree.children, [vec![1, 3], vec![4], vec![5], vec![0]]);
    }

    #[test]
    fn what_is_no_tree_is_refused_by_name() {
        let top = ("top", None);
        let said = |indicators: &[(&str, &str)], nodes: &[(&str, Option<&str>)]| {
            hierarchy(indicators, nodes).unwrap_err().to_string()
        };
        let i = ("i", "top");
        assert_eq!(said(&[i, i], &[top]), "`i` is declared twice");
        assert_eq!(
            said(&[i, ("i", "a")], &[top, ("a", Some("top"))]),
            "`i` has two parents, `top` and `a`: everything has one place in the hierarchy"
        );
        assert_eq!(said(&[("i", "x")], &[top]), "`i` is an orphan: its parent `x` is not declared as a node");
        assert_eq!(said(&[i, ("j", "i")], &[top]), "`j` is an orphan: its parent `i` is an indicator, not a node");
        assert_eq!(said(&[i], &[top, ("a", None)]), "`top` and `a` have no parent: only one node can be the index");
        assert_eq!(said(&[i], &[top, ("a", Some("top"))]), "node `a` has no children: nothing names it as a parent");
        let circle = [top, ("a", Some("b")), ("b", Some("c")), ("c", Some("b"))];
        assert_eq!(said(&[i, ("j", "a")], &circle), "the hierarchy has a cycle: c -> b -> c");
        assert_eq!(said(&[("i", "a")], &[("a", Some("a"))]), "the hierarchy has a cycle: a -> a");
        assert_eq!(said(&[], &[]), "no node is without a parent: one has to be, it is the index");
    }
}
