//! Attributes of features as texts, also those that drivers of `OpenStreetMap` keep together in one.

use std::collections::{BTreeMap, BTreeSet};

use gdal::vector::{Defn, Feature};

use super::LayerFault;

/// Where GDAL keeps tags of `OpenStreetMap` that have no attribute of their own: `"amenity"=>"school","name"=>"12 №-li"`.
const OTHER_TAGS: &str = "other_tags";
/// What a letter becomes that is none.
const NO_LETTER: char = '\u{FFFD}';

/// Where an attribute lies in a feature.
enum Place {
    /// In the field of its name.
    Own(usize),
    /// Among other tags, in this field.
    Tag(usize),
}

/// The attributes that are asked for.
pub(super) struct Attributes(Vec<(String, Place)>);

impl Attributes {
    /// Finds them by their exact names.
    pub(super) fn find(defn: &Defn, wanted: &BTreeSet<&str>) -> Result<Self, LayerFault> {
        let there: Vec<String> = defn.fields().map(|field| field.name()).collect();
        let place = |name: &str| there.iter().position(|other| other == name);
        let find = |name: &&str| {
            let own = place(name).map(Place::Own);
            let found = own
                .or_else(|| place(OTHER_TAGS).map(Place::Tag))
                .ok_or_else(|| LayerFault::NoAttribute { name: (*name).to_owned(), there: listed(&there) })?;
            Ok(((*name).to_owned(), found))
        };
        wanted.iter().map(find).collect::<Result<_, LayerFault>>().map(Self)
    }

    /// The texts of a feature; those without one are left out.
    pub(super) fn of(&self, feature: &Feature<'_>) -> Result<BTreeMap<String, String>, LayerFault> {
        let mut texts = BTreeMap::new();
        for (name, place) in &self.0 {
            let (Place::Own(index) | Place::Tag(index)) = place;
            let Some(text) = feature.field_as_string(*index).unwrap_or_default() else { continue };
            if text.contains(NO_LETTER) {
                return Err(LayerFault::Encoding { name: name.clone() });
            }
            let text = match place {
                Place::Own(_) => Some(text),
                Place::Tag(_) => tag(&text, name),
            };
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                texts.insert(name.clone(), text);
            }
        }
        Ok(texts)
    }
}

/// Names in one line, at most ten.
pub(super) fn listed(names: &[String]) -> String {
    const MOST: usize = 10;
    let quoted: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    match names.len() {
        0 => "none".to_owned(),
        count if count > MOST => format!("{} and {} more", quoted.join(", "), count - MOST),
        _ => quoted.join(", "),
    }
}

/// The value of a tag; texts stand between quotation marks, with `\` before marks and `\` within.
fn tag(text: &str, name: &str) -> Option<String> {
    let mut letters = text.chars();
    loop {
        let key = quoted(&mut letters)?;
        let value = quoted(&mut letters)?;
        if key == name {
            return Some(value);
        }
    }
}

/// The next text between quotation marks.
fn quoted(letters: &mut impl Iterator<Item = char>) -> Option<String> {
    letters.find(|letter| *letter == '"')?;
    let mut text = String::new();
    loop {
        match letters.next()? {
            '"' => return Some(text),
            '\\' => text.push(letters.next()?),
            letter => text.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_tag_is_found_by_its_whole_key() {
        let tags = r#""school:type"=>"x","a\"b"=>"c\\d","amenity"=>"school","name"=>"a=>b, \"c\"""#;
        let cases = [
            ("amenity", Some("school")),
            ("school", None),
            ("x", None),
            (r#"a"b"#, Some(r"c\d")),
            ("name", Some(r#"a=>b, "c""#)),
        ];
        for (key, expected) in cases {
            assert_eq!(tag(tags, key).as_deref(), expected, "{key}");
        }
        assert_eq!(tag(r#""amenity"=>"scho"#, "amenity"), None);
    }

    proptest! {
        #[test]
        fn any_tag_is_read_as_it_was_written(pairs in prop::collection::btree_map(".{1,4}", ".{0,4}", 1..4)) {
            let escaped = |text: &str| text.replace('\\', r"\\").replace('"', "\\\"");
            let pair = |(key, value): (&String, &String)| format!("\"{}\"=>\"{}\"", escaped(key), escaped(value));
            let text: Vec<String> = pairs.iter().map(pair).collect();
            for (key, value) in &pairs {
                prop_assert_eq!(tag(&text.join(","), key), Some(value.clone()));
            }
        }
    }
}
