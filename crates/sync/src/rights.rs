//! Who may read, write and hold what: the whole matrix of role, kind and area, in this one file.
//!
//! A hub asks here for every op of every segment it is offered, whoever passes it on, and for every scope it is about to
//! send. The app asks here too, for every command in a window or a browser: before it shows anything, and again before it
//! writes, so that a screen offers no more than a hub will take. Areas come first: outside of their areas nobody may do
//! or see anything.
//!
//! | | enumerator | supervisor, cluster unit | national | committee, analyst |
//! | --- | --- | --- | --- | --- |
//! | hold logs and attachments, and hand them on | yes | yes | yes | no: they read results, not words of people |
//! | hold a meeting: count hands, comment, rank, close | yes | yes | no | committee: yes, analyst: no |
//! | hand in what their own device wrote of meetings, and get it back | yes | yes | yes | committee: yes, analyst: no |
//! | read meetings, counts under 5 as "<5" for who holds none there | yes | yes | yes | yes |
//! | read interviews, one by one | yes | yes | yes | no |
//! | read villages, and results over interviews | yes | yes | yes | yes |
//! | read a result that rests on one village | yes | yes | yes | no |
//! | read a quote from a village where everybody knows everybody | yes | yes | yes | no |
//! | record: answers, participants and their codes, undo, submit | yes | yes | no | no |
//! | add or name a village | yes | yes | yes | no |
//! | comment on an answer, return, approve | no | yes | yes | no |
//! | answer a comment | yes | yes | yes | no |
//! | give one's own name to what one writes | yes | yes | yes | no |
//! | erase | what they took part in | yes | yes | committee: meetings they took part in, analyst: no |
//! | replace the pack or an instrument of a hub | no | no | yes | no |
//! | bring people to a server from a hub of their own | no | of no higher role, in their areas | yes | no |
//!
//! Taking part, not having begun it, gives the right to erase: two devices that start one interview apart each think that
//! they began it, and a withdrawal of consent that one of them records has to hold.
//!
//! A committee's device holds no log but its own, and nothing in that but meetings: a scope of which it has a log of its own is
//! not a scope that it holds.

use kend_domain::{AreaCode, Areas, PersonId, Role, Scope};
use kend_log::{Act, EntityKind, EntityState, Op};

/// A person of a device, as a hub knows them now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub person: PersonId,
    /// Their role.
    pub role: Role,
    /// Their areas.
    pub areas: Areas,
}

/// What an op does, as far as rights are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Answers, participants and their codes, undo, submitting.
    Record,
    /// Adding or naming a village.
    Village,
    /// Holding a meeting: who is there, hands, comments, priorities, undo, its end.
    Meet,
    /// Commenting, returning, approving.
    Review,
    /// Answering a comment.
    AnswerComment,
    /// Giving one's own name to what one writes.
    OwnName,
    /// Erasing.
    Erase,
}

/// What somebody looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Interviews, one by one, with what people said.
    Interviews,
    /// Villages, meetings, and results over interviews.
    Results,
    /// A result that rests on one village alone.
    ResultsOfOneVillage,
    /// Words from a village so small that everybody would know who spoke.
    QuotesOfSmallVillages,
}

/// Whether a role reads this, somewhere.
pub const fn reads(role: Role, reading: Reading) -> bool {
    match reading {
        Reading::Results => true,
        Reading::Interviews | Reading::ResultsOfOneVillage | Reading::QuotesOfSmallVillages => role.reads_interviews(),
    }
}

/// Whether a role reads this in an area.
pub fn may_read(role: Role, areas: &Areas, area: &AreaCode, reading: Reading) -> bool {
    areas.hold(area) && reads(role, reading)
}

/// Whether a role replaces what everybody's work on a hub refers to.
pub const fn may_replace_library(role: Role) -> bool {
    matches!(role, Role::National)
}

/// Whether somebody who runs a hub of their own brings people of this role and these areas to the server above it.
pub fn may_introduce(by: &Member, role: Role, areas: &Areas) -> bool {
    let roles: &[Role] = match by.role {
        Role::National => Role::ALL,
        Role::ClusterUnit => &[Role::ClusterUnit, Role::Supervisor, Role::Enumerator, Role::Committee],
        Role::Supervisor => &[Role::Supervisor, Role::Enumerator, Role::Committee],
        Role::Enumerator | Role::Committee | Role::Analyst => &[],
    };
    roles.contains(&role) && areas.0.iter().all(|area| by.areas.hold(area))
}

