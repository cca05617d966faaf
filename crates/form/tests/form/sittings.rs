//! An interview in progress: what answers make relevant, allowed, offered and calculated, and what is missing.

use std::collections::BTreeMap;

use kend_form::{
    Answer, AnswerPath, AnswerProblem, InstanceProblem, Item, MissingReason, QuestionItem, RawValue, Sitting,
};

use crate::common::{id, inside, instrument, path, set, sitting, sitting_with, surroundings, text};

/// The question of that name, looked for in groups and instances; the first there is.
fn find<'a>(items: &'a [Item], name: &str) -> Option<&'a QuestionItem> {
    items.iter().find_map(|item| match item {
        Item::Question(question) if question.shown.name == name => Some(&**question),
        Item::Group(group) => find(&group.items, name),
        Item::Repeat(repeat) => repeat
            .instances
            .iter()
            .find_map(|instance| find(&instance.items, name))
            .or_else(|| find(&repeat.template, name)),
        _ => None,
    })
}

fn choice_names(sitting: &Sitting, name: &str) -> Vec<String> {
    let items = sitting.walk("az");
    find(&items, name).unwrap().choices.iter().map(|choice| choice.name.clone()).collect()
}

const CONSENT: &str = "\
type,name,label,relevant,required,calculation
select_one yes_no,razılıq,Razısınız?,,yes,
begin_group,mövzu,Mövzu,${razılıq} = 'yes',,
select_one yes_no,danışıldı,Danışıldı?,,yes,
begin_group,dərin,Dərin,${danışıldı} = 'yes',,
text,qeyd,Qeyd,,${danışıldı} = 'yes',
end_group,,,,,
end_group,,,,,
calculate,uzunluq,,,,string-length(${qeyd})
";

#[test]
fn relevance_is_inherited_and_what_is_not_relevant_is_kept_but_reads_as_empty() {
    let mut sitting = sitting(CONSENT);
    let (consent, discussed, note) = (path("razılıq"), path("danışıldı"), path("qeyd"));
    assert_eq!(sitting.is_relevant(&note), Some(false));
    let changed = set(&mut sitting, &consent, "yes");
    assert_eq!(changed.relevant, [path("danışıldı")]);
    let changed = set(&mut sitting, &discussed, "yes");
    assert_eq!(changed.relevant, [path("qeyd")]);
    set(&mut sitting, &note, "Su ağır məsələdir");
    assert_eq!(text(&sitting, &path("uzunluq")), "17");
    let changed = set(&mut sitting, &consent, "no");
    assert_eq!(changed.irrelevant, [path("danışıldı"), path("qeyd")]);
    assert_eq!(changed.calculated, [path("uzunluq")]);
    assert_eq!(text(&sitting, &path("uzunluq")), "0");
    assert_eq!(text(&sitting, &note), "Su ağır məsələdir", "a changed mind loses nothing");
    set(&mut sitting, &consent, "yes");
    assert_eq!(text(&sitting, &path("uzunluq")), "17");
}

#[test]
fn an_answer_to_what_is_not_relevant_is_taken_and_flagged() {
    let mut sitting = sitting(CONSENT);
    let changed = set(&mut sitting, &path("qeyd"), "əvvəlcədən");
    assert!(!changed.is_relevant);
    assert_eq!(text(&sitting, &path("uzunluq")), "0");
    set(&mut sitting, &path("razılıq"), "yes");
    assert!(set(&mut sitting, &path("danışıldı"), "yes").is_relevant);
    assert_eq!(text(&sitting, &path("uzunluq")), "10");
}

#[test]
fn what_is_missing_is_listed_with_its_section_as_far_as_it_is_relevant() {
    let mut sitting = sitting(CONSENT);
    let missing = |sitting: &Sitting| {
        let missing = sitting.missing().into_iter();
        missing.map(|one| (one.path.to_string(), one.section, one.reason)).collect::<Vec<_>>()
    };
    let required = |name: &str, section: &str| (name.to_owned(), section.to_owned(), MissingReason::Required);
    assert_eq!(missing(&sitting), [required("razılıq", "razılıq")]);
    set(&mut sitting, &path("razılıq"), "yes");
    assert_eq!(missing(&sitting), [required("danışıldı", "mövzu")]);
    set(&mut sitting, &path("danışıldı"), "yes");
    assert_eq!(missing(&sitting), [required("qeyd", "mövzu")]);
    set(&mut sitting, &path("danışıldı"), "no");
    assert_eq!(missing(&sitting), []);
}

