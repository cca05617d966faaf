//! Made-up sentences of field notes. `[a|b]` stands for one of them, `{n}` for a small number, `{year}` for a year.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{Dice, Instrument};

/// The languages of interviews.
pub const LANGUAGES: [&str; 3] = ["az", "en", "ru"];

/// Sentences to draw from, each once per interview as long as there are any.
#[derive(Debug, Clone)]
pub struct Texts {
    sentences: Vec<String>,
    left: Vec<String>,
}

impl Texts {
    /// What the dictionary is trained on: sentences of its own, and the words of the screens.
    pub fn training(language: &str) -> Result<Self> {
        let (sentences, words) = match language {
            "az" => (include_str!("../corpus/training_az.txt"), include_str!("../../../schema/words/az.json")),
            "en" => (include_str!("../corpus/training_en.txt"), include_str!("../../../schema/words/en.json")),
            "ru" => (include_str!("../corpus/training_ru.txt"), include_str!("../../../schema/words/ru.json")),
            _ => anyhow::bail!("no language `{language}`"),
        };
        let mut all: Vec<String> = sentences.lines().map(str::to_owned).collect();
        strings(&serde_json::from_str(words)?, &mut all);
        Ok(Self::of(all))
    }

    /// What is measured: other sentences, and the questions of the instruments, which were written by people as notes are.
    pub fn measured(language: &str) -> Result<Self> {
        let sentences = match language {
            "az" => include_str!("../corpus/measured_az.txt"),
            "en" => include_str!("../corpus/measured_en.txt"),
            "ru" => include_str!("../corpus/measured_ru.txt"),
            _ => anyhow::bail!("no language `{language}`"),
        };
        let mut all: Vec<String> = sentences.lines().map(str::to_owned).collect();
        for instrument in [Instrument::fgd()?, Instrument::kii()?] {
            all.extend(instrument.words.get(language).context("words of the instrument")?.iter().cloned());
        }
        Ok(Self::of(all))
    }

    fn of(mut sentences: Vec<String>) -> Self {
        sentences.sort();
        sentences.dedup();
        Self { sentences, left: Vec::new() }
    }

    /// None at all.
    pub(crate) const fn empty() -> Self {
        Self { sentences: Vec::new(), left: Vec::new() }
    }

    /// Forgets what was drawn.
    pub fn begin(&mut self) {
        self.left.clear();
    }

    /// A text of about this many characters.
    pub fn draw(&mut self, characters: usize, dice: &mut Dice) -> String {
        let mut text = String::new();
        while text.chars().count() < characters {
            if self.left.is_empty() {
                self.left.clone_from(&self.sentences);
            }
            let place = dice.between(0, u64::try_from(self.left.len().max(1)).unwrap_or(1));
            let sentence = self.left.swap_remove(usize::try_from(place).unwrap_or(0));
            if !text.is_empty() {
                text.push(' ');
            }
            fill(&sentence, dice, &mut text);
        }
        // Short ones end where the answer does, at a word.
        match text.char_indices().nth(characters) {
            Some((at, _)) if characters < 120 => {
                let cut = text.get(..at).and_then(|short| short.rfind(' ')).unwrap_or(at);
                text.truncate(cut);
                text
            }
            _ => text,
        }
    }
}

fn strings(value: &Value, into: &mut Vec<String>) {
    match value {
        // With a place for a number or name they are no sentences.
        Value::String(text) if text.chars().count() >= 20 && !text.contains('{') => into.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| strings(value, into)),
        Value::Object(values) => values.values().for_each(|value| strings(value, into)),
        _ => {}
    }
}

fn fill(sentence: &str, dice: &mut Dice, into: &mut String) {
    let mut rest = sentence;
    while let Some(at) = rest.find(['[', '{']) {
        let (plain, from) = rest.split_at(at);
        into.push_str(plain);
        let Some((inside, after)) = from.split_once([']', '}']) else { break };
        match inside.get(1..).unwrap_or_default() {
            "n" => into.push_str(&dice.between(2, 90).to_string()),
            "year" => into.push_str(&dice.between(1998, 2026).to_string()),
            choices => {
                let choices: Vec<&str> = choices.split('|').collect();
                into.push_str(dice.pick(&choices).copied().unwrap_or_default());
            }
        }
        rest = after;
    }
    into.push_str(rest);
}
