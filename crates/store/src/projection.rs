//! The folded state of an entity in tables, and the states held in memory.
//!
//! Tables keep which entries live, not their content: content stands in the log alone, so an erasure has one place to
//! clear. Invariant: what is loaded here equals the fold of the entity's entries, byte for byte.

use std::collections::HashMap;
use std::sync::Arc;

use kend_domain::{DeviceId, EntityId, PersonId};
use kend_log::{
    Chained, Context, Dot, Element, EntityState, Entry, Erasure, Folded, Judged, Live, Mark, Op, Path, Projection,
    Reason, Seen, Step,
};
use rusqlite::Connection;

use crate::digest::{self, Sum};
use crate::numbers::{self, EntityRow};
use crate::{StoreError, as_written, blob, erasures, row};

/// Folded entities held in memory at most: a list of a rayon's interviews is read again and again. Some 100 KB each.
const MAX_HELD: usize = 256;

/// Parts of the table `remembered`.
const JUDGEMENT: u8 = 1;
const ERASURE: u8 = 2;
const WAITING: u8 = 3;

/// A folded entity and where it stands in the file.
#[derive(Debug, Clone)]
pub(crate) struct Entity {
    pub(crate) row: EntityRow,
    pub(crate) state: Arc<EntityState>,
}

/// The folded entities in memory.
#[derive(Default)]
pub(crate) struct Held {
    version: i64,
    entities: HashMap<EntityId, Entity>,
}

impl Held {
    /// Takes an entity out, from memory or from the tables. Whoever changes it puts it back once that is committed.
    pub(crate) fn take(&mut self, connection: &Connection, id: EntityId) -> Result<Option<Entity>, StoreError> {
        let version = connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get::<_, i64>(0))?;
        if version != self.version {
            self.entities.clear();
            self.version = version;
        }
        if let Some(entity) = self.entities.remove(&id) {
            return Ok(Some(entity));
        }
        let Some(row) = numbers::find_entity(connection, id)? else { return Ok(None) };
        Ok(Some(Entity { row, state: Arc::new(load(connection, id, row)?) }))
    }

    /// Drops an entity that was changed in the tables.
    pub(crate) fn forget(&mut self, id: EntityId) {
        self.entities.remove(&id);
    }

    /// Drops all: the tables were changed.
    pub(crate) fn forget_all(&mut self) {
        self.entities.clear();
    }

    pub(crate) fn put(&mut self, id: EntityId, entity: Entity) {
        if self.entities.len() >= MAX_HELD
            && let Some(any) = self.entities.keys().next().copied()
        {
            self.entities.remove(&any);
        }
        self.entities.insert(id, entity);
    }
}

