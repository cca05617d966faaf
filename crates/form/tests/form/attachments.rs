//! Questions that a file answers, in sheets and in an interview.

use kend_form::{Answer, AnswerProblem, Attached, Item, MissingReason, RawValue};

use crate::common::{path, read, set, sitting, text};

const SURVEY: &str = "type,name,label,relevant,required,parameters,body::accept,constraint\n\
                      select_one yes_no,razılıq,Razılıq,,,,,\n\
                      audio,səs,Səs,${razılıq} = 'yes',,quality=low max-mb=2,,\n\
                      image,şəkil,Şəkil,,yes,max-pixels=1600,,\n\
                      file,vərəq,Vərəq,,,,\"application/pdf, image/*\",\"regex(., '[.](pdf|jpg)$')\"\n\
                      text,dedi,Nə dedi,${səs} != '',,,,\n";

fn file(name: &str, media_type: &str, size_bytes: u64) -> Attached {
    Attached { file_name: name.to_owned(), media_type: media_type.to_owned(), size_bytes }
}

#[test]
fn a_file_answers_its_question_and_others_follow_it() {
    let mut sitting = sitting(SURVEY);
    set(&mut sitting, &path("razılıq"), "yes");
    assert_eq!(sitting.is_relevant(&path("dedi")), Some(false));
    let recording = file("Dondar.ogg", "audio/ogg", 900);
    let answer = sitting.parse(&path("səs"), RawValue::Attached(&recording)).unwrap();
    assert_eq!(answer, Some(Answer::Attached(recording)));
    sitting.set(&path("səs"), answer).unwrap();
    assert_eq!(text(&sitting, &path("səs")), "Dondar.ogg");
    assert_eq!(sitting.is_relevant(&path("dedi")), Some(true));
    set(&mut sitting, &path("razılıq"), "no");
    assert_eq!(sitting.is_relevant(&path("səs")), Some(false));
    assert_eq!(sitting.is_relevant(&path("dedi")), Some(false), "what is not relevant reads as empty");
    assert!(sitting.answer(&path("səs")).is_some(), "and is kept");
    sitting.set(&path("səs"), None).unwrap();
    assert_eq!(sitting.answer(&path("səs")), None);
}

#[test]
fn what_a_question_does_not_take_is_refused_and_changes_nothing() {
    let mut sitting = sitting(SURVEY);
    let refused = |sitting: &mut kend_form::Sitting, at: &str, attached: Attached| {
        let problem = sitting.set(&path(at), Some(Answer::Attached(attached))).unwrap_err();
        assert_eq!(sitting.answer(&path(at)), None);
        problem
    };
    let wrong = AnswerProblem::WrongMedia { media_type: "text/html".to_owned() };
    assert_eq!(refused(&mut sitting, "şəkil", file("a.jpg", "text/html", 9)), wrong);
    let limit_bytes = 2 * 1024 * 1024;
    assert_eq!(
        refused(&mut sitting, "səs", file("", "audio/webm", limit_bytes + 1)),
        AnswerProblem::FileTooLarge { limit_bytes }
    );
    assert!(matches!(refused(&mut sitting, "vərəq", file("a.png", "image/png", 9)), AnswerProblem::Constraint { .. }));
    assert!(matches!(refused(&mut sitting, "dedi", file("a.png", "image/png", 9)), AnswerProblem::WrongType { .. }));
    for raw in [RawValue::Text("a.jpg"), RawValue::Number(1.0)] {
        assert!(matches!(sitting.parse(&path("şəkil"), raw), Err(AnswerProblem::WrongType { .. })), "{raw:?}");
    }
    assert_eq!(sitting.parse(&path("şəkil"), RawValue::None), Ok(None));
    assert!(matches!(sitting.attachment_rules(&path("dedi")), Err(AnswerProblem::TakesNoFile { .. })));
    assert_eq!(sitting.attachment_rules(&path("şəkil")).unwrap().most_pixels, Some(1600));
}

#[test]
fn a_required_file_is_missing_until_it_is_there_and_words_in_its_place_are_a_problem() {
    let mut sitting = sitting(SURVEY);
    assert_eq!(sitting.missing()[0].path, path("şəkil"));
    sitting.set(&path("şəkil"), Some(Answer::Attached(file("", "image/jpeg", 9)))).unwrap();
    assert_eq!(sitting.missing(), []);
    let from_log = [(path("şəkil"), Answer::Text("a.jpg".to_owned()))].into();
    let instances = std::collections::BTreeMap::new();
    let instrument = crate::common::instrument(SURVEY);
    let old = kend_form::Sitting::new(instrument, from_log, &instances, crate::common::surroundings());
    assert!(matches!(old.missing()[0].reason, MissingReason::Problem(AnswerProblem::WrongType { .. })));
}

#[test]
fn a_screen_is_told_what_a_question_takes() {
    let items = sitting(SURVEY).walk("az");
    let rules = |place: usize| match &items[place] {
        Item::Question(question) => question.attachment.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(rules(0), None);
    assert_eq!(rules(1).unwrap().quality.bits_per_second(), Some(24_000));
    assert_eq!(rules(3).unwrap().media_types, ["application/pdf", "image/*"]);
}

#[test]
fn a_sheet_that_asks_for_the_impossible_is_refused_with_its_cell() {
    for (survey, column) in [
        ("type,name,label,parameters\naudio,a,A,quality=best\n", "parameters"),
        ("type,name,label,body::accept\nimage,a,A,application/pdf\n", "body::accept"),
        ("type,name,label,body::accept\ntext,a,A,text/plain\n", "body::accept"),
        ("type,name,label,body::accept\nnote,a,A,text/plain\n", "body::accept"),
        ("type,name,label,default\nimage,a,A,a.jpg\n", "default"),
        ("type,name,label\nvideo,a,A\n", "type"),
        ("type,name,label\nbackground-audio,a,A\n", "type"),
    ] {
        let error = read(survey).unwrap_err();
        assert_eq!((error.row, error.column.as_str()), (2, column), "{survey}: {error}");
    }
}
