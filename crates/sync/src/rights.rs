//! Who may write and hold what: the whole matrix of role and deed, in this one file.
//!
//! A hub asks here for every op of every segment it is offered, whoever passes it on, and for every scope it is about to
//! send. The app asks here too, so that a screen offers no more than a hub will take. Areas come first: outside of
//! their areas nobody may do anything.
//!
//! | | enumerator | supervisor, cluster unit | national | committee, analyst |
//! | --- | --- | --- | --- | --- |
//! | hold logs | yes | yes | yes | no: they read results, not words of people |
//! | record: answers, participants and their codes, undo, submit | yes | yes | no | no |
//! | add or name a village | yes | yes | yes | no |
//! | comment on an answer, return, approve | no | yes | yes | no |
//! | answer a comment | yes | yes | yes | no |
//! | give one's own name to what one writes | yes | yes | yes | no |
//! | erase | what they took part in | yes | yes | no |
//!
//! Taking part, not having begun it, gives the right to erase: two devices that start one interview apart each think that
//! they began it, and a withdrawal of consent that one of them records has to hold.

use kend_domain::{Areas, PersonId, Role, Scope};
use kend_log::{Act, EntityKind, Op};

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
enum Deed {
    Record,
    Village,
    Review,
    AnswerComment,
    OwnName,
    Erase,
}

impl Member {
    /// Whether the person's devices hold the logs of a scope.
    pub fn may_hold(&self, scope: &Scope) -> bool {
        self.role.reads_interviews() && self.areas.hold(scope.area())
    }

    /// Whether the person may do this in a scope. `took_part` tells whether an earlier entry of the
    /// entity is theirs.
    pub fn may_do(&self, scope: &Scope, kind: EntityKind, op: &Op, took_part: bool) -> bool {
        let role = self.role;
        self.may_hold(scope)
            && match deed(kind, op, self.person) {
                Some(Deed::Record) => role.records(),
                Some(Deed::Village | Deed::AnswerComment | Deed::OwnName) => role.records() || role.reviews(),
                Some(Deed::Review) => role.reviews(),
                Some(Deed::Erase) => took_part || role.reviews(),
                None => false,
            }
    }
}

fn deed(kind: EntityKind, op: &Op, actor: PersonId) -> Option<Deed> {
    if op.path().is_some_and(|path| path.as_str().strip_prefix("p/") == Some(actor.to_string().as_str())) {
        return Some(Deed::OwnName);
    }
    match (kind, op) {
        (_, Op::Erase { .. }) => Some(Deed::Erase),
        (EntityKind::Interview, Op::Judge { act: Act::Submit }) => Some(Deed::Record),
        (EntityKind::Interview, Op::Judge { act: Act::Return | Act::Approve }) => Some(Deed::Review),
        (EntityKind::Interview, _) => {
            let parts: Vec<&str> = op.path()?.as_str().split('/').collect();
            match parts.as_slice() {
                ["m" | "a" | "i" | "n" | "u", _, ..] => Some(Deed::Record),
                ["c", _, "answer"] => Some(Deed::AnswerComment),
                ["c", _, "path" | "text" | "by"] => Some(Deed::Review),
                _ => None,
            }
        }
        (EntityKind::Village, Op::Set { path, .. } | Op::Clear { path }) => {
            path.as_str().starts_with("m/").then_some(Deed::Village)
        }
        (EntityKind::Village, Op::Add { .. } | Op::Remove { .. } | Op::Judge { .. }) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kend_log::{Reason, Value};

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
            ("erasing where one did not", EntityKind::Interview, erase, false, &reviewers),
            ("a village's name", EntityKind::Village, set("m/name"), false, &both),
            ("an answer in a village", EntityKind::Village, set("a/health_level"), true, &nobody),
            ("a village approved", EntityKind::Village, judge(Act::Approve), true, &nobody),
        ];
        for (name, kind, op, took_part, roles) in cases {
            assert_eq!(&who(kind, &op, took_part), roles, "{name}");
        }
    }

    #[test]
    fn outside_of_their_areas_nobody_does_or_holds_anything() {
        let elsewhere: Scope = "demo/AZ-QUS".parse().unwrap();
        for role in Role::ALL {
            let member = member(*role, &["AZ-TOV", "AZ-SKR"]);
            assert!(!member.may_hold(&elsewhere), "{role}");
            assert!(!member.may_do(&elsewhere, EntityKind::Interview, &set("a/health_level"), true), "{role}");
        }
        assert!(member(Role::National, &["AZ"]).may_hold(&elsewhere));
        assert!(!member(Role::Analyst, &["AZ"]).may_hold(&elsewhere), "de-identified data only");
    }
}