/// Reads a projected state.
pub(crate) fn load(connection: &Connection, id: EntityId, entity: EntityRow) -> Result<EntityState, StoreError> {
    let mut projection = Projection::default();
    let entries = remembered_entries(connection, entity)?;
    let found = |dot: &Dot| entries.get(dot).ok_or_else(|| StoreError::Damaged("the projection".to_owned()));

    each(
        connection,
        entity,
        "SELECT l.device, r.seq, r.part FROM remembered r JOIN log l ON l.no = r.log WHERE r.entity = ?1",
        |row| {
            let dot = dot(row)?;
            let chained = found(&dot)?;
            match row.get::<_, u8>(2)? {
                JUDGEMENT => projection.judgements.extend(judged(chained)),
                ERASURE => projection.erasures.extend(erasures(chained)),
                _ => projection.waiting.push(chained.clone()),
            }
            Ok(())
        },
    )?;
    let waits = |dot: Dot| projection.waiting.iter().any(|waiting| waiting.dot() == dot);
    let mut marks = Vec::new();
    each(
        connection,
        entity,
        "SELECT l.device, e.seq, e.lamport, e.judges, e.hash FROM entry e JOIN log l ON l.no = e.log WHERE e.entity = ?1",
        |row| {
            let dot = dot(row)?;
            if !waits(dot) {
                let prefix = row::hash(row, 4)?.prefix();
                marks.push((dot, Mark { prefix, lamport: row::number(row, 2)?, judges: row.get(3)? }));
            }
            Ok(())
        },
    )?;
    let order = |(dot, mark): &&(Dot, Mark)| (mark.lamport, *dot);
    if let (Some((first, _)), Some((last, _))) = (marks.iter().min_by_key(order), marks.iter().max_by_key(order)) {
        projection.first = Some(step(found(first)?));
        projection.last = Some(step(found(last)?));
    }
    projection.marks = marks;
    each(
        connection,
        entity,
        "SELECT l.device, v.seq, v.path FROM live v JOIN log l ON l.no = v.log WHERE v.entity = ?1",
        |row| {
            let path = row::path(row, 2)?;
            let live = live(found(&dot(row)?)?, &path);
            projection.live.push((path, live.ok_or_else(|| StoreError::Damaged("the projection".to_owned()))?));
            Ok(())
        },
    )?;
    each(
        connection,
        entity,
        "SELECT l.device, s.seq, s.path, s.element FROM element s JOIN log l ON l.no = s.log WHERE s.entity = ?1",
        |row| {
            let element = Element::try_from(row.get::<_, String>(3)?);
            let element = element.map_err(|_| StoreError::Damaged("an element".to_owned()))?;
            projection.elements.push((row::path(row, 2)?, element, dot(row)?));
            Ok(())
        },
    )?;
    let mut statement = connection.prepare_cached("SELECT person FROM contributor WHERE entity = ?1")?;
    let people = statement.query_map([entity.no], |row| row.get(0).map(PersonId::from_bytes))?;
    projection.contributors = people.collect::<Result<_, _>>()?;
    Ok(EntityState::restore(id, projection))
}

