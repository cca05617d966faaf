//! One person at work: their rights, the store, and the library that the work refers to.
//!
//! A desk lives for one command. It is the only way to the store: [`Desk::find`] and [`Desk::all`] show what the person may
//! read, [`Desk::write`] asks the matrix of rights about every op, adds who, when and where, and appends it in one
//! transaction. What is allowed is said by [`kend_sync::rights`] alone.

use std::sync::Arc;

use kend_domain::{AreaCode, Areas, EntityId, InstanceId, Language, PersonId, Role, Scope};
use kend_log::{BlobId, EntityKind, EntityState, LogId, Op, Path, Reason, Value};
use kend_store::{Append, Appended, Draft, Store};
use kend_sync::rights::{self, Deed, Member, Reading};

use crate::api::{ApiError, ErrorCode, Kept, PersonView};
use crate::library::Library;
use crate::sync::Keeping;
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

    fn member(&self) -> Member {
        Member { person: self.person, role: self.role, areas: self.areas.clone() }
    }
}

/// Where the desk stands: it decides how far *kept* has come.
#[derive(Debug, Clone, Copy)]
pub enum Standing {
    /// On a device.
    Device,
    /// On a hub: what is here is copied.
    Hub {
        /// Whether all of an attachment is there.
        has_blob: fn(&Store, &BlobId) -> bool,
    },
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
    /// What this person typed of an entity and has not left yet.
    pub(crate) fn own_drafts(&self, entity: EntityId) -> Result<impl Iterator<Item = Draft>, ApiError> {
        let person = self.person.person;
        Ok(self.store.drafts(entity)?.into_iter().filter(move |draft| draft.actor == person))
    }

    /// The scope of a rayon in the pack's project.
    pub(crate) fn scope(&self, rayon: AreaCode) -> Scope {
        Scope::new(self.library.pack.content().project.name.clone(), rayon)
    }

    /// Whether the person may read this in an area.
    pub(crate) fn may_read(&self, area: &AreaCode, reading: Reading) -> bool {
        rights::may_read(self.person.role, &self.person.areas, area, reading)
    }

    /// Whether the person may do deeds of this kind to an entity.
    pub(crate) fn may(&self, found: &Found, deed: Deed) -> bool {
        self.person.member().may(&found.scope, found.kind, deed, rights::took_part(&found.state, self.person.person))
    }

    /// Whether the person may begin something of a kind with a deed in a scope.
    pub(crate) fn may_begin(&self, scope: &Scope, kind: EntityKind, deed: Deed) -> bool {
        self.person.member().may(scope, kind, deed, false)
    }

    fn may_read_scope(&self, scope: &Scope, reading: Reading) -> bool {
        *scope.project() == self.library.pack.content().project.name && self.may_read(scope.area(), reading)
    }

    /// An entity of a kind; one that the person may not see is not found.
    pub(crate) fn find(&self, entity: EntityId, kind: EntityKind) -> Result<Found, ApiError> {
        let reading = match kind {
            EntityKind::Interview => Reading::Interviews,
            EntityKind::Village | EntityKind::Meeting => Reading::Results,
        };
        if !rights::reads(self.person.role, reading) {
            return Err(ApiError::new(ErrorCode::NotAllowed));
        }
        let head = self.store.entity_head(entity)?;
        let head = head.filter(|head| head.kind == kind && self.may_read_scope(&head.scope, reading));
        let head = head.ok_or(ApiError::new(ErrorCode::NotFound))?;
        let state = self.store.entity(entity)?.ok_or(ApiError::new(ErrorCode::NotFound))?;
        let kept = Keeping::read(self)?.of(self.store, &head)?;
        Ok(Found { entity, scope: head.scope, kind, state, kept })
    }

    /// All entities of a kind, where the person may read this of them.
    pub(crate) fn all(&self, kind: EntityKind, reading: Reading) -> Result<Vec<Found>, ApiError> {
        let mut found = Vec::new();
        let keeping = Keeping::read(self)?;
        for head in self.store.entities(kind)? {
            if self.may_read_scope(&head.scope, reading)
                && let Some(state) = self.store.entity(head.entity)?
            {
                let kept = keeping.of(self.store, &head)?;
                found.push(Found { entity: head.entity, scope: head.scope, kind, state, kept });
            }
        }
        Ok(found)
    }

    /// Appends what a use case wants changed, with the person's name when they write on this entity for the first time.
    /// Durable when it returns; refused as a whole when the person may not do one of the ops.
    pub(crate) fn write(&mut self, change: Change) -> Result<Appended, ApiError> {
        let mut ops = change.ops;
        if change.names_writer {
            ops.push(Op::Set { path: writer_path(self.person.person), value: Value::Text(self.person.name.clone()) });
        }
        let (member, state) = (self.person.member(), self.store.entity(change.entity)?);
        let took_part = state.is_some_and(|state| rights::took_part(&state, member.person));
        if !ops.iter().all(|op| member.may_do(&change.scope, change.kind, op, took_part)) {
            return Err(ApiError::new(ErrorCode::NotAllowed));
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

    /// The id of what the next entry adds to an entity.
    pub(crate) fn next_instance(&self, found: &Found) -> Result<InstanceId, ApiError> {
        let device = self.store.device();
        let head = self.store.log_head(&LogId { device, scope: found.scope.clone() })?;
        let seq = head.map_or(1, |(last, _)| last + 1);
        Ok(crate::clock::said(&*self.store, self.world)?.instance(device, found.entity, seq))
    }

    /// Erases what lies under a path, or all content of an entity. Nobody is named by it: a name is content.
    pub(crate) fn erase(&mut self, found: &Found, under: Option<Path>) -> Result<(), ApiError> {
        let (scope, entity, kind) = (found.scope.clone(), found.entity, found.kind);
        let ops = vec![Op::Erase { under, reason: Reason::ConsentWithdrawn }];
        self.write(Change { scope, entity, kind, ops, ends_drafts: Vec::new(), names_writer: false })?;
        Ok(())
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
