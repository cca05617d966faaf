//! An interview, answer by answer.

use anyhow::Result;
use kend_domain::InstanceId;
use kend_log::{Act, Op, Value};

use crate::questions::Takes;
use crate::{Dice, Instrument, Question, Texts};

/// What an interview consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// 100 answers, most of them names of choices; 6 short texts.
    Coded,
    /// 100 answers, 26 of them texts: 14 short, 8 notes, 4 long.
    TextHeavy,
}

/// Participants of a made-up interview.
const PARTICIPANTS: usize = 6;
const ANSWERS: usize = 100;

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The question.
    pub question: Question,
    /// In which instance of its repeat.
    pub instance: Option<InstanceId>,
    /// The answer.
    pub value: Value,
}

/// An interview.
#[derive(Debug, Clone)]
pub struct Interview {
    /// The instrument's id.
    pub instrument: &'static str,
    /// The answers, in the order in which they were given.
    pub answers: Vec<Answer>,
    pub(crate) kind: &'static str,
    pub(crate) language: String,
    pub(crate) village: InstanceId,
}

impl Interview {
    /// Makes one up.
    pub fn make(instrument: &Instrument, profile: Profile, language: &str, texts: &mut Texts, dice: &mut Dice) -> Self {
        texts.begin();
        let mut lengths: Vec<usize> = match profile {
            Profile::Coded => [40; 6].to_vec(),
            Profile::TextHeavy => [&[40; 14][..], &[400; 8], &[1_300; 4]].concat(),
        };
        let mut answers = Vec::new();
        if instrument.kind == "fgd" {
            for _ in 0..PARTICIPANTS {
                let instance = Some(InstanceId::from_bytes(dice.id()));
                let asked = instrument.questions.iter().filter(|one| one.repeat.as_deref() == Some("participant"));
                answers.extend(asked.map(|question| answer(question, instance, 0, texts, dice)));
            }
        }
        let single: Vec<&Question> = instrument.questions.iter().filter(|one| one.repeat.is_none()).collect();
        let is_text = |question: &&&Question| question.takes == Takes::Text;
        let codes = single.iter().filter(|question| !is_text(question)).count();
        let texts_there = single.len() - codes;
        let wanted_codes = (ANSWERS - lengths.len()).saturating_sub(answers.len()).min(codes);
        let (mut codes_left, mut texts_left) = (codes, texts_there);
        let (mut wanted_codes, mut wanted_texts) = (wanted_codes, lengths.len());
        // Evenly over the instrument, in its order, as a conversation goes.
        for question in single {
            let (left, wanted) = if question.takes == Takes::Text {
                (&mut texts_left, &mut wanted_texts)
            } else {
                (&mut codes_left, &mut wanted_codes)
            };
            let chosen = usize::try_from(dice.between(0, u64::try_from(*left).unwrap_or(1))).unwrap_or(0) < *wanted;
            *left -= 1;
            if !chosen {
                continue;
            }
            *wanted -= 1;
            let mut characters = 0;
            if question.takes == Takes::Text {
                let place = dice.between(0, u64::try_from(lengths.len()).unwrap_or(1));
                characters = lengths.swap_remove(usize::try_from(place).unwrap_or(0));
            }
            answers.push(answer(question, None, characters, texts, dice));
        }
        Self {
            instrument: instrument.id,
            answers,
            kind: instrument.kind,
            language: language.to_owned(),
            village: InstanceId::from_bytes(dice.id()),
        }
    }

    /// What the app writes for it, entry by entry.
    pub fn entries(&self) -> Vec<Vec<Op>> {
        let set = |place: &str, value: Value| set(place, value);
        let mut entries = vec![vec![
            set("m/village", Value::text(self.village.to_string())),
            set("m/kind", Value::text(self.kind)),
            set("m/language", Value::text(self.language.as_str())),
            set("m/instrument", Value::text(self.instrument)),
            set("m/version", Value::text("2026-11-1")),
        ]];
        let mut people = 0;
        let mut last = None;
        for answer in &self.answers {
            let place = answer.place();
            match (answer.instance, &answer.question.repeat) {
                (Some(instance), Some(repeat)) if last != Some(instance) => {
                    last = Some(instance);
                    people += 1;
                    entries.push(vec![
                        Op::Add { path: path(&format!("i/{repeat}")), element: element(instance) },
                        set(&place, answer.value.clone()),
                        set(&format!("n/{instance}"), Value::text(format!("P{people}"))),
                    ]);
                }
                (Some(_), _) => {
                    if let Some(entry) = entries.last_mut() {
                        let at = entry.len() - 1;
                        entry.insert(at, set(&place, answer.value.clone()));
                    }
                }
                _ => entries.push(vec![set(&place, answer.value.clone())]),
            }
        }
        entries.push(vec![Op::Judge { act: Act::Submit }]);
        entries
    }