/// Whether a person wrote an entry of an entity, also one that waits for what it had seen.
pub fn took_part(state: &EntityState, person: PersonId) -> bool {
    state.contributors().any(|contributor| contributor == person)
        || state.waiting().any(|waiting| waiting.entry.header.actor == person)
}

impl Member {
    /// Whether the person's devices hold the logs of a scope.
    pub fn may_hold(&self, scope: &Scope) -> bool {
        may_read(self.role, &self.areas, scope.area(), Reading::Interviews)
    }

    /// Whether the person's devices write what is of this kind in a scope, and so keep a log of their own there.
    pub fn may_keep(&self, scope: &Scope, kind: EntityKind) -> bool {
        match kind {
            EntityKind::Interview | EntityKind::Village => self.may_hold(scope),
            EntityKind::Meeting => self.may_hold(scope) || (self.role.meets() && self.areas.hold(scope.area())),
        }
    }

    /// Whether the person may do this in a scope. `took_part` tells whether an earlier entry of the
    /// entity is theirs.
    pub fn may_do(&self, scope: &Scope, kind: EntityKind, op: &Op, took_part: bool) -> bool {
        deed(kind, op, self.person).is_some_and(|deed| self.may(scope, kind, deed, took_part))
    }

    /// Whether the person may do deeds of this kind to what is of that kind in a scope.
    pub fn may(&self, scope: &Scope, kind: EntityKind, deed: Deed, took_part: bool) -> bool {
        let role = self.role;
        let writes = role.records() || role.reviews();
        self.may_keep(scope, kind)
            && match deed {
                Deed::Record => role.records(),
                Deed::Meet => role.meets(),
                Deed::OwnName if kind == EntityKind::Meeting => writes || role.meets(),
                Deed::Village | Deed::AnswerComment | Deed::OwnName => writes,
                Deed::Review => role.reviews(),
                Deed::Erase => took_part || role.reviews(),
            }
    }
}