#[test]
fn an_answer_evaluates_only_what_depends_on_it() {
    let survey = "type,name,label,calculation,relevant\n\
                  integer,a,A,,\n\
                  integer,b,B,,\n\
                  calculate,double,,${a} * 2,\n\
                  calculate,sign,,\"if(${double} > 0, 1, 0)\",\n\
                  text,why,Niyə,,${sign} = 1\n\
                  calculate,other,,${b} + 1,\n";
    let mut sitting = sitting(survey);
    assert_eq!(sitting.evaluations(), 4, "each expression once");
    assert_eq!(set(&mut sitting, &path("a"), "1").evaluations, 3, "double, sign, relevance of why");
    assert_eq!(set(&mut sitting, &path("a"), "2").evaluations, 2, "the sign did not change, nothing behind it");
    assert_eq!(set(&mut sitting, &path("a"), "2").evaluations, 0, "the same answer");
    assert_eq!(set(&mut sitting, &path("b"), "1").evaluations, 1);
    assert_eq!(set(&mut sitting, &path("why"), "elə").evaluations, 0);
    assert_eq!((text(&sitting, &path("double")), text(&sitting, &path("other"))), ("4".to_owned(), "2".to_owned()));
}

#[test]
fn an_answer_in_an_instance_evaluates_that_instance_only() {
    let survey = "type,name,label,calculation\nbegin_repeat,r,R,\ninteger,a,A,\ncalculate,twice,,${a} * 2\n\
                  end_repeat,,,\ncalculate,all,,sum(${twice})\n";
    let mut sitting = sitting_with(survey, "r", 50);
    assert_eq!(set(&mut sitting, &inside("r", 7, "a"), "3").evaluations, 2);
    assert_eq!(text(&sitting, &inside("r", 7, "twice")), "6");
    assert_eq!(text(&sitting, &path("all")), "6");
}

#[test]
fn an_instance_that_others_look_at_by_number_concerns_them_all() {
    let survey = "type,name,label,calculation\nbegin_repeat,r,R,\ninteger,a,A,\n\
                  calculate,first,,\"indexed-repeat(${a}, ${r}, 1)\"\nend_repeat,,,\n";
    let mut sitting = sitting_with(survey, "r", 3);
    let changed = set(&mut sitting, &inside("r", 1, "a"), "3");
    assert_eq!(changed.calculated, [1, 2, 3].map(|number| inside("r", number, "first")));
    assert_eq!(text(&sitting, &inside("r", 3, "first")), "3");
}

const CASCADE: &str = "type,name,label,choice_filter\n\
                       select_one rayon,rayon,Rayon,\n\
                       select_one village,kənd,Kənd,rayon = ${rayon}\n\
                       select_multiple village,kəndlər,Kəndlər,\"rayon = ${rayon} or name = 'qrız'\"\n";

#[test]
fn choices_are_filtered_by_earlier_answers() {
    let mut sitting = sitting(CASCADE);
    assert!(choice_names(&sitting, "kənd").is_empty());
    let changed = set(&mut sitting, &path("rayon"), "tovuz");
    assert_eq!(changed.otherwise, [path("kənd"), path("kəndlər")]);
    assert_eq!(choice_names(&sitting, "kənd"), ["əlibəyli", "yanıqlı"]);
    assert_eq!(choice_names(&sitting, "kəndlər"), ["əlibəyli", "yanıqlı", "qrız"]);
    let not_offered = sitting.set(&path("kənd"), Some(Answer::One("qrız".to_owned()))).unwrap_err();
    assert_eq!(not_offered.to_string(), "`qrız` is not offered with the other answers as they are");
    set(&mut sitting, &path("kənd"), "yanıqlı");
    set(&mut sitting, &path("rayon"), "quba");
    assert_eq!(text(&sitting, &path("kənd")), "yanıqlı", "kept, and shown with its problem");
    let problem = AnswerProblem::NotOffered { name: "yanıqlı".to_owned() };
    assert_eq!(sitting.problem(&path("kənd")), Some(problem.clone()));
    assert_eq!(sitting.missing()[0].reason, MissingReason::Problem(problem));
}

