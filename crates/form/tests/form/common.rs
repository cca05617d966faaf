//! Builders for the tests: small sheets, an interview with them, a fixed clock.

use std::collections::BTreeMap;
use std::sync::Arc;

use kend_domain::InstanceId;
use kend_form::{Answer, AnswerPath, Instrument, InstrumentError, RawValue, Sheets, Sitting, Surroundings};

pub(crate) const SETTINGS: &str = "form_id,version,form_title,default_language\ntest,1,Test,Azərbaycanca (az)\n";

pub(crate) const CHOICES: &str = "\
list_name,name,label::Azərbaycanca (az),label::English (en),label::Русский (ru),rayon
yes_no,yes,Bəli,Yes,Да,
yes_no,no,Xeyr,No,Нет,
level,1,Çox zəif,Very weak,Очень слабо,
level,2,Zəif,Weak,Слабо,
level,3,Orta,Middling,Средне,
tag,need,Ehtiyac,Need,Потребность,
tag,constraint,Maneə,Constraint,Препятствие,
tag,demand,Tələbat,Demand,Спрос,
rayon,tovuz,Tovuz,Tovuz,Товуз,
rayon,quba,Quba,Guba,Губа,
village,əlibəyli,Əlibəyli,Alibeyli,Алибейли,tovuz
village,yanıqlı,Yanıqlı,Yanigli,Яныглы,tovuz
village,qrız,Qrız,Griz,Грыз,quba
";

/// Reads a survey sheet with the usual choices and settings.
pub(crate) fn read(survey: &str) -> Result<Instrument, InstrumentError> {
    Instrument::read(&Sheets { survey, choices: CHOICES, settings: SETTINGS })
}

#[track_caller]
pub(crate) fn instrument(survey: &str) -> Arc<Instrument> {
    Arc::new(read(survey).unwrap_or_else(|error| panic!("{error}")))
}

pub(crate) fn surroundings() -> Surroundings {
    Surroundings {
        now: "2026-11-24T15:30:00+04:00".parse().unwrap(),
        started_at: Some("2026-11-24T09:00:00Z".parse().unwrap()),
        device: Some("00000000-0000-4000-8000-00000000000d".parse().unwrap()),
        language: "az".to_owned(),
    }
}

pub(crate) fn id(number: u8) -> InstanceId {
    InstanceId::from_bytes([number; 16])
}

pub(crate) fn sitting(survey: &str) -> Sitting {
    Sitting::new(instrument(survey), BTreeMap::new(), &BTreeMap::new(), surroundings())
}

/// An interview with instances 1 to `count` of `repeat`.
pub(crate) fn sitting_with(survey: &str, repeat: &str, count: u8) -> Sitting {
    let instances = BTreeMap::from([(repeat.to_owned(), (1..=count).map(id).collect())]);
    Sitting::new(instrument(survey), BTreeMap::new(), &instances, surroundings())
}

#[track_caller]
pub(crate) fn path(text: &str) -> AnswerPath {
    text.parse().unwrap()
}

pub(crate) fn inside(repeat: &str, number: u8, name: &str) -> AnswerPath {
    AnswerPath::inside(repeat, id(number), name)
}

/// Sets an answer from its text; the empty text clears it.
#[track_caller]
pub(crate) fn set(sitting: &mut Sitting, path: &AnswerPath, text: &str) -> kend_form::Changed {
    let answer = sitting.parse(path, RawValue::Text(text)).unwrap();
    sitting.set(path, answer).unwrap()
}

/// An answer or calculated value as text.
pub(crate) fn text(sitting: &Sitting, path: &AnswerPath) -> String {
    sitting.answer(path).as_ref().map(Answer::canonical).unwrap_or_default()
}

/// A cell as CSV.
pub(crate) fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}
