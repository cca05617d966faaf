//! Commitments and the chain.
//!
//! `h_0 = BLAKE3(device, scope)`, `h_n = BLAKE3(h_(n-1) || header_n || commitment_n)`, where `commitment_n` is the hash
//! over the commitments of the entry's slots. A slot's commitment is keyed; the key comes from a salt of 16 random bytes
//! per segment and entity and can't be turned back into it. So when one op of an entity is erased, the salt goes, and
//! the ops that stay keep just their own keys.

use crate::codec;
use crate::{Entry, HashPrefix, LogId, Op, Slot};

const LOG_CONTEXT: &str = "kend 2026 log";
const CHAIN_CONTEXT: &str = "kend 2026 chain";
const KEY_CONTEXT: &str = "kend 2026 op key";

/// Random bytes that the keys of one entity's ops in one segment come from. Kept and erased with the content.
pub type Salt = [u8; 16];

/// The key of one slot's commitment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct OpKey(pub [u8; 32]);

impl std::fmt::Debug for OpKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("OpKey(..)")
    }
}

/// Hash of a log up to and with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainHash(pub [u8; 32]);

impl ChainHash {
    /// The hash of a log without entries.
    pub fn start(log: &LogId) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(LOG_CONTEXT);
        hasher.update(log.device.as_bytes());
        hasher.update(log.scope.to_string().as_bytes());
        Self(*hasher.finalize().as_bytes())
    }

    /// Its first four bytes, as contexts and acknowledgements carry it.
    pub const fn prefix(&self) -> HashPrefix {
        let [a, b, c, d, ..] = self.0;
        [a, b, c, d]
    }
}

/// The key of the op at `index` of the entry `seq`.
pub fn op_key(salt: &Salt, seq: u64, index: u64) -> OpKey {
    let mut hasher = blake3::Hasher::new_derive_key(KEY_CONTEXT);
    hasher.update(salt);
    hasher.update(&seq.to_le_bytes());
    hasher.update(&index.to_le_bytes());
    OpKey(*hasher.finalize().as_bytes())
}

pub(crate) fn commitment(key: &OpKey, op: &Op) -> [u8; 32] {
    *blake3::keyed_hash(&key.0, &codec::op_bytes(op)).as_bytes()
}

pub(crate) fn next(prior: &ChainHash, entry: &Entry) -> ChainHash {
    let mut body = blake3::Hasher::new();
    for commitment in entry.slots.iter().map(Slot::commitment) {
        body.update(&commitment);
    }
    let mut hasher = blake3::Hasher::new_derive_key(CHAIN_CONTEXT);
    hasher.update(&prior.0);
    hasher.update(&codec::header_bytes(&entry.header));
    hasher.update(body.finalize().as_bytes());
    ChainHash(*hasher.finalize().as_bytes())
}
