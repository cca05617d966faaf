//! Numbered steps of the schema, each run once, in one transaction.
//!
//! The store's own stand in `user_version`; those of whoever opens it (a hub) are listed in a table, so that the two can
//! grow apart. A file with a step that this Kend does not know is refused before anything is touched.

use rusqlite::Connection;

use crate::{Migration, OpenError};

/// The store's own migrations, oldest first.
pub(crate) const OWN: &[Migration] = &[
    Migration { version: 1, sql: include_str!("../../../schema/sql/001_log.sql") },
    Migration { version: 2, sql: include_str!("../../../schema/sql/002_receipts.sql") },
    Migration { version: 3, sql: include_str!("../../../schema/sql/003_blobs.sql") },
    Migration { version: 4, sql: include_str!("../../../schema/sql/004_packed.sql") },
];

pub(crate) fn version(connection: &Connection) -> Result<u32, rusqlite::Error> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Brings a file up to date.
pub(crate) fn migrate(connection: &mut Connection, own: &[Migration], added: &[Migration]) -> Result<(), OpenError> {
    let found = version(connection).map_err(OpenError::from_sqlite)?;
    let known = own.last().map_or(0, |migration| migration.version);
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    for migration in own.iter().filter(|migration| migration.version > found) {
        let transaction = connection.transaction().map_err(OpenError::from_sqlite)?;
        transaction.execute_batch(migration.sql).map_err(OpenError::from_sqlite)?;
        transaction.pragma_update(None, "user_version", migration.version).map_err(OpenError::from_sqlite)?;
        transaction.commit().map_err(OpenError::from_sqlite)?;
    }
    add(connection, added)
}

