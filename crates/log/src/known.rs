//! Paths and words of the shipped instruments, as numbers on the wire.
//!
//! The table belongs to format 2 and is frozen with it: a line never changes, moves or goes. A question that is not in
//! it travels as text, so an instrument may have any. Per line: a path (`*` stands for the id of an instance), the kind of
//! value that usually stands there, and the names of its choices.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A path of the table and what stands there.
pub(crate) struct KnownPath {
    pub(crate) template: &'static str,
    pub(crate) usual: &'static str,
    pub(crate) names: Vec<&'static str>,
}

/// The table.
pub(crate) static PATHS: LazyLock<Vec<KnownPath>> = LazyLock::new(|| {
    let read = |line: &'static str| {
        let mut words = line.split(' ');
        let (template, usual) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        KnownPath { template, usual, names: words.collect() }
    };
    include_str!("../../../schema/wire/paths_1.txt").lines().map(read).collect()
});

static PLACES: LazyLock<HashMap<&'static str, usize>> =
    LazyLock::new(|| PATHS.iter().enumerate().map(|(place, known)| (known.template, place)).collect());

/// The place of a template in the table.
pub(crate) fn place(template: &str) -> Option<usize> {
    PLACES.get(template).copied()
}

/// The kind of value that usually stands at a template.
pub(crate) fn usual(template: usize) -> &'static str {
    PATHS.get(template).map_or("text", |known| known.usual)
}

/// The names that may stand at a template; none for one that is not in the table.
pub(crate) fn names(template: usize) -> &'static [&'static str] {
    PATHS.get(template).map_or(&[], |known| &known.names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_each_path_once_and_is_as_it_was_frozen() {
        assert_eq!(PLACES.len(), PATHS.len());
        for known in PATHS.iter() {
            assert!(known.template.replace('*', "7").parse::<crate::Path>().is_ok(), "{}", known.template);
        }
        let table = include_str!("../../../schema/wire/paths_1.txt");
        assert_eq!(
            (table.lines().count(), blake3::hash(table.as_bytes()).to_hex().as_str()),
            (289, "2c4498e6673e901c87fa3fda13c6003e4189d99bf8a477a7c426b7e63547586e")
        );
    }
}