#[test]
fn refused_answers_say_why_and_change_nothing() {
    let survey = "type,name,label,read_only,calculation,relevant\n\
                  text,söz,Söz,,,\n\
                  integer,say,Say,,,\n\
                  decimal,pay,Pay,,,\n\
                  select_one level,səviyyə,Səviyyə,,,\n\
                  select_multiple tag,etiket,Etiket,,,\n\
                  text,bağlı,Bağlı,yes,,\n\
                  note,qeyd,Qeyd,,,\n\
                  calculate,hesab,,,1 + 1,\n\
                  begin_group,qrup,Qrup,,,\n\
                  end_group,,,,,\n\
                  begin_repeat,iştirakçı,İştirakçı,,,\n\
                  text,ad,Ad,,,\n\
                  end_repeat,,,,,\n";
    let mut sitting = sitting_with(survey, "iştirakçı", 1);
    let before = (sitting.walk("az"), sitting.answers());
    let one = |name: &str| Answer::One(name.to_owned());
    let many = |names: &[&str]| Answer::Many(names.iter().map(|name| (*name).to_owned()).collect());
    let words = || Answer::Text("x".to_owned());
    for (at, answer, expected) in [
        ("yoxdur", words(), "there is no question at `yoxdur`"),
        ("ad", words(), "there is no question at `ad`"),
        ("qeyd", words(), "`qeyd` takes no answer"),
        ("qrup", words(), "`qrup` takes no answer"),
        ("iştirakçı", words(), "`iştirakçı` takes no answer"),
        ("hesab", words(), "`hesab` is worked out from other answers"),
        ("bağlı", words(), "`bağlı` can't be changed"),
        ("say", words(), "the answer is not of the kind integer"),
        ("say", Answer::Decimal(1.0), "the answer is not of the kind integer"),
        ("say", Answer::Integer(i64::MIN), "the number is too large"),
        ("pay", Answer::Decimal(f64::NAN), "the answer is not of the kind decimal"),
        ("səviyyə", one("9"), "`9` is not one of the choices"),
        ("səviyyə", many(&["1"]), "the answer is not of the kind select_one"),
        ("etiket", many(&["need", "ə"]), "`ə` is not one of the choices"),
        ("etiket", many(&["need", "need"]), "`need` is chosen twice"),
        ("söz", Answer::Text("ğ".repeat(20_001)), "the answer is longer than 20000 characters"),
    ] {
        assert_eq!(sitting.set(&path(at), Some(answer)).unwrap_err().to_string(), expected, "{at}");
    }
    let stranger = inside("iştirakçı", 2, "ad");
    assert_eq!(
        sitting.set(&stranger, Some(words())).unwrap_err(),
        AnswerProblem::UnknownPath { path: stranger.to_string() }
    );
    assert_eq!((sitting.walk("az"), sitting.answers()), before);
    assert!(sitting.set(&path("söz"), Some(Answer::Text("ğ".repeat(20_000)))).is_ok());
}

const CONSTRAINED: &str = "\
type,name,label,constraint,constraint_message::Azərbaycanca (az),constraint_message::Русский (ru)
integer,cəmi,Cəmi,. >= 6 and . <= 12,6-12 adam olmalıdır,Должно быть 6-12 человек
integer,qadın,Qadınlar,. <= ${cəmi},Cəmi ${cəmi} adam var,
";

#[test]
fn a_broken_constraint_is_refused_with_its_message_in_all_languages() {
    let mut sitting = sitting(CONSTRAINED);
    let problem = sitting.set(&path("cəmi"), Some(Answer::Integer(5))).unwrap_err();
    assert_eq!(problem.to_string(), "the answer breaks the question's constraint");
    assert_eq!(problem.message("ru"), Some("Должно быть 6-12 человек"));
    assert_eq!(problem.message("az"), Some("6-12 adam olmalıdır"));
    assert_eq!(sitting.answer(&path("cəmi")), None);
    set(&mut sitting, &path("cəmi"), "8");
    let problem = sitting.try_answer(&path("qadın"), &Answer::Integer(9)).unwrap_err();
    assert_eq!(problem.message("en"), Some("Cəmi 8 adam var"));
    set(&mut sitting, &path("qadın"), "8");
    set(&mut sitting, &path("cəmi"), "6");
    assert!(sitting.problem(&path("qadın")).is_some(), "another answer broke it");
}

