//! One spelling for all spellings of a name.

/// Two letters that stand for one, before single letters are looked at.
const PAIRS: [(&str, &str); 5] = [("sh", "s"), ("ch", "c"), ("gh", "g"), ("kh", "x"), ("dc", "c")];

/// Hyphens and apostrophes, which some write between parts of a name.
const JOINTS: [char; 8] = ['-', '\u{2010}', '\u{2011}', '\u{2013}', '\'', '\u{2019}', '\u{2bc}', '`'];

/// Words beside a name that say what kind of place it is, folded.
const KINDS: [&str; 17] = [
    "rayonu",
    "rayon",
    "raion",
    "r",
    "seheri",
    "seher",
    "s",
    "district",
    "city",
    "town",
    "район",
    "районы",
    "рн",
    "р",
    "город",
    "гор",
    "г",
];

/// The form by which names are compared: without case, marks, hyphens and the word for the kind of place, and with one
/// letter for each of `I ı İ i`, `ə e ä`, `ş sh`, `ç ch c j dj`, `ğ gh q g`, `x kh`, `ö o`, `ü u`. Footnote marks behind the
/// name (`*`, `1)`, `(1)`, superscripts) are left out. A name of marks alone gives an empty text.
///
/// Source: letters of the Azerbaijani alphabet of 1991 and the romanisation that the State Statistical Committee uses in
/// English. That it keeps all 74 names apart is checked whenever a table of names is read.
///
/// ```
/// use kend_spatial::folded;
/// assert_eq!(folded("XAÇMAZ RAYONU"), folded("Khachmaz district 1)"));
/// assert_ne!(folded("Ağdam"), folded("Ağdaş"));
/// ```
pub fn folded(name: &str) -> String {
    let lower: String = without_footnote(name).chars().flat_map(lowered).collect();
    let words: Vec<String> = lower
        .split(|letter: char| letter.is_whitespace() || ".,()/".contains(letter))
        .map(letters)
        .filter(|word| !word.is_empty())
        .collect();
    let is_kind = |word: Option<&String>| word.is_some_and(|word| KINDS.contains(&word.as_str()));
    let mut rest = words.as_slice();
    while rest.len() > 1 && is_kind(rest.last()) {
        rest = rest.split_last().map_or(rest, |(_, before)| before);
    }
    while rest.len() > 1 && is_kind(rest.first()) {
        rest = rest.split_first().map_or(rest, |(_, behind)| behind);
    }
    rest.concat()
}

/// The name without footnote marks behind it. A digit counts as one only before a bracket: `Zone 2` is a name.
fn without_footnote(name: &str) -> &str {
    let mut rest = name;
    loop {
        let before = rest;
        rest = rest.trim_end_matches(|letter: char| {
            letter.is_whitespace()
                || (letter.is_numeric() && !letter.is_ascii_digit())
                || "*\u{207d}\u{207e}".contains(letter)
        });
        if let Some(marked) = rest.strip_suffix(')') {
            let name = marked.trim_end_matches(|letter: char| letter.is_ascii_digit());
            if name.len() < marked.len() {
                rest = name.strip_suffix('(').unwrap_or(name);
            }
        }
        if rest == before {
            return rest;
        }
    }
}

/// Small letters; the four letters i of Azerbaijani are one. Marks that stand as letters of their own are left out.
fn lowered(letter: char) -> impl Iterator<Item = char> {
    let letter = if matches!(letter, 'I' | 'ı' | 'İ') { 'i' } else { letter };
    letter.to_lowercase().filter(|letter| !('\u{300}'..='\u{36F}').contains(letter))
}

/// The letters of a word, each sound written in one way.
fn letters(word: &str) -> String {
    let plain: String = word
        .chars()
        .filter(|letter| !JOINTS.contains(letter))
        .map(|letter| match letter {
            'ə' | 'ä' => 'e',
            'ş' | 'ș' => 's',
            'ç' | 'j' => 'c',
            'ğ' | 'q' | 'ǧ' => 'g',
            'ö' => 'o',
            'ü' => 'u',
            'ё' => 'е',
            other => other,
        })
        .collect();
    // `dj` is `dc` by now.
    PAIRS.iter().fold(plain, |word, (pair, letter)| word.replace(pair, letter))
}
