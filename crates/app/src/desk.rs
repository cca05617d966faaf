//! One person at work: their rights, the store, and the library that the work refers to.
//!
//! A desk lives for one command. It is the only way to write: [`Desk::write`] adds who, when and where to what a use case
//! wants to change, checks the area, and appends it in one transaction.

use std::sync::Arc;

use kend_domain::{Areas, EntityId, Language, PersonId, Role, Scope};
use kend_log::{EntityKind, EntityState, Op, Path, Value};
use kend_store::{Append, Appended, Store};

use crate::api::{ApiError, ErrorCode, Kept, PersonView};
use crate::library::Library;
use crate::sync;
use crate::world::{World, random_id};

/// A person, as their devices and the hub know them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Person {
    /// Their id.
    pub person: PersonId,
    /// The name they chose for their colleagues.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// The areas they are responsible for.
    pub areas: Areas,
}

impl Person {
    /// The person as screens show them.
    pub fn view(&self) -> PersonView {
        PersonView {
            person: self.person,
            name: self.name.clone(),
            role: self.role,
            areas: self.areas.0.iter().cloned().collect(),
        }
    }
}

/// Where the desk stands: it decides how far *kept* has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// On a device.
    Device,
    /// On a hub: what is here is copied.
    Hub,
}

/// Everything one command works with.
pub struct Desk<'a> {
    /// The store.
    pub store: &'a mut Store,
    /// Pack, instruments and method in use. Replaced by an import.
    pub library: &'a mut Arc<Library>,
    /// Who gives the command.
    pub person: &'a Person,
    /// The language of the session.
    pub language: Language,
    /// On a device or a hub.
    pub standing: Standing,
    /// Clocks and randomness.
    pub world: &'a dyn World,
}

/// An entity that the person may see, and where it lives.
pub(crate) struct Found {
    pub(crate) entity: EntityId,
    pub(crate) scope: Scope,
    pub(crate) kind: EntityKind,
    pub(crate) state: Arc<EntityState>,
    pub(crate) kept: Kept,
}

impl Desk<'_> {
    /// The scope of a rayon in the pack's project.
    pub(crate) fn scope(&self, rayon: kend_domain::AreaCode) -> Scope {
        Scope::new(self.library.pack.content().project.name.clone(), rayon)
    }

    /// Whether the person's areas hold a scope of this project.
    pub(crate) fn may_see(&self, scope: &Scope) -> bool {
        *scope.project() == self.library.pack.content().project.name && self.person.areas.hold(scope.area())
    }

    /// An entity of a kind; one that the person may not see is not found.
    pub(crate) fn find(&self, entity: EntityId, kind: EntityKind) -> Result<Found, ApiError> {
        if kind == EntityKind::Interview && !self.person.role.reads_interviews() {
            return Err(ApiError::new(ErrorCode::NotAllowed));
        }
        let head = self.store.entity_head(entity)?.filter(|head| head.kind == kind && self.may_see(&head.scope));
        let head = head.ok_or(ApiError::new(ErrorCode::NotFound))?;
        let state = self.store.entity(entity)?.ok_or(ApiError::new(ErrorCode::NotFound))?;
        let kept = sync::kept_of(self.standing, &head, sync::server_is_hub(self.store)?);
        Ok(Found { entity, scope: head.scope, kind, state, kept })
    }

    /// All entities of a kind that the person may see.
    pub(crate) fn all(&self, kind: EntityKind) -> Result<Vec<Found>, ApiError> {
        let mut found = Vec::new();
        let server_is_hub = sync::server_is_hub(self.store)?;
        for head in self.store.entities(kind)? {
            if self.may_see(&head.scope)
                && let Some(state) = self.store.entity(head.entity)?
            {
                let kept = sync::kept_of(self.standing, &head, server_is_hub);
                found.push(Found { entity: head.entity, scope: head.scope, kind, state, kept });
            }
        }
        Ok(found)
    }

    /// Appends what a use case wants changed, with the person's name when they write on this entity for the first time.
    /// Durable when it returns.
    pub(crate) fn write(&mut self, change: Change) -> Result<Appended, ApiError> {
        let mut ops = change.ops;
        if change.names_writer {
            ops.push(Op::Set { path: writer_path(self.person.person), value: Value::Text(self.person.name.clone()) });
        }
        let append = Append {
            scope: change.scope,
            entity: change.entity,
            kind: change.kind,
            actor: self.person.person,
            ops,
            said: crate::clock::said(&*self.store, self.world)?,
            form_version: FORM_VERSION,
            seen: None,
            ends_drafts: change.ends_drafts,
            salt: random_id(self.world),
        };
        Ok(self.store.append(append)?)
    }

    /// Appends to an entity that is there.
    pub(crate) fn change(&mut self, found: &Found, ops: Vec<Op>, ends_drafts: Vec<Path>) -> Result<(), ApiError> {
        let names_writer = found.state.value(writer_path(self.person.person).as_str()).is_none();
        let (scope, entity, kind) = (found.scope.clone(), found.entity, found.kind);
        self.write(Change { scope, entity, kind, ops, ends_drafts, names_writer })?;
        Ok(())
    }
}

/// What a use case wants changed.
pub(crate) struct Change {
    pub(crate) scope: Scope,
    pub(crate) entity: EntityId,
    pub(crate) kind: EntityKind,
    pub(crate) ops: Vec<Op>,
    pub(crate) ends_drafts: Vec<Path>,
    pub(crate) names_writer: bool,
}

/// The version of the layout of paths and values that use cases write.
const FORM_VERSION: u32 = 1;

/// Where an entity keeps the name of someone who wrote on it: names travel, and go, with what they were given for.
pub(crate) fn writer_path(person: PersonId) -> Path {
    path(&format!("p/{person}"))
}

/// The name of someone who wrote on an entity; empty when they are not named (content was erased).
pub(crate) fn writer_name(state: &EntityState, person: PersonId) -> String {
    text(state, &format!("p/{person}")).unwrap_or_default()
}

/// A path of the app's own making.
#[expect(clippy::expect_used, reason = "the app's own paths are of the log's form")]
pub(crate) fn path(text: &str) -> Path {
    text.parse().expect("BUG: a path of the app is not one of the log")
}

/// The text at a path.
pub(crate) fn text(state: &EntityState, path: &str) -> Option<String> {
    match state.value(path)? {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// The words at a path that is a closed vocabulary's; nothing where there is none or an unknown one.
pub(crate) fn word<Word: std::str::FromStr>(state: &EntityState, path: &str) -> Option<Word> {
    text(state, path)?.parse().ok()
}

/// Trims a text that a person gave and holds it to its limits.
pub(crate) fn checked_text(text: &str, limit_characters: usize) -> Result<String, ApiError> {
    let trimmed = text.trim();
    match trimmed.chars().count() {
        0 => Err(ApiError::with(ErrorCode::BadRequest, "the text is empty")),
        count if count > limit_characters => {
            Err(ApiError::with(ErrorCode::TooLarge, format_args!("{limit_characters} characters at most")))
        }
        _ => Ok(trimmed.to_owned()),
    }
}