#[test]
fn answers_from_the_log_are_never_dropped() {
    let answers = BTreeMap::from([
        (path("cəmi"), Answer::Integer(99)),
        (path("qadın"), Answer::Text("çox".to_owned())),
        (path("köhnə"), Answer::Text("əvvəlki versiyadan".to_owned())),
        (inside("iştirakçı", 1, "ad"), Answer::Text("ləğv edilib".to_owned())),
    ]);
    let sitting = Sitting::new(instrument(CONSTRAINED), answers.clone(), &BTreeMap::new(), surroundings());
    assert_eq!(sitting.answers(), answers);
    assert_eq!(sitting.unplaced().len(), 2);
    assert!(matches!(sitting.problem(&path("cəmi")), Some(AnswerProblem::Constraint { .. })));
    assert!(matches!(sitting.problem(&path("qadın")), Some(AnswerProblem::WrongType { .. })));
    assert_eq!(sitting.missing().len(), 2);
}

const ROSTER: &str = "\
type,name,label,calculation,relevant,default,repeat_count,required,constraint
begin_repeat,iştirakçı,İştirakçı,,,,${gözlənilən},,
calculate,kod,,\"concat('P', position(..))\",,,,,
integer,yaş,Yaş,,,30,,yes,
text,peşə,Peşə,,${yaş} >= 18,,,,
calculate,böyük,,\"if(${yaş} = max(${yaş_hamısı}), 'hə', 'yox')\",,,,,
end_repeat,,,,,,,,
integer,gözlənilən,Gözlənilən,,,,,,
calculate,yaş_hamısı,,max(${yaş}),,,,,
calculate,uşaq,,count(${yaş}) - count-non-empty(${peşə}),,,,,
";

#[test]
fn inside_a_repeat_a_reference_means_the_same_instance_and_outside_all() {
    let mut sitting = sitting_with(ROSTER, "iştirakçı", 2);
    set(&mut sitting, &inside("iştirakçı", 1, "yaş"), "40");
    let changed = set(&mut sitting, &inside("iştirakçı", 2, "yaş"), "12");
    assert_eq!(changed.relevant, []);
    assert_eq!(sitting.is_relevant(&inside("iştirakçı", 1, "peşə")), Some(true));
    assert_eq!(sitting.is_relevant(&inside("iştirakçı", 2, "peşə")), Some(false));
    assert_eq!(text(&sitting, &path("yaş_hamısı")), "40");
    let of = |sitting: &Sitting, number, name| text(sitting, &inside("iştirakçı", number, name));
    assert_eq!((of(&sitting, 1, "kod"), of(&sitting, 2, "kod")), ("P1".to_owned(), "P2".to_owned()));
    assert_eq!((of(&sitting, 1, "böyük"), of(&sitting, 2, "böyük")), ("hə".to_owned(), "yox".to_owned()));
    set(&mut sitting, &inside("iştirakçı", 1, "peşə"), "fermer");
    assert_eq!(text(&sitting, &path("uşaq")), "1");
}

#[test]
fn instances_come_and_go_without_losing_answers() {
    let mut sitting = sitting_with(ROSTER, "iştirakçı", 2);
    set(&mut sitting, &inside("iştirakçı", 1, "yaş"), "40");
    set(&mut sitting, &inside("iştirakçı", 2, "yaş"), "50");
    let changed = sitting.remove_instance("iştirakçı", id(1)).unwrap();
    assert!(changed.calculated.contains(&inside("iştirakçı", 2, "kod")));
    assert_eq!(text(&sitting, &inside("iştirakçı", 2, "kod")), "P1");
    assert_eq!(text(&sitting, &path("yaş_hamısı")), "50");
    let changed = sitting.add_instance("iştirakçı", id(1)).unwrap();
    assert!(changed.relevant.contains(&inside("iştirakçı", 1, "yaş")));
    assert_eq!(text(&sitting, &inside("iştirakçı", 1, "yaş")), "40", "adding it again brings its answers back");
    assert_eq!(sitting.instances("iştirakçı"), [id(2), id(1)]);

    let refused = |result: Result<_, InstanceProblem>| result.map(|_: kend_form::Changed| ()).unwrap_err().to_string();
    assert_eq!(refused(sitting.add_instance("iştirakçı", id(1))), "the instance is in `iştirakçı` already");
    assert_eq!(refused(sitting.add_instance("yaş", id(9))), "there is no repeat `yaş`");
    assert_eq!(refused(sitting.remove_instance("iştirakçı", id(9))), "there is no such instance in `iştirakçı`");
    for number in 3..=200 {
        sitting.add_instance("iştirakçı", id(number)).unwrap();
    }
    assert_eq!(
        refused(sitting.add_instance("iştirakçı", id(201))),
        "`iştirakçı` has 200 instances, the most there may be"
    );
}

