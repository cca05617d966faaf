//! How much the crate takes in: every limit is named here, so that a hostile or damaged sheet costs little.

/// Largest sheet, in bytes.
pub const SHEET_BYTES: usize = 1024 * 1024;
/// Most rows of a sheet, heads not counted.
pub const SHEET_ROWS: usize = 5000;
/// Most columns of a sheet.
pub const SHEET_COLUMNS: usize = 256;
/// Deepest nesting of groups.
pub const GROUP_DEPTH: usize = 16;
/// Longest name of a question, group, list or choice, in characters.
pub const NAME_CHARACTERS: usize = 64;
/// Longest expression, in characters.
pub const EXPRESSION_CHARACTERS: usize = 4096;
/// Deepest nesting of an expression: parentheses, arguments, predicates, signs.
pub const EXPRESSION_DEPTH: usize = 64;
/// Longest answer in text, in characters.
pub const TEXT_CHARACTERS: usize = 20_000;
/// Most instances of a repeat that can be added.
pub const REPEAT_INSTANCES: usize = 200;
/// Largest whole number, either side of zero: beyond it numbers lose their last digits.
pub const INTEGER: i64 = (1 << 53) - 1;
/// Largest compiled pattern of `regex()`, in bytes.
pub const PATTERN_BYTES: usize = 1024 * 1024;
