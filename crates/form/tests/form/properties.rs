//! What holds for all sheets and answers: keeping in step gives what working out everything gives, and no input of any
//! kind panics.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use kend_form::{Answer, AnswerPath, Instrument, Sheets, Sitting};
use proptest::prelude::*;

use crate::common::{CHOICES, SETTINGS, id, read, surroundings};

/// A question of a random instrument: its kind, and the earlier questions that its expressions speak of.
type Recipe = (u8, Option<usize>, usize, usize);

/// Questions outside, in repeat `r`, in repeat `s`, and outside again; every expression speaks of earlier questions, so
/// there is no circle.
fn survey(recipes: &[Recipe]) -> String {
    let mut survey =
        "type,name,label,calculation,relevant,constraint,required,choice_filter\ninteger,q0,A,,,,,\n".to_owned();
    let quarter = recipes.len().div_ceil(4);
    for (place, (kind, relevant, first, second)) in recipes.iter().enumerate() {
        match place.checked_div(quarter).filter(|_| place % quarter == 0) {
            Some(1) => survey.push_str("begin_repeat,r,R,,,,,\n"),
            Some(2) => survey.push_str("end_repeat\nbegin_repeat,s,S,,${q0} != 3,,,\n"),
            Some(3) => survey.push_str("end_repeat\nbegin_group,g,G,,${q0} != 4,,,\n"),
            _ => {}
        }
        let name = place + 1;
        let (first, second) = (first % name, second % name);
        let relevant = relevant.map(|other| format!("${{q{}}} != 2", other % name)).unwrap_or_default();
        // The first question is in the section of its number; sections 1 and 2 are repeats.
        let repeat = match first.checked_sub(1).map(|first| first / quarter) {
            Some(1) => Some("r"),
            Some(2) => Some("s"),
            _ => None,
        };
        let row = match kind % 7 {
            0 => format!("calculate,q{name},,${{q{first}}} + 1,{relevant},,,"),
            1 => format!("calculate,q{name},,\"sum(${{q{first}}}) * 2 + count(${{q{second}}})\",{relevant},,,"),
            2 => format!("calculate,q{name},,\"if(${{q{first}}} > 2, ${{q{second}}}, position_)\",{relevant},,,")
                .replace("position_", "string-length(${q0})"),
            3 => format!("integer,q{name},A,,{relevant},. < 4 or ${{q{first}}} = 1,${{q{second}}} > 1,"),
            4 => format!("select_one level,q{name},A,,{relevant},,,name > ${{q{first}}}"),
            5 => format!("integer,q{name},A ${{q{first}}},,{relevant},,,"),
            _ => match repeat {
                Some(repeat) => {
                    format!("calculate,q{name},,\"indexed-repeat(${{q{first}}}, ${{{repeat}}}, 1)\",{relevant},,,")
                }
                None => format!("calculate,q{name},,count-non-empty(${{q{first}}}),{relevant},,,"),
            },
        };
        let _ = writeln!(survey, "{row}");
    }
    survey + if recipes.len() > quarter * 3 { "end_group\n" } else { "end_repeat\n" }
}

#[derive(Debug, Clone)]
enum Act {
    Set { question: usize, instance: u8, value: Option<u8> },
    Add { repeat: bool, instance: u8 },
    Remove { repeat: bool, instance: u8 },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0_usize..25, 1_u8..4, proptest::option::of(0_u8..6))
            .prop_map(|(question, instance, value)| Act::Set { question, instance, value }),
        1 => (any::<bool>(), 1_u8..4).prop_map(|(repeat, instance)| Act::Add { repeat, instance }),
        1 => (any::<bool>(), 1_u8..4).prop_map(|(repeat, instance)| Act::Remove { repeat, instance }),
    ]
}

