//! The project's own instruments, held as interviews.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use kend_domain::Theme;
use kend_form::{Instrument, Item, Sheets, Sitting};

use crate::common::{id, inside, path, set, surroundings, text};

/// An interview with an instrument of `schema/instruments`; its repeats have one instance each.
fn sitting(name: &str) -> Sitting {
    let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../../schema/instruments").join(name);
    let sheet = |sheet: &str| std::fs::read_to_string(folder.join(sheet)).unwrap();
    let (survey, choices, settings) = (sheet("survey.csv"), sheet("choices.csv"), sheet("settings.csv"));
    let sheets = Sheets { survey: &survey, choices: &choices, settings: &settings };
    let instrument = Instrument::read(&sheets).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(instrument.languages(), ["az", "en", "ru"], "{name}");
    let repeats = instrument.repeats().map(|repeat| (repeat.to_owned(), vec![id(1)])).collect();
    Sitting::new(Arc::new(instrument), BTreeMap::new(), &repeats, surroundings())
}

#[test]
fn their_sections_stand_in_the_order_of_the_conversation() {
    for name in ["fgd", "kii"] {
        let items = sitting(name).walk("az");
        let sections = items.iter().filter_map(|item| match item {
            Item::Group(group) => Some(group.shown.name.as_str()),
            _ => None,
        });
        let themes = Theme::ALL.iter().map(|theme| theme.word());
        let expected = ["before", "participants_section", "materials"].into_iter().chain(themes).chain(["closing"]);
        assert_eq!(sections.collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn sound_is_recorded_only_where_people_agreed_to_it_and_never_has_to_be() {
    for name in ["fgd", "kii"] {
        let mut sitting = sitting(name);
        let sound = inside("recording", 1, "recording_sound");
        set(&mut sitting, &path("consent_take_part"), "yes");
        assert_eq!(sitting.is_relevant(&sound), Some(false), "{name}: nobody was asked");
        set(&mut sitting, &path("consent_record"), "no");
        assert_eq!(sitting.is_relevant(&sound), Some(false), "{name}");
        set(&mut sitting, &path("consent_record"), "yes");
        assert_eq!(sitting.is_relevant(&sound), Some(true), "{name}");
        assert!(sitting.missing().iter().all(|missing| missing.section != "materials"), "{name}");
        set(&mut sitting, &path("consent_take_part"), "no");
        assert_eq!(sitting.is_relevant(&sound), Some(false), "{name}");
    }
}

#[test]
fn without_consent_nothing_else_is_asked() {
    for name in ["fgd", "kii"] {
        let mut sitting = sitting(name);
        set(&mut sitting, &path("consent_take_part"), "no");
        assert!(sitting.missing().iter().all(|missing| missing.section == "before"), "{name}");
        for theme in Theme::ALL {
            assert_eq!(sitting.is_relevant(&path(&format!("{theme}_discussed"))), Some(false), "{name} {theme}");
        }
    }
}

#[test]
fn levels_far_apart_ask_for_an_agreed_one_and_tags_for_their_words() {
    for name in ["fgd", "kii"] {
        let mut sitting = sitting(name);
        set(&mut sitting, &path("consent_take_part"), "yes");
        for theme in Theme::ALL {
            let at = |suffix: &str| path(&format!("{theme}_{suffix}"));
            set(&mut sitting, &at("discussed"), "yes");
            set(&mut sitting, &at("level"), "2");
            assert_eq!(sitting.is_relevant(&at("level_agreed")), Some(false), "{name} {theme}");
            set(&mut sitting, &at("level_second"), "4");
            assert_eq!(sitting.is_relevant(&at("level_agreed")), Some(true), "{name} {theme}");
            assert!(sitting.missing().iter().any(|missing| missing.path == at("level_agreed")), "{name} {theme}");
            set(&mut sitting, &at("level_second"), "3");
            assert_eq!(sitting.is_relevant(&at("level_agreed")), Some(false), "{name} {theme}");
            set(&mut sitting, &at("tags"), "need demand");
            assert_eq!(sitting.is_relevant(&at("need_words")), Some(true), "{name} {theme}");
            assert_eq!(sitting.is_relevant(&at("constraint_words")), Some(false), "{name} {theme}");
            let quote = inside(&format!("{theme}_quote"), 1, &format!("{theme}_quote_words"));
            set(&mut sitting, &quote, "Su gələndə gəlir, gəlməyəndə yox");
            assert_eq!(text(&sitting, &quote), "Su gələndə gəlir, gəlməyəndə yox");
        }
    }
}
