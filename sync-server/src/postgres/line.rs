//! The connection to PostgreSQL, with an end to every wait.
//!
//! The hub's work is done on threads that may wait, one request after the other; the connection is driven by a thread of
//! its own, so that one that is given up ends at once, and what it held there is let go. Nothing goes unencrypted to another machine unless that is forced.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::PostgresError;

/// How long until a connection stands.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a statement may take, seen from here: longer than PostgreSQL gives it.
pub(crate) const ANSWER: Duration = Duration::from_secs(30);
/// What PostgreSQL is told for the session: waits of its own have an end too, and who hangs holds up nobody for long.
const SESSION: &str = "SET synchronous_commit = on; SET lock_timeout = '10s'; SET statement_timeout = '25s';
    SET idle_in_transaction_session_timeout = '60s'; SET default_transaction_isolation = 'read committed'";

/// Where PostgreSQL is.
pub(crate) struct Place {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

/// How PostgreSQL is reached.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reach {
    /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
    pub(crate) url: String,
    /// Who vouches for its certificate (PEM), when it is none of the machine's authorities.
    pub(crate) authority: Option<PathBuf>,
    /// Encrypt nothing although it is another machine.
    pub(crate) plain: bool,
}

impl Place {
    /// Reads where it is, and whether the way there is encrypted.
    pub(crate) fn new(reach: &Reach) -> Result<Self, PostgresError> {
        let mut config: Config = reach.url.parse().map_err(PostgresError::Address)?;
        let here = config.get_hosts().iter().all(is_here) && config.get_hostaddrs().iter().all(IpAddr::is_loopback);
        let encrypt = match config.get_ssl_mode() {
            SslMode::Require => true,
            SslMode::Disable if !here && !reach.plain => return Err(PostgresError::Unencrypted),
            _ => !here && !reach.plain,
        };
        config.ssl_mode(if encrypt { SslMode::Require } else { SslMode::Disable });
        config.connect_timeout(CONNECT).tcp_user_timeout(ANSWER).application_name("kend-hub");
        let tls = encrypt.then(|| trust(reach.authority.as_ref())).transpose()?;
        Ok(Self { config, tls })
    }
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
    }
}

fn trust(authority: Option<&PathBuf>) -> Result<MakeRustlsConnect, PostgresError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = match authority {
        None => config.with_platform_verifier()?.with_no_client_auth(),
        Some(path) => {
            let file = |source| PostgresError::Authority { path: path.clone(), source };
            let mut roots = RootCertStore::empty();
            for certificate in CertificateDer::pem_file_iter(path).map_err(file)? {
                roots.add(certificate.map_err(file)?)?;
            }
            config.with_root_certificates(roots).with_no_client_auth()
        }
    };
    Ok(MakeRustlsConnect::new(config))
}

/// A connection.
pub(crate) struct Line {
    pub(crate) client: Client,
    pub(crate) statements: Statements,
}

/// What is asked with every request, read by PostgreSQL once.
pub(crate) struct Statements {
    pub(crate) look: Statement,
    pub(crate) lock: Statement,
    pub(crate) after: Statement,
    pub(crate) put: Statement,
    pub(crate) put_erased: Statement,
    pub(crate) advance: Statement,
}

const HEAD: &str = "SELECT version, generation, store_schema, hub_schema, erased, cleared FROM kend.head WHERE one = 1";

/// Waits for answers, and drives the connection.
pub(crate) struct Waiter(Option<Runtime>);