fn perform(sitting: &mut Sitting, act: &Act) -> Option<kend_form::Changed> {
    let repeat = |first: bool| if first { "r" } else { "s" };
    match act {
        Act::Set { question, instance, value } => {
            let name = format!("q{question}");
            let path = match sitting.instrument().repeat_of(&name) {
                Some(repeat) => AnswerPath::inside(repeat, id(*instance), &name),
                None => AnswerPath::outside(&name),
            };
            let answer = value.map(|value| match sitting.instrument().question_kind(&name) {
                Some(kend_domain::QuestionKind::SelectOne) => Answer::One(value.to_string()),
                _ => Answer::Integer(i64::from(value)),
            });
            sitting.set(&path, answer).ok()
        }
        Act::Add { repeat: first, instance } => sitting.add_instance(repeat(*first), id(*instance)).ok(),
        Act::Remove { repeat: first, instance } => sitting.remove_instance(repeat(*first), id(*instance)).ok(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn keeping_in_step_gives_what_working_out_everything_gives(
        recipes in proptest::collection::vec((any::<u8>(), proptest::option::of(0_usize..25), 0_usize..25, 0_usize..25), 8..24),
        acts in proptest::collection::vec(act(), 1..20),
    ) {
        let instrument = Arc::new(read(&survey(&recipes)).map_err(|error| TestCaseError::fail(error.to_string()))?);
        let start = BTreeMap::from([("r".to_owned(), vec![id(1), id(2)]), ("s".to_owned(), vec![id(1)])]);
        let mut sitting = Sitting::new(Arc::clone(&instrument), BTreeMap::new(), &start, surroundings());
        for act in acts {
            let changed = perform(&mut sitting, &act);
            let instances = ["r", "s"].map(|repeat| (repeat.to_owned(), sitting.instances(repeat).to_vec()));
            let anew = Sitting::new(Arc::clone(&instrument), sitting.answers(), &instances.into(), surroundings());
            prop_assert_eq!(sitting.walk("az"), anew.walk("az"));
            prop_assert_eq!(sitting.missing(), anew.missing());
            if let (Some(changed), Act::Set { .. }) = (changed, act) {
                prop_assert!(changed.evaluations <= anew.evaluations(), "no expression is evaluated twice");
            }
        }
    }
}

/// A sheet with something of everything, to be mutated.
const SEED: &str = "\
type,name,label::Azərbaycanca (az),hint::Русский (ru),relevant,constraint,constraint_message,calculation,choice_filter,default,required,repeat_count,appearance
start,başlanğıc,,,,,,,,,,,
select_one rayon,rayon,Rayon,Подсказка,,,,,,tovuz,yes,,
select_one village,kənd,Kənd,,${rayon} != '',,,,rayon = ${rayon},,,,
begin_repeat,iştirakçı,İştirakçı,,,,,,,,,${say},counters
integer,yaş,Yaş ${kənd},,,. > 5 and . < 120,Səhv: ${yaş},,,30,${say} > 2,,
calculate,kod,,,,,,\"concat('P', position(..), ' ', jr:choice-name(${kənd}, '${kənd}'))\",,,,,
end_repeat,,,,,,,,,,,,
integer,say,Say,,\"count(${iştirakçı}) >= 0 or regex(string(${rayon}), '[a-ə]+')\",,,,,,,,
calculate,cəm,,,,,,\"round(sum(${yaş}) div count-non-empty(${yaş}), 2)\",,,,,
";

/// Reads and, when that works, holds an interview.
fn exercise(survey: &str, choices: &str, settings: &str) {
    let Ok(instrument) = Instrument::read(&Sheets { survey, choices, settings }) else { return };
    let instrument = Arc::new(instrument);
    let repeats = instrument.repeats().map(|repeat| (repeat.to_owned(), vec![id(1), id(2)])).collect();
    let sitting = Sitting::new(instrument, BTreeMap::new(), &repeats, surroundings());
    sitting.walk("az");
    sitting.missing();
    sitting.defaults(None);
}

#[test]
fn the_seed_of_the_mutations_is_a_good_instrument() {
    Instrument::read(&Sheets { survey: SEED, choices: CHOICES, settings: SETTINGS }).unwrap();
}

fn mutate(text: &str, cuts: &[(usize, usize, String)]) -> String {
    let mut characters = text.chars().collect::<Vec<_>>();
    for (start, length, put) in cuts {
        let start = start % (characters.len() + 1);
        let end = (start + length).min(characters.len());
        characters.splice(start..end, put.chars());
    }
    characters.into_iter().collect()
}

fn cuts() -> impl Strategy<Value = Vec<(usize, usize, String)>> {
    let put = prop_oneof![
        "\\PC{0,3}",
        "[,\"\n${}().'*+-]{1,4}",
        proptest::sample::select(vec![
            "${yaş}",
            "${cəm}",
            "${iştirakçı}",
            "\n",
            "\"",
            "end_repeat\n",
            "not(",
            "..",
            "1 div 0",
            "position(..)",
            "yes",
        ])
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec((any::<usize>(), 0_usize..12, put), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn mutated_sheets_never_panic(survey in cuts(), choices in cuts(), settings in cuts()) {
        exercise(&mutate(SEED, &survey), CHOICES, SETTINGS);
        exercise(SEED, &mutate(CHOICES, &choices), SETTINGS);
        exercise(SEED, CHOICES, &mutate(SETTINGS, &settings));
    }

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let text = String::from_utf8_lossy(&bytes);
        exercise(&text, &text, &text);
        exercise(&format!("type,name,label\n{text}"), CHOICES, SETTINGS);
        let _ = kend_form::expression::parse(&text);
        let _ = text.parse::<AnswerPath>();
    }

    #[test]
    fn random_expressions_never_panic(
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "${a}", "${b}", "${t}", ".", "..", "/", "1", "0.5", "'ə'", "''", "(", ")", ",", "+", "-", "*", " div ", " mod ",
                " and ", " or ", "=", "!=", "<", ">=", "|", "not(", "sum(", "substr(", "if(", "date(", "round(", "[", "]",
                "regex(", "concat(", "format-date(", "pow(", "indexed-repeat(${b},${r},", "today()", "now()", "-1", "1e9",
                "99999999999999999999", "substring(", "selected-at(", "decimal-date-time(", "translate(",
            ]),
            0..14,
        ),
    ) {
        let expression = parts.concat().replace('"', "");
        exercise(
            &format!("type,name,label,calculation,default\ninteger,a,A,,\"{expression}\"\ntext,t,T,,ə ğ\nbegin_repeat,r,R\n\
                      integer,b,B\nend_repeat\ncalculate,c,,\"{expression}\"\n"),
            CHOICES,
            SETTINGS,
        );
    }

    #[test]
    fn functions_take_any_values(
        function in proptest::sample::select(vec![
            "substr(X, Y, Z)", "substring(X, Y, Z)", "round(X, Y)", "format-date(X, Y)", "date(X)", "date-time(X)",
            "decimal-date-time(X)", "decimal-time(X)", "selected-at(X, Y)", "translate(X, Y, Z)", "regex(X, Y)", "pow(X, Y)",
            "X mod Y", "int(X)", "X = Y", "X < Y", "join(X, Y, Z)", "min(X, Y, Z)", "indexed-repeat(${b}, ${r}, X)",
        ]),
        values in proptest::array::uniform3(proptest::sample::select(vec![
            "''", "'ağ'", "0", "-1", "1 div 0", "-1 div 0", "0 div 0", "99999999999999999999", "-99999999999999999999",
            "'2026-11-24'", "'9999999-01-01'", "'2026-11-24T23:59:60Z'", "'12:00'", "today()", "now()", "${b}", "'%Y%'",
            "'('", "true()", "0.1", "2147483647", "-2147483649",
        ])),
    ) {
        let [x, y, z] = values;
        // Values may hold the letters that stand for them.
        let expression = function
            .chars()
            .map(|character| match character {
                'X' => x.to_owned(),
                'Y' => y.to_owned(),
                'Z' => z.to_owned(),
                other => other.to_string(),
            })
            .collect::<String>();
        let survey = format!("type,name,label,calculation\nbegin_repeat,r,R,\ninteger,b,B,\nend_repeat\ncalculate,c,,\"{expression}\"\n");
        prop_assert!(read(&survey).is_ok() || expression.contains("'('") , "{expression}: {:?}", read(&survey).err());
        exercise(&survey, CHOICES, SETTINGS);
    }
}