fn deed(kind: EntityKind, op: &Op, actor: PersonId) -> Option<Deed> {
    let named = op.path().and_then(|path| path.as_str().strip_prefix("p/"));
    if named.is_some_and(|person| person == actor.to_string()) {
        return Some(Deed::OwnName);
    }
    match (kind, op) {
        (_, Op::Erase { .. }) => Some(Deed::Erase),
        (EntityKind::Interview, Op::Judge { act: Act::Submit }) => Some(Deed::Record),
        (EntityKind::Interview, Op::Judge { act: Act::Return | Act::Approve }) => Some(Deed::Review),
        (EntityKind::Interview, _) => {
            let mut parts = op.path()?.as_str().split('/');
            match (parts.next()?, parts.next()?, parts.next(), parts.next()) {
                ("m" | "a" | "i" | "n" | "u", ..) => Some(Deed::Record),
                ("c", _, Some("answer"), None) => Some(Deed::AnswerComment),
                ("c", _, Some("path" | "text" | "by"), None) => Some(Deed::Review),
                _ => None,
            }
        }
        (EntityKind::Village, Op::Set { path, .. } | Op::Clear { path }) => {
            path.as_str().starts_with("m/").then_some(Deed::Village)
        }
        (EntityKind::Village, Op::Add { .. } | Op::Remove { .. } | Op::Judge { .. }) => None,
        // A meeting is closed by who holds it; nobody returns or approves a verdict of a committee.
        (EntityKind::Meeting, Op::Judge { act }) => (*act == Act::Submit).then_some(Deed::Meet),
        (EntityKind::Meeting, Op::Set { path, .. } | Op::Clear { path }) => {
            let (part, _) = path.as_str().split_once('/')?;
            matches!(part, "m" | "w" | "v" | "r").then_some(Deed::Meet)
        }
        (EntityKind::Meeting, Op::Add { path, .. } | Op::Remove { path, .. }) => {
            (path.as_str() == "u/undone").then_some(Deed::Meet)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kend_domain::{DeviceId, EntityId};
    use kend_log::{ChainHash, Chained, Context, Entry, Header, Reason, Said, Seen, Value};

    const ACTOR: PersonId = PersonId::from_bytes([1; 16]);

    fn member(role: Role, areas: &[&str]) -> Member {
        let areas = Areas(areas.iter().map(|area| area.parse().unwrap()).collect());
        Member { person: ACTOR, role, areas }
    }

    fn set(path: &str) -> Op {
        Op::Set { path: path.parse().unwrap(), value: Value::Flag(true) }
    }

    fn who(kind: EntityKind, op: &Op, took_part: bool) -> Vec<&'static str> {
        let scope: Scope = "demo/AZ-TOV".parse().unwrap();
        let may = |role: &&Role| member(**role, &["AZ-TOV"]).may_do(&scope, kind, op, took_part);
        Role::ALL.iter().filter(may).map(|role| role.word()).collect()
    }

    #[test]
    fn each_deed_is_for_the_roles_of_the_matrix() {
        let recorders = vec!["cluster_unit", "supervisor", "enumerator"];
        let reviewers = vec!["national", "cluster_unit", "supervisor"];
        let both = vec!["national", "cluster_unit", "supervisor", "enumerator"];
        let meeting = vec!["cluster_unit", "supervisor", "enumerator", "committee"];
        let all_but_analysts = vec!["national", "cluster_unit", "supervisor", "enumerator", "committee"];
        let nobody: Vec<&str> = vec![];
        let judge = |act| Op::Judge { act };
        let erase = Op::Erase { under: None, reason: Reason::ConsentWithdrawn };
        let cases = [
            ("an answer", EntityKind::Interview, set("a/health_level"), false, &recorders),
            ("the village of an interview", EntityKind::Interview, set("m/village"), false, &recorders),
            ("a submission", EntityKind::Interview, judge(Act::Submit), false, &recorders),
            ("a return", EntityKind::Interview, judge(Act::Return), true, &reviewers),
            ("an approval", EntityKind::Interview, judge(Act::Approve), true, &reviewers),
            ("a comment", EntityKind::Interview, set("c/1/text"), false, &reviewers),
            ("the answer to a comment", EntityKind::Interview, set("c/1/answer"), false, &both),
            ("a participant's code", EntityKind::Interview, set("n/1"), false, &recorders),
            ("one's own name", EntityKind::Interview, set(&format!("p/{ACTOR}")), false, &both),
            ("another's name", EntityKind::Interview, set("p/02020202-0202-0202-0202-020202020202"), true, &nobody),
            ("a path nobody knows", EntityKind::Interview, set("x/1"), true, &nobody),
            ("a bare part", EntityKind::Interview, set("a"), true, &nobody),
            ("erasing where one took part", EntityKind::Interview, erase.clone(), true, &both),
            ("erasing where one did not", EntityKind::Interview, erase.clone(), false, &reviewers),
            ("a village's name", EntityKind::Village, set("m/name"), false, &both),
            (
                "a village's name cleared",
                EntityKind::Village,
                Op::Clear { path: "m/name".parse().unwrap() },
                false,
                &both,
            ),
            ("erasing a village where one did not take part", EntityKind::Village, erase.clone(), false, &reviewers),
            ("an answer in a village", EntityKind::Village, set("a/health_level"), true, &nobody),
            ("a village approved", EntityKind::Village, judge(Act::Approve), true, &nobody),
            ("hands at a meeting", EntityKind::Meeting, set("v/class/agree"), false, &meeting),
            ("who is at a meeting", EntityKind::Meeting, set("w/women"), false, &meeting),
            ("the priorities of a meeting", EntityKind::Meeting, set("r/order"), false, &meeting),
            ("the end of a meeting", EntityKind::Meeting, judge(Act::Submit), true, &meeting),
            ("a meeting approved", EntityKind::Meeting, judge(Act::Approve), true, &nobody),
            ("an answer in a meeting", EntityKind::Meeting, set("a/health_level"), true, &nobody),
            ("one's own name at a meeting", EntityKind::Meeting, set(&format!("p/{ACTOR}")), false, &all_but_analysts),
            ("erasing a meeting where one took part", EntityKind::Meeting, erase.clone(), true, &all_but_analysts),
            ("erasing a meeting where one did not", EntityKind::Meeting, erase, false, &reviewers),
        ];
        for (name, kind, op, took_part, roles) in cases {
            assert_eq!(&who(kind, &op, took_part), roles, "{name}");
        }
    }

    #[test]
    fn what_is_read_is_for_the_roles_of_the_matrix_and_only_national_replaces_the_library() {
        let areas = member(Role::National, &["AZ-TOV"]).areas;
        let (here, elsewhere) = ("AZ-TOV".parse().unwrap(), "AZ-QUS".parse().unwrap());
        let readers = vec!["national", "cluster_unit", "supervisor", "enumerator"];
        let everybody: Vec<&str> = Role::ALL.iter().map(|role| role.word()).collect();
        for (reading, roles) in [
            (Reading::Interviews, &readers),
            (Reading::Results, &everybody),
            (Reading::ResultsOfOneVillage, &readers),
            (Reading::QuotesOfSmallVillages, &readers),
        ] {
            let areas = &areas;
            let read = |area| Role::ALL.iter().filter(move |role| may_read(**role, areas, area, reading));
            let found: Vec<&str> = read(&here).map(|role| role.word()).collect();
            assert_eq!(&found, roles, "{reading:?}");
            assert_eq!(read(&elsewhere).count(), 0, "{reading:?}");
        }
        let replace: Vec<&str> =
            Role::ALL.iter().filter(|role| may_replace_library(**role)).map(|role| role.word()).collect();
        assert_eq!(replace, ["national"]);
    }

    #[test]
    fn who_runs_a_hub_brings_nobody_above_themselves_and_nobody_from_elsewhere() {
        let words = |by: Role| -> Vec<&'static str> {
            let by = member(by, &["AZ-TOV", "AZ-SKR"]);
            let here = member(by.role, &["AZ-TOV"]).areas;
            let elsewhere = member(by.role, &["AZ-TOV", "AZ-QUS"]).areas;
            assert!(Role::ALL.iter().all(|role| !may_introduce(&by, *role, &elsewhere)), "{:?}", by.role);
            Role::ALL.iter().filter(|role| may_introduce(&by, **role, &here)).map(|role| role.word()).collect()
        };
        let everybody: Vec<&str> = Role::ALL.iter().map(|role| role.word()).collect();
        assert_eq!(words(Role::National), everybody);
        assert_eq!(words(Role::ClusterUnit), ["cluster_unit", "supervisor", "enumerator", "committee"]);
        assert_eq!(words(Role::Supervisor), ["supervisor", "enumerator", "committee"]);
        for nobody in [Role::Enumerator, Role::Committee, Role::Analyst] {
            assert!(words(nobody).is_empty(), "{nobody}");
        }
    }

    /// A withdrawal holds also where the entry that makes its author a participant waits for what it had seen.
    #[test]
    fn who_wrote_an_entry_took_part_also_while_it_waits() {
        let of = |seq: u64, actor: PersonId, context: Context| {
            let header = Header {
                seq,
                entity: EntityId::from_bytes([9; 16]),
                kind: EntityKind::Interview,
                actor,
                lamport: seq,
                context,
                said: Said { wall_ms: 0, monotonic_ms: 0, boot: [2; 16], anchor: None },
                form_version: 1,
            };
            let (device, hash) = (DeviceId::from_bytes([3; 16]), ChainHash([4; 32]));
            Chained { device, hash, entry: Entry::new(device, header, vec![set("a/health_level")], &[7; 16]).unwrap() }
        };
        let other = PersonId::from_bytes([2; 16]);
        let first = of(1, other, Context::default());
        let seen = Seen { seq: 1, prefix: first.hash.prefix() };
        let second = of(2, ACTOR, [(first.device, seen)].into_iter().collect());
        let took = |entries: &[&Chained]| {
            let state = EntityState::fold(EntityId::from_bytes([9; 16]), entries.iter().copied());
            [other, ACTOR].map(|person| took_part(&state, person))
        };
        assert_eq!(took(&[]), [false, false]);
        assert_eq!(took(&[&first]), [true, false]);
        assert_eq!(took(&[&second]), [false, true], "it waits for the first");
        assert_eq!(took(&[&first, &second]), [true, true]);
    }

    #[test]
    fn outside_of_their_areas_nobody_does_or_holds_anything() {
        let elsewhere: Scope = "demo/AZ-QUS".parse().unwrap();
        for role in Role::ALL {
            let member = member(*role, &["AZ-TOV", "AZ-SKR"]);
            assert!(!member.may_hold(&elsewhere), "{role}");
            assert!(!member.may_do(&elsewhere, EntityKind::Interview, &set("a/health_level"), true), "{role}");
            assert!(!member.may_do(&elsewhere, EntityKind::Meeting, &set("v/class/agree"), true), "{role}");
        }
        let committee = member(Role::Committee, &["AZ-QUS"]);
        assert!(!committee.may_hold(&elsewhere) && committee.may_keep(&elsewhere, EntityKind::Meeting));
        assert!(!committee.may_keep(&elsewhere, EntityKind::Interview), "its own log holds meetings only");
        assert!(member(Role::National, &["AZ"]).may_hold(&elsewhere));
        assert!(!member(Role::Analyst, &["AZ"]).may_hold(&elsewhere), "de-identified data only");
    }
}
