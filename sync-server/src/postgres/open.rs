//! The first look at a database: its tables, whose it is, and what a data folder is to it.
//!
//! One process at a time opens: of two that meet an empty database, the second finds a hub there.

use std::sync::Arc;

use kend_domain::DeviceId;
use kend_store::rusqlite::types::Value;
use kend_store::{DatabaseKey, NewDevice, Store};
use tokio_postgres::Client;

use super::copy::Position;
use super::line::{ANSWER, Place, Reach, Waiter};
use super::seal::{Content, Seal};
use super::write::Open;
use super::{Head, LOCAL_TABLES, Postgres, PostgresError};
use crate::error::HubError;
use crate::world;

/// The tables of PostgreSQL, oldest first.
const MIGRATIONS: [(i32, &str); 1] = [(1, include_str!("../../../schema/postgres/001_record.sql"))];
/// Held by whoever opens.
const OPENING: i64 = 0x6b65_6e64_0001;

/// A database that is being opened: no other process opens it meanwhile.
pub(crate) struct Opening {
    waiter: Waiter,
    place: Place,
    client: Client,
}

impl Opening {
    /// Connects, and brings the tables up to date.
    pub(crate) fn begin(reach: &Reach) -> Result<Self, PostgresError> {
        let place = Place::new(reach)?;
        let waiter = Waiter::new()?;
        let client = waiter.connect(&place)?;
        waiter.wait(ANSWER, client.execute("SELECT pg_advisory_lock($1)", &[&OPENING]))?;
        let opening = Self { waiter, place, client };
        opening.migrate()?;
        Ok(opening)
    }

    fn migrate(&self) -> Result<(), PostgresError> {
        const TABLE: &str = "CREATE SCHEMA IF NOT EXISTS kend;
            CREATE TABLE IF NOT EXISTS kend.migration (version integer PRIMARY KEY)";
        const FOUND: &str = "SELECT coalesce(max(version), 0) FROM kend.migration";
        let there = "SELECT to_regclass('kend.migration') IS NOT NULL";
        let there: bool = self.waiter.wait(ANSWER, self.client.query_one(there, &[]))?.try_get(0)?;
        if !there {
            self.waiter.wait(ANSWER, self.client.batch_execute(TABLE))?;
        }
        let found: i32 = self.waiter.wait(ANSWER, self.client.query_one(FOUND, &[]))?.try_get(0)?;
        if found > MIGRATIONS.last().map_or(0, |(version, _)| *version) {
            return Err(PostgresError::Newer);
        }
        for (version, sql) in MIGRATIONS.iter().filter(|(version, _)| *version > found) {
            let step = format!("BEGIN; {sql} INSERT INTO kend.migration (version) VALUES ({version}); COMMIT");
            self.waiter.wait(ANSWER, self.client.batch_execute(&step))?;
        }
        Ok(())
    }

    /// Whether a hub is in it.
    pub(crate) fn holds_a_hub(&self) -> Result<bool, PostgresError> {
        let there = self.client.query_one("SELECT count(*) FROM kend.head", &[]);
        Ok(self.waiter.wait(ANSWER, there)?.try_get::<_, i64>(0)? > 0)
    }

    /// The device that the hub in it is.
    pub(crate) fn device(&self, key: &DatabaseKey) -> Result<NewDevice, HubError> {
        let seal = Seal::new(key);
        let head = self.client.query_one("SELECT generation, proof FROM kend.head", &[]);
        let head = self.waiter.wait(ANSWER, head)?;
        let read = || Ok((head.try_get(0)?, head.try_get(1)?));
        let (generation, proof): (&[u8], &[u8]) = read().map_err(PostgresError::Refused)?;
        if !seal.proves(generation, proof) {
            return Err(PostgresError::OtherKey.into());
        }
        let id = seal.row("own_device", &[Value::Integer(1)]);
        let sql = "SELECT content FROM kend.record WHERE id = $1";
        let row = self.waiter.wait(ANSWER, self.client.query_opt(sql, &[&id.as_slice()]))?;
        let row = row.ok_or(PostgresError::Damaged)?;
        let Content::Row(row) = seal.open_record(&id, row.try_get(0).map_err(PostgresError::Refused)?)? else {
            return Err(PostgresError::Damaged.into());
        };
        let columns = row.columns.unwrap_or_default();
        let blob = |wanted: &str| {
            let found = columns.iter().find(|(name, _)| name == wanted);
            if let Some((_, Value::Blob(bytes))) = found { Some(bytes.as_slice()) } else { None }
        };
        let device = blob("device").and_then(|bytes| bytes.try_into().ok()).ok_or(PostgresError::Damaged)?;
        let signing_key = blob("signing_key").and_then(|bytes| bytes.try_into().ok()).ok_or(PostgresError::Damaged)?;
        Ok(NewDevice { device: DeviceId::from_bytes(device), signing_key })
    }

