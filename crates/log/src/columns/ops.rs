//! Ops in columns: what they do, where, and with which value, each beside its like.

use std::collections::{BTreeSet, HashMap};

use kend_domain::{DeviceId, InstanceId};

use super::ids::{Own, ReadIds, WrittenIds};
use super::sheet::{Column, Sheet, SheetReader};
use crate::chain::OpKey;
use crate::codec::BadBytes;
use crate::known;
use crate::{Act, Attachment, BlobId, BlobKey, Dot, Element, Number, Op, Path, Reason, Slot, Value};

const ERASED: u8 = 0;
const ATTACHMENT: u8 = 19;
/// A value of the kind that is usual at its path.
const USUAL: u8 = 18;
const TEXT: u8 = 1;
const INTEGER: u8 = 2;
const NUMBER: u8 = 3;
const NO: u8 = 4;
const YES: u8 = 5;
const NAMES: u8 = 6;
/// A text that is the name of a choice at its path.
const CHOICE: u8 = 7;
/// Names that are all of choices at their path, as bits.
const CHOICES: u8 = 8;
/// A text that is an id.
const ID: u8 = 9;
const CLEAR: u8 = 10;
const ADD: u8 = 11;
const ADD_ID: u8 = 12;
const REMOVE: u8 = 13;
const REMOVE_ID: u8 = 14;
const JUDGE: u8 = 15;
const ERASE: u8 = 16;
const ERASE_UNDER: u8 = 17;

/// The tag of the kind of value that is usual at a template.
fn usual(template: usize) -> u8 {
    match known::usual(template) {
        "one" => CHOICE,
        "many" => CHOICES,
        "integer" => INTEGER,
        "number" => NUMBER,
        "id" => ID,
        "yes" => YES,
        _ => TEXT,
    }
}

fn tag(sheet: &mut Sheet, tag: u8) {
    sheet.run(Column::Tags, tag.into());
}

/// The id that a text is in its one usual form.
fn id_of(text: &str) -> Option<InstanceId> {
    text.parse::<InstanceId>().ok().filter(|id| id.to_string() == text)
}

/// A path as its template and the id in it: the first part that is one.
fn split(path: &str) -> (String, Option<InstanceId>) {
    let mut id = None;
    let part = |part| match (id, id_of(part)) {
        (None, Some(found)) => {
            id = Some(found);
            "*"
        }
        _ => part,
    };
    let parts: Vec<&str> = path.split('/').map(part).collect();
    (parts.join("/"), id)
}

/// Names of choices at a template as bits; none when one is no choice there.
fn bits(template: usize, names: &BTreeSet<String>) -> Option<u64> {
    names.iter().try_fold(0, |bits, name| {
        let place = known::names(template).iter().position(|known| known == name)?;
        Some(bits | 1_u64.checked_shl(u32::try_from(place).ok()?)?)
    })
}

/// Writes ops one after the other.
#[derive(Default)]
pub(super) struct OpWriter {
    /// Templates that are not in the table, in the order of their first use.
    templates: HashMap<String, usize>,
    last_template: usize,
}

impl OpWriter {
    pub(super) fn slot(&mut self, sheet: &mut Sheet, ids: &mut WrittenIds, own: Own<'_>, slot: &Slot, with_key: bool) {
        match slot {
            Slot::Kept { op, key } => {
                self.op(sheet, ids, own, op);
                if with_key {
                    sheet.random.raw(&key.0);
                }
            }
            Slot::Erased { commitment } => {
                tag(sheet, ERASED);
                sheet.random.raw(commitment);
            }
        }
    }

    fn op(&mut self, sheet: &mut Sheet, ids: &mut WrittenIds, own: Own<'_>, op: &Op) {
        match op {
            Op::Set { path, value } => self.set(sheet, ids, path, value),
            Op::Clear { path } => {
                tag(sheet, CLEAR);
                self.path(sheet, ids, path);
            }
            Op::Add { path, element } => {
                self.path(sheet, ids, path);
                write_element(sheet, ids, element, Some(own), (ADD, ADD_ID));
            }
            Op::Remove { path, element, seen } => {
                self.path(sheet, ids, path);
                write_element(sheet, ids, element, None, (REMOVE, REMOVE_ID));
                sheet.at(Column::Seen).count(seen.len());
                for dot in seen {
                    ids.plain(sheet, Column::Seen, *dot.device.as_bytes());
                    sheet.at(Column::Seen).number(dot.seq);
                }
            }
            Op::Judge { act } => {
                tag(sheet, JUDGE);
                sheet.at(Column::Words).byte(act.code());
            }
            Op::Erase { under, reason } => {
                tag(sheet, if under.is_some() { ERASE_UNDER } else { ERASE });
                sheet.at(Column::Words).byte(reason.code());
                if let Some(under) = under {
                    self.path(sheet, ids, under);
                }
            }
        }
    }

