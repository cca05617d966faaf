//! One hash over all records, built while they go by.
//!
//! A binary tree over the records' hashes in their order; what has no neighbour goes up as it is. Only the roots of whole
//! subtrees are kept, so a bundle of any length takes 64 hashes.

const NODE_CONTEXT: &str = "kend 2026 bundle node";
const EMPTY_CONTEXT: &str = "kend 2026 bundle empty";

/// A hash of BLAKE3.
pub(crate) type Hash = [u8; 32];

/// The tree so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Merkle {
    leaves: u64,
    /// Roots of whole subtrees, from the largest.
    roots: Vec<Hash>,
}

impl Merkle {
    /// Adds a leaf.
    pub(crate) fn push(&mut self, leaf: Hash) {
        let mut root = leaf;
        let mut full = self.leaves;
        while full & 1 == 1 {
            let Some(left) = self.roots.pop() else { break };
            root = node(&left, &root);
            full >>= 1;
        }
        self.roots.push(root);
        self.leaves += 1;
    }

    /// The root over all leaves so far.
    pub(crate) fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        let Some(first) = roots.next() else {
            return *blake3::Hasher::new_derive_key(EMPTY_CONTEXT).finalize().as_bytes();
        };
        roots.fold(*first, |right, left| node(left, &right))
    }
}

fn node(left: &Hash, right: &Hash) -> Hash {
    let mut hasher = blake3::Hasher::new_derive_key(NODE_CONTEXT);
    hasher.update(left);
    hasher.update(right);
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(leaves: &[Hash]) -> Hash {
        let mut merkle = Merkle::default();
        for leaf in leaves {
            merkle.push(*leaf);
        }
        merkle.root()
    }

    /// The same tree, built level by level.
    fn by_levels(leaves: &[Hash]) -> Hash {
        let mut level = leaves.to_vec();
        while level.len() > 1 {
            level =
                level.chunks(2).map(|pair| if pair.len() == 2 { node(&pair[0], &pair[1]) } else { pair[0] }).collect();
        }
        level[0]
    }

    #[test]
    fn the_root_is_that_of_the_tree_built_level_by_level() {
        for count in 1..40_u8 {
            let leaves: Vec<Hash> = (0..count).map(|leaf| [leaf; 32]).collect();
            assert_eq!(tree(&leaves), by_levels(&leaves), "{count}");
        }
    }

    #[test]
    fn a_leaf_changed_swapped_or_left_out_is_another_root() {
        let leaves: Vec<Hash> = (0..9).map(|leaf| [leaf; 32]).collect();
        let mut swapped = leaves.clone();
        swapped.swap(3, 4);
        let mut changed = leaves.clone();
        changed[8] = [77; 32];
        for other in [&swapped, &changed, &leaves[..8].to_vec(), &leaves[1..].to_vec(), &Vec::new()] {
            assert_ne!(tree(&leaves), tree(other));
        }
    }
}
