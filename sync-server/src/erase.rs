//! `kend-hub erase`: the erasure that somebody with the right to it ordered, as an entry of the hub's own log.
//!
//! It goes to every device like any other entry and beats whatever arrives later. Which content goes is said by the log's
//! own rules; here it is only found who orders it and whether they may.

use anyhow::{Context, ensure};
use clap::Args;
use kend_app::World;
use kend_domain::{EntityId, InstanceId};
use kend_log::{EntityKind, Op, Path, Reason, Said};
use kend_store::Append;
use kend_sync::HubReplica;

use crate::hub::HubState;
use crate::people::{self, Person};
use crate::postgres::Cleared;
use crate::{account, orders, world};

/// What is said once it is erased.
pub(crate) const ERASED: &str =
    "erased here; devices erase it at their next exchange, and backups hold it until they are thrown away";
/// What is said of the traces that an erasure leaves in a database.
pub(crate) const fn words_of(cleared: Cleared) -> &'static str {
    match cleared {
        Cleared::Nothing => "another process clears the database",
        Cleared::All => "the database's files hold no trace of it; an archive of its log does until it is thrown away",
        Cleared::TableOnly => {
            "the database's tables hold no trace of it; its log does, sealed, until a superuser leads it on: see hub.md"
        }
    }
}

/// The form version of entries that no form has a say in.
const FORM_VERSION: u32 = 1;

/// What is erased, why, and on whose word.
#[derive(Debug, Args)]
pub(crate) struct Erasure {
    /// An interview or village: all its content.
    #[arg(long, value_name = "ID", required_unless_present = "participant", conflicts_with = "participant")]
    entity: Option<EntityId>,
    /// One participant of an interview: their answers and their code.
    #[arg(long, value_name = "INTERVIEW/PARTICIPANT", value_parser = participant)]
    participant: Option<(EntityId, InstanceId)>,
    /// `consent_withdrawn` or `must_not_be_kept`.
    #[arg(long, value_parser = reason)]
    reason: Reason,
    /// Who orders it, by the name that they sign in with. Their role and areas have to allow it.
    #[arg(long, value_name = "NAME")]
    by: String,
}

fn participant(text: &str) -> Result<(EntityId, InstanceId), String> {
    let parts =
        text.split_once('/').and_then(|(entity, instance)| Some((entity.parse().ok()?, instance.parse().ok()?)));
    parts.ok_or_else(|| "write it as INTERVIEW/PARTICIPANT".to_owned())
}

fn reason(word: &str) -> Result<Reason, String> {
    let found = Reason::ALL.iter().copied().find(|reason| reason.word() == word);
    let words = || Reason::ALL.iter().map(|reason| reason.word()).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| format!("one of {}", words()))
}

/// Appends the erasure.
pub(crate) fn erase(hub: &mut HubState, erasure: &Erasure) -> anyhow::Result<()> {
    let (entity, under) = match (erasure.entity, erasure.participant) {
        (Some(entity), _) => (entity, vec![None]),
        (None, Some((entity, participant))) => {
            let paths = [format!("a/participant/{participant}"), format!("n/{participant}")];
            let paths: Result<Vec<Path>, _> = paths.iter().map(|path| path.parse()).collect();
            (entity, paths?.into_iter().map(Some).collect())
        }
        (None, None) => anyhow::bail!("say what to erase: --entity or --participant"),
    };
    let head = hub.store.entity_head(entity)?.context("the hub holds nothing by this id")?;
    ensure!(erasure.participant.is_none() || head.kind == EntityKind::Interview, "only an interview has participants");
    let tables = hub.store.connection();
    let (person, _) =
        account::find(tables, &account::sign_in_name(&erasure.by))?.context("nobody signs in by this name")?;
    let Person { member, .. } = people::read(tables, person)?.context("nobody signs in by this name")?;
    let ops: Vec<Op> = under.into_iter().map(|under| Op::Erase { under, reason: erasure.reason }).collect();
    let took_part = hub.took_part(entity, person)?;
    let may = ops.iter().all(|op| member.may_do(&head.scope, head.kind, op, took_part));
    ensure!(may, "their role or areas do not allow it");
    let mut salt = [0; 16];
    hub.machine.random(&mut salt);
    hub.store.append(Append {
        scope: head.scope,
        entity,
        kind: head.kind,
        actor: person,
        ops,
        said: Said {
            wall_ms: hub.machine.wall_ms(),
            monotonic_ms: hub.machine.monotonic_ms(),
            boot: hub.machine.boot(),
            anchor: None,
        },
        form_version: FORM_VERSION,
        seen: None,
        ends_drafts: Vec::new(),
        salt,
    })?;
    Ok(orders::from_erasures(hub, world::wall_ms())?)
}
