//! Reading JSON so that a fault names the place (a JSON pointer, RFC 6901) and what was expected there.
//!
//! Everything in this crate that comes from a document passes through here. Numbers are read by the types below, as
//! serde's own messages speak of `f64` and `u8`, words no reader of a document should need.

use std::{collections::BTreeMap, fmt, marker::PhantomData, str::FromStr};

use kend_domain::{Evidence, Level, UnknownWord};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, MapAccess, Unexpected, Visitor, value::MapAccessDeserializer},
};
use serde_path_to_error::Segment;

/// A place in a document and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", if pointer.is_empty() { "the document" } else { pointer.as_str() })]
pub struct Fault {
    /// JSON pointer; empty for the document as a whole.
    pub pointer: String,
    /// What was found and what was expected.
    pub problem: String,
}

impl Fault {
    /// A fault at a place, in the words `expected ..., found ...`.
    pub fn expected(pointer: impl Into<String>, expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        Self { pointer: pointer.into(), problem: format!("expected {expected}, found {found}") }
    }
}

/// One step of a JSON pointer, escaped as RFC 6901 demands.
pub(crate) fn step(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Reads a whole document.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = error
            .path()
            .iter()
            .map(|segment| match segment {
                Segment::Seq { index } => step(&index.to_string()),
                Segment::Map { key } => step(key),
                Segment::Enum { variant } => step(variant),
                Segment::Unknown => String::new(),
            })
            .collect();
        let inner = error.inner();
        let mut problem = inner.to_string();
        if inner.is_data() {
            // The pointer says where; line and column help only when the text is no JSON at all.
            let place = format!(" at line {} column {}", inner.line(), inner.column());
            problem.truncate(problem.strip_suffix(&place).map_or(problem.len(), str::len));
        }
        Fault { pointer, problem }
    })?;
    reader.end().map_err(|error| Fault { pointer: String::new(), problem: error.to_string() })?;
    Ok(read)
}

macro_rules! read_as {
    ($(#[$meta:meta])* $name:ident($inner:ty), $expecting:literal, $from:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct $name(pub(crate) $inner);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Reader;
                impl Visitor<'_> for Reader {
                    type Value = $name;
                    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                        formatter.write_str($expecting)
                    }
                    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
                        let from: fn(u64) -> Option<$inner> = $from;
                        from(number).map($name).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
                    }
                }
                deserializer.deserialize_any(Reader)
            }
        }
    };
}

read_as! {
    /// A level as a document writes it.
    LevelNumber(Level), "a whole number from 1 to 5", |number| u8::try_from(number).ok()?.try_into().ok()
}
read_as! {
    /// The strength of evidence as a document writes it.
    EvidenceNumber(Evidence), "a whole number from 1 to 3", |number| u8::try_from(number).ok()?.try_into().ok()
}
read_as! {
    /// A count of things that there is at least one of.
    CountNumber(u32), "a whole number from 1 to 1000000", |number| {
        u32::try_from(number).ok().filter(|count| (1..=1_000_000).contains(count))
    }
}

/// Any number that is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number(pub(crate) f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Number;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number")
            }
            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Number, E> {
                if number.is_finite() {
                    Ok(Number(number))
                } else {
                    Err(E::invalid_value(Unexpected::Float(number), &self))
                }
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Number, E> {
                #[expect(clippy::cast_precision_loss, reason = "a number above 2^53 is out of every range here")]
                Ok(Number(number as f64))
            }
            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Number, E> {
                #[expect(clippy::cast_precision_loss, reason = "a number below -2^53 is out of every range here")]
                Ok(Number(number as f64))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// For `deserialize_with`: a number.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Number::deserialize(deserializer).map(|number| number.0)
}

/// For `deserialize_with`: a number or null.
pub(crate) fn number_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    Ok(Option::<Number>::deserialize(deserializer)?.map(|number| number.0))
}

/// For `deserialize_with`: a count from 1.
pub(crate) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    CountNumber::deserialize(deserializer).map(|count| count.0)
}

/// For `deserialize_with`: levels.
pub(crate) fn levels<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Level>, D::Error> {
    Ok(Vec::<LevelNumber>::deserialize(deserializer)?.into_iter().map(|level| level.0).collect())
}

/// For `deserialize_with`: a level or null.
pub(crate) fn level_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Level>, D::Error> {
    Ok(Option::<LevelNumber>::deserialize(deserializer)?.map(|level| level.0))
}

/// For `deserialize_with`: the strength of evidence.
pub(crate) fn evidence<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Evidence, D::Error> {
    EvidenceNumber::deserialize(deserializer).map(|evidence| evidence.0)
}

/// An object, and not the list of its values in order, which serde would take for a struct as well.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Reader<T> {
            type Value = T;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(entries))
            }
        }
        deserializer.deserialize_map(Reader(PhantomData)).map(Self)
    }
}

/// Reads a whole document that is one object.
pub(crate) fn read_object<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    read::<Object<T>>(text).map(|object| object.0)
}

/// For `deserialize_with`: an object.
pub(crate) fn object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Object::deserialize(deserializer).map(|object| object.0)
}

/// For `deserialize_with`: a list of objects.
pub(crate) fn objects<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Vec::<Object<T>>::deserialize(deserializer)?.into_iter().map(|object| object.0).collect())
}

/// For `deserialize_with`: an object whose keys are words of a vocabulary, each at most once (serde would let the
/// last of two win and drop the first unseen).
pub(crate) fn words<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    K: FromStr<Err = UnknownWord> + Ord,
    V: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct Reader<K, V>(PhantomData<(K, V)>);
    impl<'de, K: FromStr<Err = UnknownWord> + Ord, V: Deserialize<'de>> Visitor<'de> for Reader<K, V> {
        type Value = BTreeMap<K, V>;
        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut read = BTreeMap::new();
            // The key as text: only so does the pointer of a fault inside the value hold it.
            while let Some(word) = entries.next_key::<String>()? {
                let key = word.parse::<K>().map_err(A::Error::custom)?;
                if read.contains_key(&key) {
                    return Err(A::Error::custom(format_args!("expected `{word}` once, found it twice")));
                }
                read.insert(key, entries.next_value()?);
            }
            Ok(read)
        }
    }
    deserializer.deserialize_map(Reader(PhantomData))
}

/// For `deserialize_with`: as [`words`], with an object for each word.
pub(crate) fn word_objects<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    K: FromStr<Err = UnknownWord> + Ord,
    V: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let read: BTreeMap<K, Object<V>> = words(deserializer)?;
    Ok(read.into_iter().map(|(key, object)| (key, object.0)).collect())
}