fn add(connection: &mut Connection, added: &[Migration]) -> Result<(), OpenError> {
    let Some(known) = added.last().map(|migration| migration.version) else { return Ok(()) };
    let found: u32 = connection
        .query_row("SELECT coalesce(max(version), 0) FROM added_migration", [], |row| row.get(0))
        .map_err(OpenError::from_sqlite)?;
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    for migration in added.iter().filter(|migration| migration.version > found) {
        let transaction = connection.transaction().map_err(OpenError::from_sqlite)?;
        transaction.execute_batch(migration.sql).map_err(OpenError::from_sqlite)?;
        transaction
            .execute("INSERT INTO added_migration (version) VALUES (?1)", [migration.version])
            .map_err(OpenError::from_sqlite)?;
        transaction.commit().map_err(OpenError::from_sqlite)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every object of a schema, its SQL without comments and layout.
    fn schema(connection: &Connection) -> Vec<String> {
        let mut statement =
            connection.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").unwrap();
        let all = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        all.map(|sql| sql.unwrap().split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn the_commented_schema_is_what_the_migrations_leave() {
        let mut migrated = Connection::open_in_memory().unwrap();
        migrate(&mut migrated, OWN, &[]).unwrap();
        let commented = Connection::open_in_memory().unwrap();
        commented.execute_batch(include_str!("../../../schema/sql/schema.sql")).unwrap();
        assert!(schema(&migrated).len() > 10);
        assert_eq!(schema(&migrated), schema(&commented));
    }

    #[test]
    fn migrations_run_once_and_a_failing_one_leaves_nothing_behind() {
        const ADDED: &[Migration] = &[
            Migration { version: 100, sql: "CREATE TABLE account (name TEXT PRIMARY KEY) STRICT;" },
            Migration {
                version: 101,
                sql: "CREATE TABLE half (name TEXT) STRICT; CREATE TABLE account (name TEXT) STRICT;",
            },
        ];
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, OWN, &ADDED[..1]).unwrap();
        migrate(&mut connection, OWN, &ADDED[..1]).unwrap();
        let before = schema(&connection);
        assert!(migrate(&mut connection, OWN, ADDED).is_err());
        assert_eq!(schema(&connection), before);
    }

    #[test]
    fn a_newer_file_is_refused_with_its_own_error() {
        const ADDED: Migration = Migration { version: 100, sql: "CREATE TABLE account (name TEXT) STRICT;" };
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 999).unwrap();
        assert!(matches!(migrate(&mut connection, OWN, &[]), Err(OpenError::Newer { found: 999, .. })));

        let newer = Migration { version: 101, sql: "CREATE TABLE code (name TEXT) STRICT;" };
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, OWN, &[ADDED, newer]).unwrap();
        assert!(matches!(migrate(&mut connection, OWN, &[ADDED]), Err(OpenError::Newer { found: 101, known: 100 })));
    }

    /// For each earlier version what a store of it held.
    const FIXTURES: &[(u32, &str)] = &[
        (1, include_str!("../tests/fixtures/version_1.sql")),
        (2, concat!(include_str!("../tests/fixtures/version_1.sql"), include_str!("../tests/fixtures/version_2.sql"))),
        (
            3,
            concat!(
                include_str!("../tests/fixtures/version_1.sql"),
                include_str!("../tests/fixtures/version_2.sql"),
                include_str!("../tests/fixtures/version_3.sql")
            ),
        ),
    ];

    /// A store file as an earlier version left it.
    fn of_version(version: u32, content: &str, path: &std::path::Path, key: &crate::DatabaseKey) {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE | rusqlite::OpenFlags::SQLITE_OPEN_CREATE;
        let connection = crate::store::connect(path, key, flags).unwrap();
        for migration in OWN.iter().filter(|migration| migration.version <= version) {
            connection.execute_batch(migration.sql).unwrap();
        }
        connection.execute_batch(content).unwrap();
        connection.pragma_update(None, "user_version", version).unwrap();
    }

    #[test]
    fn a_store_of_every_earlier_version_opens_with_all_that_it_held() {
        use kend_domain::{DeviceId, EntityId};
        use kend_log::{EntityState, Value};
        let key = crate::DatabaseKey::from_bytes([6; 32]);
        for (version, content) in FIXTURES {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("kend.db");
            of_version(*version, content, &path, &key);
            let mut store = crate::Store::open(&path, &key, &[]).unwrap();
            assert_eq!(super::version(&store.connection).unwrap(), OWN.last().unwrap().version);
            store.check().unwrap();
            let interview = EntityId::from_bytes([9; 16]);
            let state = store.entity(interview).unwrap().unwrap();
            assert_eq!(*state, EntityState::fold(interview, &store.history(interview).unwrap()));
            assert_eq!(state.entries(), 5);
            assert_eq!(state.value("a/notes"), Some(&Value::text("Su iki gündən bir gəlir.")));
            assert_eq!(state.value("a/health_level"), Some(&Value::text("3")));
            assert_eq!(store.drafts(interview).unwrap().first().unwrap().text, "yarımçıq");
            assert_eq!(store.setting::<String>("person").unwrap().as_deref(), Some("Aysel"));
            assert_eq!(store.document("pack").unwrap().as_deref(), Some(&b"pack"[..]));
            assert_eq!(store.known_devices().unwrap().len(), 1);
            let logs = store.logs().unwrap();
            let own = logs.iter().find(|head| head.log.device == DeviceId::from_bytes([1; 16])).unwrap();
            assert_eq!((own.seq, own.acknowledged), (4, 3));
            let scope = own.log.scope.clone();
            assert_eq!(
                store.segments_after(&scope, 0, None, usize::MAX, crate::Addressee::Anybody).unwrap().segments.len(),
                3
            );
            let aside: i64 =
                store.connection.query_row("SELECT count(*) FROM quarantine", [], |row| row.get(0)).unwrap();
            assert_eq!(aside, 1);
            if *version >= 2 {
                holds_what_was_told(&store, &scope);
            }
            if *version >= 3 {
                holds_attachments(&store, interview);
            }
        }
    }

    /// What stores hold since version 2.
    fn holds_what_was_told(store: &crate::Store, scope: &kend_domain::Scope) {
        use kend_domain::DeviceId;
        let log = |device: u8| kend_log::LogId { device: DeviceId::from_bytes([device; 16]), scope: scope.clone() };
        assert_eq!(store.receipt(&log(1)).unwrap().unwrap().bytes, [1, 2, 3]);
        assert_eq!(store.erasures_after(0).unwrap().len(), 1);
        assert_eq!(store.accepted_until(&log(2)).unwrap(), Some(1));
        assert_eq!(store.orders_done().unwrap(), 3);
        let left: i64 = store.connection.query_row("SELECT own_seq FROM left_scope", [], |row| row.get(0)).unwrap();
        assert_eq!(left, 4);
    }

    /// What stores hold since version 3.
    fn holds_attachments(store: &crate::Store, interview: kend_domain::EntityId) {
        use std::io::Read;
        let blob = kend_log::BlobId([11; 32]);
        assert_eq!(store.blob(&blob).unwrap().unwrap().size_bytes, 5);
        assert_eq!(store.all_blobs().unwrap().len(), 1);
        assert_eq!(store.gone_blobs().unwrap(), [kend_log::BlobId([12; 32])]);
        let mut recorded = Vec::new();
        let (path, actor) = ("a/recording".parse().unwrap(), kend_domain::PersonId::from_bytes([3; 16]));
        store.recorded(interview, &path, actor).read_to_end(&mut recorded).unwrap();
        assert_eq!(recorded, [1, 2]);
    }

    #[test]
    fn every_version_but_the_newest_has_a_fixture_and_the_first_has_one() {
        for migration in OWN.iter().rev().skip(1).chain(OWN.first()) {
            assert!(FIXTURES.iter().any(|(version, _)| *version == migration.version), "{}", migration.version);
        }
    }
}