fn each(
    connection: &Connection,
    entity: EntityRow,
    sql: &str,
    mut take: impl FnMut(&rusqlite::Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([entity.no])?;
    while let Some(row) = rows.next()? {
        take(row)?;
    }
    Ok(())
}

fn dot(row: &rusqlite::Row<'_>) -> Result<Dot, StoreError> {
    Ok(Dot { device: DeviceId::from_bytes(row.get(0)?), seq: row::number(row, 1)? })
}

/// The entries that the projection points at, each read once, and the first and the last.
fn remembered_entries(connection: &Connection, entity: EntityRow) -> Result<HashMap<Dot, Chained>, StoreError> {
    // `CROSS JOIN` keeps the order: from the few that are wanted to the log, never through all of it.
    const SQL: &str = "
        WITH folded (log, seq, lamport, device) AS (
          SELECT e.log, e.seq, e.lamport, l.device FROM entry e JOIN log l ON l.no = e.log
          WHERE e.entity = ?1 AND NOT EXISTS (
            SELECT 1 FROM remembered r WHERE r.entity = ?1 AND r.part = 3 AND r.log = e.log AND r.seq = e.seq)),
        wanted (log, seq) AS (
          SELECT log, seq FROM live WHERE entity = ?1
          UNION SELECT log, seq FROM remembered WHERE entity = ?1
          UNION SELECT log, seq FROM (SELECT log, seq FROM folded ORDER BY lamport, device, seq LIMIT 1)
          UNION SELECT log, seq FROM (SELECT log, seq FROM folded ORDER BY lamport DESC, device DESC, seq DESC LIMIT 1))
        SELECT l.device, e.seq, e.hash, e.header, e.slots
        FROM wanted w CROSS JOIN entry e ON e.log = w.log AND e.seq = w.seq JOIN log l ON l.no = e.log";
    let mut entries = HashMap::new();
    each(connection, entity, SQL, |row| {
        let dot = dot(row)?;
        let chained = Chained { device: dot.device, entry: row::entry(row, 3, 4)?, hash: row::hash(row, 2)? };
        as_written::entry(connection, entity.scope, &chained)?;
        entries.insert(dot, chained);
        Ok(())
    })?;
    Ok(entries)
}

fn step(chained: &Chained) -> Step {
    let header = &chained.entry.header;
    Step { dot: chained.dot(), lamport: header.lamport, kind: header.kind, actor: header.actor, said: header.said }
}

fn live(chained: &Chained, path: &kend_log::Path) -> Option<Live> {
    let header = &chained.entry.header;
    let value = chained.entry.ops().filter_map(|op| match op {
        Op::Set { path: set, value } if set == path => Some(Some(value.clone())),
        Op::Clear { path: cleared } if cleared == path => Some(None),
        _ => None,
    });
    let (dot, actor, lamport, said) = (chained.dot(), header.actor, header.lamport, header.said);
    value.last().map(|value| Live { value, dot, actor, lamport, said })
}

fn judged(chained: &Chained) -> Vec<Judged> {
    let header = &chained.entry.header;
    let dot = chained.dot();
    let own = (dot.device, Seen { seq: dot.seq, prefix: chained.hash.prefix() });
    let acts = chained.entry.ops().filter_map(|op| if let Op::Judge { act } = op { Some(*act) } else { None });
    let judged = acts.map(|act| Judged {
        dot,
        act,
        actor: header.actor,
        lamport: header.lamport,
        said: header.said,
        pin: header.context.iter().chain([own]).collect::<Context>(),
    });
    judged.collect()
}

fn erasures(chained: &Chained) -> Vec<Erasure> {
    let header = &chained.entry.header;
    let erasures = chained.entry.ops().filter_map(|op| match op {
        Op::Erase { under, reason } => Some(Erasure {
            dot: chained.dot(),
            under: under.clone(),
            reason: *reason,
            actor: header.actor,
            lamport: header.lamport,
            said: header.said,
        }),
        _ => None,
    });
    erasures.collect()
}

/// Puts an entry into the log's table. The fold and [`save`] come after.
pub(crate) fn insert(
    connection: &Connection,
    log: i64,
    entity: EntityRow,
    chained: &Chained,
    salt: Option<kend_log::Salt>,
) -> Result<(), StoreError> {
    let Entry { header, slots } = &chained.entry;
    connection
        .prepare_cached(
            "INSERT INTO entry (log, seq, entity, lamport, judges, header, salt, slots, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute((
            log,
            row::sql(header.seq),
            entity.no,
            row::sql(header.lamport),
            chained.entry.judges(),
            kend_log::header_bytes(header),
            salt,
            kend_log::slots_bytes(slots),
            chained.hash.0,
        ))?;
    blob::refer(connection, log, entity.scope, &chained.entry)
}

/// An entry that was put into the log's table and folded.
pub(crate) struct New {
    log: i64,
    dot: Dot,
    erases: Vec<(Option<Path>, Reason)>,
}

impl New {
    pub(crate) fn of(log: i64, chained: &Chained) -> Self {
        let erases = chained.entry.ops().filter_map(|op| match op {
            Op::Erase { under, reason } => Some((under.clone(), *reason)),
            _ => None,
        });
        Self { log, dot: chained.dot(), erases: erases.collect() }
    }
}

/// Writes what taking entries in changed, and returns what that is to the scope's digest. What an entity was before is what
/// its tables hold.
pub(crate) fn save(
    connection: &Connection,
    entity: &mut Entity,
    new: &[New],
    folded: &Folded,
) -> Result<Sum, StoreError> {
    let Entity { row, state } = entity;
    let logs = Logs { connection, scope: row.scope, known: new };
    let mut change = save_registers(&logs, *row, state, folded)?;
    change.add(save_sets(&logs, *row, state, folded)?);
    let remember = |part: u8, log: i64, seq: u64| -> Result<(), StoreError> {
        connection
            .prepare_cached("INSERT INTO remembered (entity, part, log, seq) VALUES (?1, ?2, ?3, ?4)")?
            .execute((row.no, part, log, row::sql(seq)))?;
        Ok(())
    };
    for New { log, dot, erases } in new {
        for (under, reason) in erases {
            erasures::note(connection, state.entity(), under.as_ref(), *reason)?;
        }
        if !erases.is_empty() {
            remember(ERASURE, *log, dot.seq)?;
        }
        if state.mark_of(*dot).is_none() {
            remember(WAITING, *log, dot.seq)?;
        }
    }
    for dot in &folded.applied {
        if new.iter().all(|new| new.dot != *dot) {
            connection
                .prepare_cached("DELETE FROM remembered WHERE entity = ?1 AND part = 3 AND log = ?2 AND seq = ?3")?
                .execute((row.no, logs.number(dot.device)?, row::sql(dot.seq)))?;
        }
        if state.mark_of(*dot).is_some_and(|mark| mark.judges) {
            remember(JUDGEMENT, logs.number(dot.device)?, dot.seq)?;
        }
    }
    for person in &folded.contributors {
        connection
            .prepare_cached("INSERT INTO contributor (entity, person) VALUES (?1, ?2)")?
            .execute((row.no, person.as_bytes()))?;
    }
    if let Some(kind) = state.kind().map(kend_log::EntityKind::code)
        && kind != row.kind
    {
        connection.prepare_cached("UPDATE entity SET kind = ?2 WHERE no = ?1")?.execute((row.no, kind))?;
        row.kind = kind;
    }
    Ok(change)
}

