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
}