    fn set(&mut self, sheet: &mut Sheet, ids: &mut WrittenIds, path: &Path, value: &Value) {
        let template = self.path(sheet, ids, path);
        let as_usual = |sheet: &mut Sheet, of| tag(sheet, if of == usual(template) { USUAL } else { of });
        match value {
            Value::Text(text) => {
                if let Some(place) = known::names(template).iter().position(|name| name == text) {
                    as_usual(sheet, CHOICE);
                    sheet.at(Column::Words).count(place);
                } else if let Some(id) = id_of(text) {
                    as_usual(sheet, ID);
                    ids.near(sheet, *id.as_bytes());
                } else {
                    as_usual(sheet, TEXT);
                    sheet.text(text);
                }
            }
            Value::Integer(number) => {
                as_usual(sheet, INTEGER);
                sheet.at(Column::Numbers).signed(*number);
            }
            Value::Number(number) => {
                as_usual(sheet, NUMBER);
                sheet.at(Column::Numbers).raw(&number.get().to_le_bytes());
            }
            Value::Flag(flag) => as_usual(sheet, if *flag { YES } else { NO }),
            Value::Names(names) => {
                if let Some(bits) = bits(template, names) {
                    as_usual(sheet, CHOICES);
                    sheet.at(Column::Words).number(bits);
                } else {
                    as_usual(sheet, NAMES);
                    sheet.at(Column::Lengths).count(names.len());
                    for name in names {
                        sheet.text(name);
                    }
                }
            }
            Value::Attachment(attachment) => {
                as_usual(sheet, ATTACHMENT);
                sheet.random.raw(&attachment.blob.0);
                sheet.random.raw(&attachment.key.0);
                sheet.at(Column::Numbers).number(attachment.size_bytes);
                sheet.text(&attachment.media_type);
                sheet.text(&attachment.file_name);
                let duration_ms = attachment.duration_ms.map_or(0, |duration_ms| duration_ms.saturating_add(1));
                sheet.at(Column::Numbers).number(duration_ms);
            }
        }
    }

    /// Writes a path; returns the place of its template.
    fn path(&mut self, sheet: &mut Sheet, ids: &mut WrittenIds, path: &Path) -> usize {
        let (template, id) = split(path.as_str());
        let next = known::PATHS.len() + self.templates.len();
        let place = known::place(&template).or_else(|| self.templates.get(&template).copied()).unwrap_or(next);
        let beyond =
            i64::try_from(place).unwrap_or(i64::MAX) - i64::try_from(self.last_template).unwrap_or(i64::MAX) - 1;
        sheet.at(Column::Templates).signed(beyond);
        self.last_template = place;
        if place == next {
            sheet.text(&template);
            self.templates.insert(template, place);
        }
        if let Some(id) = id {
            ids.near(sheet, *id.as_bytes());
        }
        place
    }
}

fn write_element(
    sheet: &mut Sheet,
    ids: &mut WrittenIds,
    element: &Element,
    own: Option<Own<'_>>,
    (as_text, as_id): (u8, u8),
) {
    match (id_of(element.as_str()), own) {
        (None, _) => {
            tag(sheet, as_text);
            sheet.text(element.as_str());
        }
        (Some(id), Some(own)) => {
            tag(sheet, as_id);
            ids.added(sheet, *id.as_bytes(), own);
        }
        (Some(id), None) => {
            tag(sheet, as_id);
            ids.near(sheet, *id.as_bytes());
        }
    }
}

/// Reads ops one after the other.
#[derive(Default)]
pub(super) struct OpReader {
    templates: Vec<String>,
    last_template: usize,
}

impl OpReader {
    /// Reads a slot; `key` is the op's where it is not written beside it.
    pub(super) fn slot(
        &mut self,
        sheet: &mut SheetReader<'_>,
        ids: &mut ReadIds,
        own: Own<'_>,
        key: Option<OpKey>,
    ) -> Result<Slot, BadBytes> {
        let tag = u8::try_from(sheet.run(Column::Tags)?).map_err(|_| BadBytes::NotA("op"))?;
        if tag == ERASED {
            return match key {
                Some(_) => Err(BadBytes::NotA("kept op")),
                None => Ok(Slot::Erased { commitment: sheet.random.array()? }),
            };
        }
        let op = self.op(tag, sheet, ids, own)?;
        let key = match key {
            Some(key) => key,
            None => OpKey(sheet.random.array()?),
        };
        Ok(Slot::Kept { op, key })
    }