#[test]
fn a_repeat_shows_its_instances_and_what_a_new_one_starts_as() {
    let mut sitting = sitting_with(ROSTER, "iştirakçı", 1);
    set(&mut sitting, &path("gözlənilən"), "3");
    let items = sitting.walk("az");
    let Item::Repeat(repeat) = &items[0] else { panic!("{items:?}") };
    assert_eq!((repeat.wanted, repeat.instances.len(), repeat.instances[0].number), (Some(3), 1, 1));
    let age = find(&repeat.template, "yaş").unwrap();
    assert_eq!((age.shown.path.clone(), age.value.clone()), (path("yaş"), Some(Answer::Integer(30))));
    assert_eq!(find(&repeat.template, "kod").unwrap().value, Some(Answer::Text("P2".to_owned())));
    assert_eq!(text(&sitting, &path("yaş_hamısı")), "", "no expression sees the blank instance");
    assert_eq!(sitting.defaults(Some("iştirakçı")), [("yaş".to_owned(), Answer::Integer(30))]);
    let missing = sitting.missing();
    assert_eq!(missing[0].path, inside("iştirakçı", 1, "yaş"));
    assert_eq!(missing[1].reason, MissingReason::Instances { wanted: 3, present: 1 });
}

#[test]
fn words_come_in_the_language_asked_for_and_are_filled_from_answers() {
    let survey = "type,name,label::Azərbaycanca (az),label::English (en),hint::Азбука (ru),image,appearance,parameters\n\
                  select_one level,səviyyə,Səviyyə,Level,,şəkil.png,levels,a=1\n\
                  select_multiple tag,etiket,Etiket,Tags,,,,\n\
                  note,xülasə,\"${səviyyə}: ${etiket}, $5 {a} ${ a\",\"${səviyyə}: ${etiket}\",Подсказка ${səviyyə},,,\n";
    let mut sitting = sitting(survey);
    set(&mut sitting, &path("səviyyə"), "2");
    set(&mut sitting, &path("etiket"), "demand need");
    assert_eq!(sitting.label(&path("xülasə"), "en").unwrap(), "Weak: Need, Demand");
    assert_eq!(sitting.label(&path("xülasə"), "az").unwrap(), "Zəif: Ehtiyac, Tələbat, $5 {a} ${ a");
    let items = sitting.walk("ru");
    let Item::Note(note) = &items[2] else { panic!("{items:?}") };
    assert_eq!(note.shown.label, "Слабо: Потребность, Спрос, $5 {a} ${ a", "the default language, filled in Russian");
    assert_eq!(note.shown.hint.as_deref(), Some("Подсказка Слабо"));
    let level = find(&items, "səviyyə").unwrap();
    assert_eq!((level.shown.appearance.as_deref(), level.parameters.as_deref()), (Some("levels"), Some("a=1")));
    assert_eq!(level.shown.media["image"], "şəkil.png");
    assert_eq!(level.choices[1].label, "Слабо");
}

#[test]
fn a_calculated_question_that_is_read_only_has_the_kind_of_its_type() {
    let survey = "type,name,label,read_only,calculation,default\n\
                  integer,a,A,,,2\n\
                  select_one level,l,L,yes,${a},\n\
                  date,d,D,yes,today(),\n\
                  date,e,E,,,today() + 1\n\
                  start,s,,,,\n\
                  deviceid,dev,,,,\n\
                  calculate,c,,,\"concat(${dev}, ' ', ${s})\",\n";
    let mut sitting = sitting(survey);
    set(&mut sitting, &path("a"), "3");
    assert_eq!(sitting.answer(&path("l")), Some(Answer::One("3".to_owned())));
    assert_eq!(text(&sitting, &path("d")), "2026-11-24");
    assert_eq!(text(&sitting, &path("c")), "00000000-0000-4000-8000-00000000000d 2026-11-24T13:00:00.000+04:00");
    assert_eq!(sitting.defaults(None), [("a".to_owned(), Answer::Integer(2))], "a sum is a number, not a date");
}