    /// Five answers given differently, as a correction.
    pub fn correction(&self, dice: &mut Dice) -> Vec<Vec<Op>> {
        let coded = |answer: &&Answer| answer.instance.is_none() && matches!(answer.question.takes, Takes::One(_));
        let coded: Vec<&Answer> = self.answers.iter().filter(coded).collect();
        let first = usize::try_from(dice.between(0, u64::try_from(coded.len() - 25).unwrap_or(1))).unwrap_or(0);
        let chosen = coded.into_iter().skip(first).step_by(5).take(5);
        chosen
            .map(|old| {
                let mut none = Texts::empty();
                vec![set(&old.place(), answer(&old.question, None, 0, &mut none, dice).value)]
            })
            .collect()
    }
}

/// Gives what is added the ids that the app gives it: those that follow from the entries' headers.
#[derive(Debug, Default)]
pub struct Given(Vec<(String, String)>);

impl Given {
    /// The ops of an entry whose header gives `own` to what it adds.
    pub fn name(&mut self, ops: Vec<Op>, own: InstanceId) -> Result<Vec<Op>> {
        if let Some(element) =
            ops.iter().find_map(|op| if let Op::Add { element, .. } = op { Some(element) } else { None })
        {
            self.0.push((element.to_string(), own.to_string()));
        }
        let named =
            |text: &str| self.0.iter().fold(text.to_owned(), |text, (made_up, given)| text.replace(made_up, given));
        let renamed = ops.into_iter().map(|op| {
            Ok(match op {
                Op::Add { path, element } => Op::Add { path, element: named(element.as_str()).parse()? },
                Op::Set { path, value } => Op::Set { path: named(path.as_str()).parse()?, value },
                other => other,
            })
        });
        renamed.collect()
    }
}

impl Answer {
    fn place(&self) -> String {
        match (self.instance, &self.question.repeat) {
            (Some(instance), Some(repeat)) => format!("a/{repeat}/{instance}/{}", self.question.name),
            _ => format!("a/{}", self.question.name),
        }
    }
}

fn answer(
    question: &Question,
    instance: Option<InstanceId>,
    characters: usize,
    texts: &mut Texts,
    dice: &mut Dice,
) -> Answer {
    let value = match &question.takes {
        Takes::One(names) => Value::text(dice.pick(names).cloned().unwrap_or_default()),
        Takes::Many(names) => {
            let chosen: Vec<_> = names.iter().filter(|_| dice.between(0, 3) == 0).cloned().collect();
            Value::names(if chosen.is_empty() { names.iter().take(1).cloned().collect() } else { chosen })
        }
        Takes::Integer => Value::Integer(i64::try_from(dice.between(0, 40)).unwrap_or(0)),
        Takes::Decimal => {
            let tenths = u32::try_from(dice.between(5, 400)).unwrap_or(0);
            Value::number(f64::from(tenths) / 10.0).unwrap_or(Value::Integer(0))
        }
        Takes::Text => Value::text(texts.draw(characters, dice)),
    };
    Answer { question: question.clone(), instance, value }
}

fn set(place: &str, value: Value) -> Op {
    Op::Set { path: path(place), value }
}

#[expect(clippy::expect_used, reason = "paths of the shipped instruments")]
fn path(text: &str) -> kend_log::Path {
    text.parse().expect("BUG: a path of an instrument is none of the log")
}

#[expect(clippy::expect_used, reason = "an id is an element")]
fn element(instance: InstanceId) -> kend_log::Element {
    instance.to_string().parse().expect("BUG: an id is no element")
}