/// The numbers of the logs of a scope.
struct Logs<'a> {
    connection: &'a Connection,
    scope: i64,
    known: &'a [New],
}

impl Logs<'_> {
    fn number(&self, device: DeviceId) -> Result<i64, StoreError> {
        match self.known.iter().find(|new| new.dot.device == device) {
            Some(new) => Ok(new.log),
            None => numbers::find_log(self.connection, device, self.scope)?
                .ok_or_else(|| StoreError::Damaged("the number of a log".to_owned())),
        }
    }
}

fn save_registers(logs: &Logs<'_>, row: EntityRow, state: &EntityState, folded: &Folded) -> Result<Sum, StoreError> {
    let id = state.entity();
    let mut change = Sum::default();
    let mut gone =
        logs.connection.prepare_cached("DELETE FROM live WHERE entity = ?1 AND path = ?2 AND log = ?3 AND seq = ?4")?;
    let mut comes =
        logs.connection.prepare_cached("INSERT INTO live (entity, path, log, seq) VALUES (?1, ?2, ?3, ?4)")?;
    for (path, before) in &folded.registers {
        let (now, path) = (state.live(path), path.as_str());
        for dot in before.iter().filter(|dot| now.iter().all(|live| live.dot != **dot)) {
            change.take_off(digest::of(id, dot.device, dot.seq, path, None));
            gone.execute((row.no, path, logs.number(dot.device)?, row::sql(dot.seq)))?;
        }
        for dot in now.iter().map(|live| live.dot).filter(|dot| !before.contains(dot)) {
            change.add(digest::of(id, dot.device, dot.seq, path, None));
            comes.execute((row.no, path, logs.number(dot.device)?, row::sql(dot.seq)))?;
        }
    }
    Ok(change)
}

fn save_sets(logs: &Logs<'_>, row: EntityRow, state: &EntityState, folded: &Folded) -> Result<Sum, StoreError> {
    let id = state.entity();
    let mut change = Sum::default();
    for path in &folded.sets {
        let mut gone = logs.connection.prepare_cached(
            "DELETE FROM element WHERE entity = ?1 AND path = ?2
             RETURNING (SELECT device FROM log WHERE no = element.log), seq, element.element",
        )?;
        let mut rows = gone.query((row.no, path.as_str()))?;
        while let Some(found) = rows.next()? {
            let Dot { device, seq } = dot(found)?;
            let element = found.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
            change.take_off(digest::of(id, device, seq, path.as_str(), Some(element)));
        }
        for (element, dots) in state.elements(path) {
            for dot in dots {
                change.add(digest::of(id, dot.device, dot.seq, path.as_str(), Some(element.as_str())));
                logs.connection
                    .prepare_cached(
                        "INSERT INTO element (entity, path, element, log, seq) VALUES (?1, ?2, ?3, ?4, ?5)",
                    )?
                    .execute((row.no, path.as_str(), element.as_str(), logs.number(dot.device)?, row::sql(dot.seq)))?;
            }
        }
    }
    Ok(change)
}
