//! What PostgreSQL holds, sealed: names by a keyed hash, contents by XChaCha20-Poly1305 with a fresh nonce each time.
//!
//! The keys come from the hub's database key. A content is bound to its name, so that none can be shown for another.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use kend_log::LogId;
use kend_store::rusqlite::types::Value;
use kend_store::{Change, DatabaseKey, SharedRow};
use minicbor::{Decode, Encode};
use zeroize::Zeroizing;

use super::PostgresError;
use crate::error::HubError;
use crate::world;

const NAME_CONTEXT: &str = "kend 2026 hub postgres name";
const CONTENT_CONTEXT: &str = "kend 2026 hub postgres content";
const NONCE_BYTES: usize = 24;

/// The name of a record.
pub(crate) type RecordId = [u8; 32];

/// The name of the proof that somebody has the key; no record has it.
const PROOF: RecordId = [0; 32];

/// The keys.
pub(crate) struct Seal {
    names: Zeroizing<[u8; 32]>,
    contents: XChaCha20Poly1305,
}

/// What a record holds.
#[derive(Debug, PartialEq)]
pub(crate) enum Content {
    /// A row, or that it is gone.
    Row(SharedRow),
    /// A segment.
    Segment(Vec<u8>),
}

#[derive(Encode, Decode)]
enum Written {
    #[n(0)]
    Row {
        #[n(0)]
        table: String,
        #[n(1)]
        key: Vec<Cell>,
        #[n(2)]
        columns: Option<Vec<Column>>,
    },
    #[n(1)]
    Segment(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
}

#[derive(Encode, Decode)]
struct Column(#[n(0)] String, #[n(1)] Cell);

#[derive(Encode, Decode)]
enum Cell {
    #[n(0)]
    Null,
    #[n(1)]
    Integer(#[n(0)] i64),
    #[n(2)]
    Real(#[n(0)] f64),
    #[n(3)]
    Text(#[n(0)] String),
    #[n(4)]
    Blob(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
}

impl From<Value> for Cell {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Integer(number) => Self::Integer(number),
            Value::Real(number) => Self::Real(number),
            Value::Text(text) => Self::Text(text),
            Value::Blob(bytes) => Self::Blob(bytes),
        }
    }
}

impl From<Cell> for Value {
    fn from(cell: Cell) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Integer(number) => Self::Integer(number),
            Cell::Real(number) => Self::Real(number),
            Cell::Text(text) => Self::Text(text),
            Cell::Blob(bytes) => Self::Blob(bytes),
        }
    }
}

impl Seal {
    /// The keys that come from a database key.
    pub(crate) fn new(key: &DatabaseKey) -> Self {
        let contents = key.derived(CONTENT_CONTEXT);
        Self { names: key.derived(NAME_CONTEXT), contents: XChaCha20Poly1305::new((&*contents).into()) }
    }

    /// The name of a row.
    pub(crate) fn row(&self, table: &str, key: &[Value]) -> RecordId {
        let key: Vec<Cell> = key.iter().cloned().map(Cell::from).collect();
        self.name("row", &encode(&(table, key)))
    }

    /// The name of a segment.
    fn segment(&self, log: &LogId, last_seq: u64) -> RecordId {
        self.name("segment", &encode(&(log.device.as_bytes(), log.scope.to_string(), last_seq)))
    }

    fn name(&self, kind: &str, what: &[u8]) -> RecordId {
        let mut hasher = blake3::Hasher::new_keyed(&self.names);
        hasher.update(kind.as_bytes()).update(&[0]).update(what);
        *hasher.finalize().as_bytes()
    }

    /// A change as a record: its name, and its content sealed.
    pub(crate) fn change(&self, change: Change) -> Result<(RecordId, Vec<u8>), HubError> {
        let (id, written) = match change {
            Change::Row(SharedRow { table, key, columns }) => {
                let id = self.row(&table, &key);
                let column = |(name, value): (String, Value)| Column(name, value.into());
                let columns = columns.map(|columns| columns.into_iter().map(column).collect());
                (id, Written::Row { table, key: key.into_iter().map(Cell::from).collect(), columns })
            }
            Change::Segment { log, last_seq, bytes, .. } => (self.segment(&log, last_seq), Written::Segment(bytes)),
        };
        Ok((id, self.close(&id, &encode(&written))?))
    }

    /// What a record holds.
    pub(crate) fn open_record(&self, id: &RecordId, sealed: &[u8]) -> Result<Content, PostgresError> {
        let plain = self.open(id, sealed).ok_or(PostgresError::Damaged)?;
        let value = |cells: Vec<Cell>| cells.into_iter().map(Value::from).collect();
        Ok(match minicbor::decode(&plain).map_err(|_| PostgresError::Damaged)? {
            Written::Segment(bytes) => Content::Segment(bytes),
            Written::Row { table, key, columns } => {
                let columns = columns.map(|columns| columns.into_iter().map(|Column(name, cell)| (name, cell.into())));
                Content::Row(SharedRow { table, key: value(key), columns: columns.map(Iterator::collect) })
            }
        })
    }

    /// The proof of the key for a generation.
    pub(crate) fn prove(&self, generation: &[u8]) -> Result<Vec<u8>, HubError> {
        self.close(&PROOF, generation)
    }

    /// Whether this key made the proof.
    pub(crate) fn proves(&self, generation: &[u8], proof: &[u8]) -> bool {
        self.open(&PROOF, proof).is_some_and(|plain| *plain == generation)
    }

    fn close(&self, id: &RecordId, plain: &[u8]) -> Result<Vec<u8>, HubError> {
        let nonce: [u8; NONCE_BYTES] = world::random()?;
        let payload = Payload { msg: plain, aad: id };
        let sealed = self.contents.encrypt(&XNonce::from(nonce), payload).map_err(|_| PostgresError::TooLarge)?;
        Ok([&nonce[..], &sealed].concat())
    }

    fn open(&self, id: &RecordId, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let plain = self.contents.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: id });
        plain.ok().map(Zeroizing::new)
    }
}

