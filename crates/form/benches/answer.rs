//! What setting an answer costs in an instrument with 300 questions, against working everything out.
#![expect(clippy::expect_used, reason = "a benchmark that cannot be set up has nothing to measure")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use kend_form::{Answer, AnswerPath, Instrument, Sheets, Sitting, Surroundings};

/// Nine themes as in Kend's own instruments, filled up to 300 questions, and a total over all.
fn survey() -> String {
    let mut survey = "type,name,label,relevant,required,constraint,calculation\n\
                      select_one yes_no,consent,Consent,,yes,,\n"
        .to_owned();
    for theme in 0..9 {
        let _ = write!(
            survey,
            "begin_group,t{theme},T,${{consent}} = 'yes',,,\n\
             select_one yes_no,t{theme}_discussed,Discussed,,yes,,\n\
             begin_group,t{theme}_in,In,${{t{theme}_discussed}} = 'yes',,,\n\
             integer,t{theme}_level,Level,,yes,. >= 1 and . <= 5,\n\
             integer,t{theme}_second,Second,,,. >= 1 and . <= 5,\n\
             integer,t{theme}_agreed,Agreed,abs(${{t{theme}_level}} - ${{t{theme}_second}}) >= 2,yes,,\n"
        );
        for question in 0..29 {
            let _ = writeln!(survey, "text,t{theme}_q{question},Q,${{t{theme}_level}} != '{question}',,,");
        }
        survey.push_str("end_group\nend_group\n");
    }
    let levels = (0..9).map(|theme| format!("coalesce(${{t{theme}_level}}, 0)")).collect::<Vec<_>>().join(" + ");
    let _ = writeln!(survey, "calculate,total,,,,,\"{levels}\"");
    survey
}

fn interview() -> (Arc<Instrument>, BTreeMap<AnswerPath, Answer>) {
    let sheets = Sheets {
        survey: &survey(),
        choices: "list_name,name\nyes_no,yes\nyes_no,no\n",
        settings: "form_id,version\nbench,1\n",
    };
    let instrument = Arc::new(Instrument::read(&sheets).expect("the bench's own sheets are good"));
    let mut answers = BTreeMap::from([(AnswerPath::outside("consent"), Answer::One("yes".to_owned()))]);
    for theme in 0..9 {
        answers.insert(AnswerPath::outside(&format!("t{theme}_discussed")), Answer::One("yes".to_owned()));
        answers.insert(AnswerPath::outside(&format!("t{theme}_level")), Answer::Integer(3));
        for question in 0..29 {
            answers.insert(AnswerPath::outside(&format!("t{theme}_q{question}")), Answer::Text("söz ".repeat(50)));
        }
    }
    (instrument, answers)
}

fn surroundings() -> Surroundings {
    Surroundings {
        now: "2026-11-24T10:00:00+04:00".parse().expect("a date"),
        started_at: None,
        device: None,
        language: "az".to_owned(),
    }
}

fn sitting() -> Sitting {
    let (instrument, answers) = interview();
    Sitting::new(instrument, answers, &BTreeMap::new(), surroundings())
}

/// A note: nothing depends on it.
#[divan::bench]
fn set_a_text(bencher: divan::Bencher<'_, '_>) {
    let mut sitting = sitting();
    let path = AnswerPath::outside("t4_q7");
    let mut even = false;
    bencher.bench_local(|| {
        even = !even;
        sitting.set(&path, Some(Answer::Text(if even { "bir" } else { "iki" }.to_owned())))
    });
}

/// A level: 31 conditions and the total depend on it.
#[divan::bench]
fn set_a_level(bencher: divan::Bencher<'_, '_>) {
    let mut sitting = sitting();
    let path = AnswerPath::outside("t4_level");
    let mut even = false;
    bencher.bench_local(|| {
        even = !even;
        sitting.set(&path, Some(Answer::Integer(if even { 4 } else { 2 })))
    });
}

/// Consent: everything depends on it.
#[divan::bench]
fn set_consent(bencher: divan::Bencher<'_, '_>) {
    let mut sitting = sitting();
    let path = AnswerPath::outside("consent");
    let mut even = false;
    bencher.bench_local(|| {
        even = !even;
        sitting.set(&path, Some(Answer::One(if even { "no" } else { "yes" }.to_owned())))
    });
}

/// The whole interview from its answers, as after every read of the log.
#[divan::bench]
fn rebuild(bencher: divan::Bencher<'_, '_>) {
    let (instrument, answers) = interview();
    bencher.with_inputs(|| (Arc::clone(&instrument), answers.clone())).bench_local_values(|(instrument, answers)| {
        Sitting::new(instrument, answers, &BTreeMap::new(), surroundings())
    });
}

/// The whole screen.
#[divan::bench]
fn walk(bencher: divan::Bencher<'_, '_>) {
    let sitting = sitting();
    bencher.bench_local(|| sitting.walk("az"));
}

fn main() {
    divan::main();
}
