//! The line to PostgreSQL breaks just when a transaction is committed: what is said then is what PostgreSQL has.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use super::{beside, entries, hub_in, server};
use crate::common::{Device, set};

const TOVUZ: &str = "demo/AZ-TOV";
/// A commit, as the driver sends it, and as PostgreSQL says that it is done.
const COMMIT: &[u8] = b"COMMIT\0";

/// When the line is cut, once.
const NEVER: u8 = 0;
const BEFORE_THE_COMMIT: u8 = 1;
const BEFORE_ITS_ANSWER: u8 = 2;
/// After what comes with the commit was answered, or some of it: the commit may count or not.
const IN_BETWEEN: u8 = 3;

/// A line to PostgreSQL that can be cut.
struct Line {
    folder: TempDir,
    cut: Arc<AtomicU8>,
}

impl Line {
    fn to(socket: &Path) -> Self {
        let (folder, cut) = (TempDir::new().unwrap(), Arc::new(AtomicU8::new(NEVER)));
        let listener = UnixListener::bind(folder.path().join(".s.PGSQL.5432")).unwrap();
        let (socket, armed) = (socket.join(".s.PGSQL.5432"), Arc::clone(&cut));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = UnixStream::connect(&socket).await.unwrap();
                tokio::spawn(carry(near, far, Arc::clone(&armed)));
            }
        });
        Self { folder, cut }
    }
}

async fn carry(mut near: UnixStream, mut far: UnixStream, cut: Arc<AtomicU8>) {
    let (mut asked, mut answered) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            count = near.read(&mut asked) => {
                let Ok(count @ 1..) = count else { return };
                let sent = &asked[..count];
                let commits = sent.windows(COMMIT.len()).any(|window| window == COMMIT);
                let when = if commits { cut.swap(NEVER, Ordering::SeqCst) } else { NEVER };
                if when == BEFORE_THE_COMMIT || far.write_all(sent).await.is_err() {
                    return;
                }
                if when == IN_BETWEEN {
                    let _ = far.read(&mut answered).await;
                    return;
                }
                if when == BEFORE_ITS_ANSWER {
                    // What comes with it is answered first.
                    let mut held = Vec::new();
                    while !held.windows(COMMIT.len()).any(|window| window == COMMIT) {
                        let Ok(count @ 1..) = far.read(&mut answered).await else { return };
                        held.extend_from_slice(&answered[..count]);
                    }
                    return;
                }
            }
            count = far.read(&mut answered) => {
                let Ok(count @ 1..) = count else { return };
                if near.write_all(&answered[..count]).await.is_err() {
                    return;
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_answer_is_lost_is_acknowledged_when_it_counts_and_taken_back_when_it_does_not() {
    let Some(server) = server() else { return };
    let line = Line::to(server.socket());
    let database = server.database().unwrap();
    let through = database.replace(&server.socket().display().to_string(), &line.folder.path().display().to_string());
    let hub = hub_in(&through);
    let mut aynur = Device::enrolled(&hub, 1, "enumerator", "AZ-TOV").await;
    for round in 0..5 {
        aynur.write(TOVUZ, 7, vec![set("a/health_notes", &format!("{round} counted"))]);
        line.cut.store(BEFORE_ITS_ANSWER, Ordering::SeqCst);
        let outcome = aynur.sync(&hub).await.unwrap();
        assert!(outcome.complete && outcome.entries_sent == 1, "{outcome:?}");
        assert_eq!(line.cut.load(Ordering::SeqCst), NEVER, "the line was cut");

        aynur.write(TOVUZ, 7, vec![set("a/health_notes", &format!("{round} did not"))]);
        line.cut.store(BEFORE_THE_COMMIT, Ordering::SeqCst);
        let refused = aynur.sync(&hub).await;
        assert!(refused.is_err(), "{refused:?}");
        assert_eq!(entries(&hub), 2 * round + 1, "it was taken back");
        assert!(aynur.sync(&hub).await.unwrap().complete);
        assert_eq!(entries(&hub), 2 * round + 2);
    }
    for round in 0..5 {
        aynur.write(TOVUZ, 7, vec![set("a/health_notes", &format!("{round} may have"))]);
        line.cut.store(IN_BETWEEN, Ordering::SeqCst);
        let counted = aynur.sync(&hub).await.is_ok();
        assert_eq!(entries(&hub), 10 + round + u64::from(counted), "what was said is what there is");
        assert!(aynur.sync(&hub).await.unwrap().complete);
    }
    let anew = beside(&hub, &database);
    assert_eq!(entries(&anew), 15);
    for hub in [&hub, &anew] {
        hub.command("verify", &[], "");
    }
}