fn encode<T: Encode<()>>(value: &T) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::new());
    // Into memory nothing fails to be written.
    let Ok(()) = minicbor::encode(value, &mut *bytes) else { return Zeroizing::default() };
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(byte: u8) -> Seal {
        Seal::new(&DatabaseKey::from_bytes([byte; 32]))
    }

    fn row(table: &str) -> Change {
        let columns = vec![
            ("a".to_owned(), Value::Text("Gülşən".to_owned())),
            ("b".to_owned(), Value::Blob(vec![0, 1, 255])),
            ("c".to_owned(), Value::Integer(i64::MIN)),
            ("d".to_owned(), Value::Null),
            ("e".to_owned(), Value::Real(0.5)),
        ];
        Change::Row(SharedRow { table: table.to_owned(), key: vec![Value::Integer(7)], columns: Some(columns) })
    }

    #[test]
    fn what_is_sealed_opens_by_its_name_and_its_key_alone() {
        let seal = seal(1);
        let (id, sealed) = seal.change(row("person")).unwrap();
        let Change::Row(expected) = row("person") else { unreachable!() };
        assert_eq!(seal.open_record(&id, &sealed).unwrap(), Content::Row(expected));
        assert!(!sealed.windows(4).any(|window| window == "Gül".as_bytes()));
        let (other_id, _) = seal.change(row("account")).unwrap();
        assert!(seal.open_record(&other_id, &sealed).is_err());
        assert!(super::tests::seal(2).open_record(&id, &sealed).is_err());
        for place in [0, NONCE_BYTES, sealed.len() - 1] {
            let mut altered = sealed.clone();
            altered[place] ^= 1;
            assert!(seal.open_record(&id, &altered).is_err(), "{place}");
        }
        assert!(seal.open_record(&id, &[]).is_err());
    }

    #[test]
    fn a_thing_has_one_name_and_never_the_same_content_twice() {
        let seal = seal(1);
        let ((first, one), (second, two)) = (seal.change(row("person")).unwrap(), seal.change(row("person")).unwrap());
        assert_eq!(first, second);
        assert_ne!(one, two);
        assert_ne!(first, super::tests::seal(2).change(row("person")).unwrap().0);
        let gone = SharedRow { table: "person".to_owned(), key: vec![Value::Integer(7)], columns: None };
        assert_eq!(seal.change(Change::Row(gone)).unwrap().0, first);
    }

    #[test]
    fn the_proof_tells_who_has_the_key() {
        let proof = seal(1).prove(b"generation").unwrap();
        assert!(seal(1).proves(b"generation", &proof));
        assert!(!seal(1).proves(b"another", &proof));
        assert!(!seal(2).proves(b"generation", &proof));
    }
}