    fn op(&mut self, tag: u8, sheet: &mut SheetReader<'_>, ids: &mut ReadIds, own: Own<'_>) -> Result<Op, BadBytes> {
        Ok(match tag {
            TEXT..=ID | USUAL | ATTACHMENT => {
                let (path, template) = self.path(sheet, ids)?;
                let tag = if tag == USUAL { usual(template) } else { tag };
                Op::Set { path, value: value(tag, template, sheet, ids)? }
            }
            CLEAR => Op::Clear { path: self.path(sheet, ids)?.0 },
            ADD | ADD_ID => {
                let (path, _) = self.path(sheet, ids)?;
                Op::Add { path, element: element(tag == ADD_ID, sheet, ids, Some(own))? }
            }
            REMOVE | REMOVE_ID => {
                let (path, _) = self.path(sheet, ids)?;
                let element = element(tag == REMOVE_ID, sheet, ids, None)?;
                let count = sheet.at(Column::Seen).count()?;
                let mut seen = Vec::new();
                for _ in 0..count {
                    let device = DeviceId::from_bytes(ids.plain(sheet, Column::Seen)?);
                    seen.push(Dot { device, seq: sheet.at(Column::Seen).number()? });
                }
                Op::Remove { path, element, seen }
            }
            JUDGE => {
                Op::Judge { act: Act::from_code(sheet.at(Column::Words).byte()?).ok_or(BadBytes::NotA("judgement"))? }
            }
            ERASE | ERASE_UNDER => {
                let reason = Reason::from_code(sheet.at(Column::Words).byte()?).ok_or(BadBytes::NotA("reason"))?;
                let under = if tag == ERASE_UNDER { Some(self.path(sheet, ids)?.0) } else { None };
                Op::Erase { under, reason }
            }
            _ => return Err(BadBytes::NotA("op")),
        })
    }

    fn path(&mut self, sheet: &mut SheetReader<'_>, ids: &mut ReadIds) -> Result<(Path, usize), BadBytes> {
        let not = BadBytes::NotA("path");
        let beyond = sheet.at(Column::Templates).signed()?;
        let last = i64::try_from(self.last_template).unwrap_or(i64::MAX);
        let place = last.checked_add(1).and_then(|next| next.checked_add(beyond));
        let place = place.and_then(|place| usize::try_from(place).ok()).ok_or_else(|| not.clone())?;
        self.last_template = place;
        let own = place.checked_sub(known::PATHS.len());
        if own == Some(self.templates.len()) {
            let template = sheet.text()?;
            self.templates.push(template);
        }
        let template = match own {
            None => known::PATHS.get(place).map(|known| known.template),
            Some(own) => self.templates.get(own).map(String::as_str),
        };
        let template = template.ok_or_else(|| not.clone())?;
        let text = match template.split_once('*') {
            None => template.to_owned(),
            Some((before, after)) => format!("{before}{}{after}", InstanceId::from_bytes(ids.near(sheet)?)),
        };
        Ok((Path::try_from(text).map_err(|_| not)?, place))
    }
}

fn value(tag: u8, template: usize, sheet: &mut SheetReader<'_>, ids: &mut ReadIds) -> Result<Value, BadBytes> {
    let names = known::names(template);
    Ok(match tag {
        TEXT => Value::Text(sheet.text()?),
        ID => Value::Text(InstanceId::from_bytes(ids.near(sheet)?).to_string()),
        CHOICE => {
            let place = usize::try_from(sheet.at(Column::Words).number()?).ok();
            let name = place.and_then(|place| names.get(place)).ok_or(BadBytes::NotA("choice"))?;
            Value::text(*name)
        }
        CHOICES => {
            let bits = sheet.at(Column::Words).number()?;
            let chosen = names.iter().enumerate().filter(|(place, _)| {
                bits.checked_shr(u32::try_from(*place).unwrap_or(u32::MAX)).is_some_and(|rest| rest & 1 == 1)
            });
            Value::names(chosen.map(|(_, name)| *name))
        }
        INTEGER => Value::Integer(sheet.at(Column::Numbers).signed()?),
        NUMBER => {
            let number = f64::from_le_bytes(sheet.at(Column::Numbers).array()?);
            Value::Number(Number::try_from(number).map_err(|_| BadBytes::NotA("finite number"))?)
        }
        NO => Value::Flag(false),
        YES => Value::Flag(true),
        NAMES => {
            let count = sheet.at(Column::Lengths).count()?;
            let mut names = BTreeSet::new();
            for _ in 0..count {
                names.insert(sheet.text()?);
            }
            Value::Names(names)
        }
        ATTACHMENT => Value::Attachment(Attachment {
            blob: BlobId(sheet.random.array()?),
            key: BlobKey(sheet.random.array()?),
            size_bytes: sheet.at(Column::Numbers).number()?,
            media_type: sheet.text()?,
            file_name: sheet.text()?,
            duration_ms: sheet.at(Column::Numbers).number()?.checked_sub(1),
        }),
        _ => return Err(BadBytes::NotA("kind of value")),
    })
}

/// An element, whose id may follow from the entry where one is named.
fn element(
    is_id: bool,
    sheet: &mut SheetReader<'_>,
    ids: &mut ReadIds,
    own: Option<Own<'_>>,
) -> Result<Element, BadBytes> {
    let text = match own {
        _ if !is_id => sheet.text()?,
        Some(own) => InstanceId::from_bytes(ids.added(sheet, own)?).to_string(),
        None => InstanceId::from_bytes(ids.near(sheet)?).to_string(),
    };
    Element::try_from(text).map_err(|_| BadBytes::NotA("element"))
}