#[test]
fn once_keeps_what_was_recorded() {
    let survey = "type,name,label,calculation\ninteger,a,A,\ncalculate,ilk,,once(${a})\n";
    let answers = BTreeMap::from([(path("a"), Answer::Integer(2)), (path("ilk"), Answer::Text("1".to_owned()))]);
    let sitting = Sitting::new(instrument(survey), answers, &BTreeMap::new(), surroundings());
    assert_eq!(text(&sitting, &path("ilk")), "1");
}

#[test]
fn raw_values_become_answers_of_their_question_or_are_refused() {
    let survey = "type,name,label\ntext,text,A\ninteger,integer,A\ndecimal,decimal,A\ndate,date,A\ntime,time,A\n\
                  dateTime,dateTime,A\nselect_one level,one,A\nselect_multiple tag,many,A\ngeopoint,geopoint,A\n\
                  acknowledge,ack,A\nnote,note,A\n";
    let instrument = instrument(survey);
    let choices = ["demand".to_owned(), "need".to_owned()];
    for (name, raw, expected) in [
        ("text", RawValue::Text(" ə "), Some(" ə ")),
        ("text", RawValue::Text(""), Some("")),
        ("text", RawValue::None, Some("")),
        ("text", RawValue::Number(1.0), None),
        ("integer", RawValue::Number(3.0), Some("3")),
        ("integer", RawValue::Number(3.5), None),
        ("integer", RawValue::Number(f64::NAN), None),
        ("integer", RawValue::Number(1e300), None),
        ("integer", RawValue::Text("-12"), Some("-12")),
        ("integer", RawValue::Text("1.0"), None),
        ("decimal", RawValue::Number(0.1), Some("0.1")),
        ("decimal", RawValue::Number(f64::INFINITY), None),
        ("decimal", RawValue::Text("1,5"), Some("1.5")),
        ("date", RawValue::Text("2026-02-28"), Some("2026-02-28")),
        ("date", RawValue::Text("2026-02-30"), None),
        ("time", RawValue::Text("14:05"), Some("14:05:00.000")),
        ("time", RawValue::Text("14:05:30.250+04:00"), Some("14:05:30.250")),
        ("time", RawValue::Text("25:00"), None),
        ("dateTime", RawValue::Text("2026-11-24T10:00:00+04:00"), Some("2026-11-24T10:00:00.000+04:00")),
        ("dateTime", RawValue::Text("2026-11-24"), None),
        ("one", RawValue::Number(2.0), Some("2")),
        ("one", RawValue::Text("2"), Some("2")),
        ("one", RawValue::Text("9"), None),
        ("one", RawValue::Choices(&choices), None),
        ("many", RawValue::Choices(&choices), Some("need demand")),
        ("many", RawValue::Choices(&[]), Some("")),
        ("many", RawValue::Text("demand  need"), Some("need demand")),
        ("many", RawValue::Text("need need"), None),
        ("geopoint", RawValue::Text("40.99 45.62"), Some("40.99 45.62")),
        ("geopoint", RawValue::Text("40.99 45.62 500 5"), Some("40.99 45.62 500 5")),
        ("geopoint", RawValue::Text("91 45"), None),
        ("geopoint", RawValue::Text("40"), None),
        ("ack", RawValue::Text("OK"), Some("OK")),
        ("ack", RawValue::Text("yes"), None),
        ("note", RawValue::Text("x"), None),
        ("yoxdur", RawValue::Text("x"), None),
    ] {
        let parsed = instrument.parse(name, raw);
        let canonical = parsed.as_ref().ok().map(|answer| answer.as_ref().map(Answer::canonical).unwrap_or_default());
        assert_eq!(canonical.as_deref(), expected, "{name} {raw:?}: {parsed:?}");
        if let Ok(Some(answer)) = parsed {
            let again = instrument.parse(name, RawValue::Text(&answer.canonical())).unwrap();
            assert_eq!(again, Some(answer), "{name}: read back as itself");
        }
    }
    assert_eq!(Answer::Integer(3).number(), Some(3.0));
    assert_eq!(Answer::One("4".to_owned()).number(), Some(4.0));
    assert_eq!(Answer::Acknowledged.number(), None);
    assert_eq!(AnswerPath::outside("a").to_string(), "a");
}