    /// Goes on with a copy of the hub that is in it.
    pub(crate) fn join(self, key: &DatabaseKey, store: &mut Store) -> Result<Postgres, HubError> {
        let mut postgres = self.ready(key)?;
        store.watch(LOCAL_TABLES)?;
        postgres.look(store)?;
        Ok(postgres)
    }

    /// Moves a hub in, with all that it holds.
    pub(crate) fn move_in(self, key: &DatabaseKey, store: &mut Store) -> Result<Postgres, HubError> {
        if Position::of(store)?.is_some_and(|position| position.version > 0) {
            return Err(PostgresError::OtherDatabase.into());
        }
        store.watch(LOCAL_TABLES)?;
        let mut postgres = self.ready(key)?;
        let generation = world::random::<16>()?.to_vec();
        // First here: should the process stop after the database has committed, this copy is known for one of it.
        store.begin()?;
        Position { generation: generation.clone(), version: 0, put_back: false }.keep(store)?;
        store.commit()?;
        postgres.replace(store, generation)?;
        Ok(postgres)
    }

    fn ready(self, key: &DatabaseKey) -> Result<Postgres, HubError> {
        let Self { waiter, place, client } = self;
        let line = waiter.prepare(client)?;
        Ok(Postgres {
            place: Arc::new(place),
            waiter,
            seal: Seal::new(key),
            line: Some(line),
            open: None,
            down_until_ms: 0,
            seen: None,
        })
    }
}

impl Postgres {
    /// Ends the opening: others may open.
    pub(crate) fn opened(&mut self) -> Result<(), PostgresError> {
        let Some(line) = self.line.take() else { return Err(PostgresError::Down) };
        self.waiter.wait(ANSWER, line.client.execute("SELECT pg_advisory_unlock($1)", &[&OPENING]))?;
        self.line = Some(line);
        Ok(())
    }

    /// Makes the record hold what a store holds and nothing else, under a new generation.
    pub(crate) fn replace(&mut self, store: &mut Store, generation: Vec<u8>) -> Result<(), HubError> {
        let Some(line) = self.line.take() else { return Err(PostgresError::Down.into()) };
        let proof = self.seal.prove(&generation)?;
        self.waiter.wait(ANSWER, async {
            line.client.batch_execute("BEGIN").await?;
            // Whoever writes holds the head: waited for here.
            line.client.batch_execute("SELECT FROM kend.head FOR UPDATE; TRUNCATE kend.record").await?;
            let head = "INSERT INTO kend.head (one, version, generation, proof, store_schema, hub_schema)
                VALUES (1, 0, $1, $2, 0, 0) ON CONFLICT (one) DO UPDATE SET version = 0,
                generation = excluded.generation, proof = excluded.proof, erased = 0, cleared = 0";
            line.client.execute(head, &[&generation, &proof]).await
        })?;
        store.begin()?;
        store.note_all()?;
        let (store_schema, hub_schema, version, erased, cleared) = (0, 0, 0, 0, 0);
        self.open = Some(Open::new(line, Head { version, generation, store_schema, hub_schema, erased, cleared }));
        let moved = self.end(store);
        if moved.is_err() {
            self.undo(store);
        }
        moved
    }
}