impl Waiter {
    pub(crate) fn new() -> Result<Self, PostgresError> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        Ok(Self(Some(runtime.map_err(PostgresError::Thread)?)))
    }

    /// Waits, but not for ever. Never to be called where other tasks are driven.
    pub(crate) fn wait<T, E: Into<PostgresError>>(
        &self,
        most: Duration,
        answer: impl Future<Output = Result<T, E>>,
    ) -> Result<T, PostgresError> {
        let Some(runtime) = &self.0 else { return Err(PostgresError::Slow) };
        let answer = runtime.block_on(async { tokio::time::timeout(most, answer).await });
        answer.map_err(|_| PostgresError::Slow)?.map_err(Into::into)
    }

    /// Does something beside what this thread does.
    pub(crate) fn beside<T: Send + 'static>(
        &self,
        what: impl Future<Output = T> + Send + 'static,
    ) -> Result<JoinHandle<T>, PostgresError> {
        Ok(self.0.as_ref().ok_or(PostgresError::Slow)?.spawn(what))
    }

    /// Connects.
    pub(crate) fn connect(&self, place: &Place) -> Result<Client, PostgresError> {
        let Place { config, tls } = place;
        let client = self.wait::<_, tokio_postgres::Error>(2 * CONNECT, async {
            if let Some(tls) = tls {
                let (client, connection) = config.connect(tls.clone()).await?;
                tokio::spawn(connection);
                Ok(client)
            } else {
                let (client, connection) = config.connect(NoTls).await?;
                tokio::spawn(connection);
                Ok(client)
            }
        })?;
        self.wait(ANSWER, client.batch_execute(SESSION))?;
        Ok(client)
    }

    /// Makes a connection ready for the hub's work.
    pub(crate) fn prepare(&self, client: Client) -> Result<Line, PostgresError> {
        let statements = self.wait::<_, tokio_postgres::Error>(ANSWER, async {
            Ok(Statements {
                look: client.prepare(HEAD).await?,
                lock: client.prepare(&format!("{HEAD} FOR UPDATE")).await?,
                after: client
                    .prepare(
                        "SELECT id, version, content FROM kend.record WHERE version > $1 ORDER BY version LIMIT $2",
                    )
                    .await?,
                put: client
                    .prepare(
                        "INSERT INTO kend.record (id, version, content)
                         SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bytea[])
                         ON CONFLICT (id) DO UPDATE SET version = excluded.version, content = excluded.content",
                    )
                    .await?,
                put_erased: client
                    .prepare(
                        "UPDATE kend.record SET content = anew.content
                         FROM unnest($1::bytea[], $2::bytea[]) AS anew (id, content) WHERE record.id = anew.id",
                    )
                    .await?,
                advance: client
                    .prepare(
                        "UPDATE kend.head SET version = $1, store_schema = greatest(store_schema, $2),
                           hub_schema = greatest(hub_schema, $3), erased = CASE WHEN $4 THEN $1 ELSE erased END",
                    )
                    .await?,
            })
        })?;
        Ok(Line { client, statements })
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        // Waiting for its end is not allowed everywhere, and nothing of it needs to come to one.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_unencrypted_to_another_machine_unless_that_is_forced() {
        let encrypts = |url: &str, plain: bool| {
            let reach = Reach { url: url.to_owned(), authority: None, plain };
            Place::new(&reach).map(|place| place.tls.is_some()).map_err(|error| error.to_string())
        };
        for here in [
            "postgres://kend@localhost/kend",
            "postgres://127.0.0.1/kend",
            "postgres://[::1]/kend",
            "postgres:///kend?host=/run/postgresql",
        ] {
            assert_eq!(encrypts(here, false), Ok(false), "{here}");
        }
        assert_eq!(encrypts("postgres://localhost/kend?sslmode=require", false), Ok(true));
        for there in [
            "postgres://db.example/kend",
            "postgres://10.0.0.1/kend?sslmode=prefer",
            "postgres://localhost,10.0.0.1/kend",
        ] {
            assert_eq!(encrypts(there, false), Ok(true), "{there}");
            assert_eq!(encrypts(there, true), Ok(false), "{there}");
        }
        assert!(encrypts("postgres://db.example/kend?sslmode=disable", false).is_err());
        assert!(encrypts("postgres://localhost/kend?hostaddr=10.0.0.1", false).unwrap());
        assert!(encrypts("mysql://db.example/kend", false).is_err());
    }
}
