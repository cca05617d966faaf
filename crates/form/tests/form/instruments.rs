//! Reading sheets: what is understood, and every refusal with its place and words.

use kend_domain::QuestionKind;
use kend_form::{Instrument, Sheets};

use crate::common::{SETTINGS, instrument, quoted, read};

const HEADS: &str =
    "type,name,label,calculation,relevant,constraint,choice_filter,default,required,read_only,repeat_count,extra\n";

/// The message for a survey sheet with the usual heads.
#[track_caller]
fn refusal(rows: &str) -> String {
    read(&format!("{HEADS}{rows}")).unwrap_err().to_string()
}

#[test]
fn an_instrument_knows_itself_in_its_languages() {
    let survey = "type,name,label::Azərbaycanca (az),label::English (en),hint::Русский (ru)\n\
                  text,ad,Kəndin adı,Name of the village,Название\n";
    let settings = "form_id,version,form_title::English (en),form_title::Azərbaycanca (az),default_language\n\
                    fgd,2026-1,Focus group,Fokus qrup,Azərbaycanca (az)\n";
    let read = Instrument::read(&Sheets { survey, choices: "", settings }).unwrap();
    assert_eq!((read.id(), read.version(), read.default_language()), ("fgd", "2026-1", "az"));
    assert_eq!(read.languages(), ["az", "en", "ru"]);
    assert_eq!((read.title("en"), read.title("ru")), ("Focus group", "Fokus qrup"));
    assert_eq!(read.question_kind("ad"), Some(QuestionKind::Text));
    assert_eq!(read.question_kind("adı"), None);
}

#[test]
fn every_type_and_its_other_spellings_are_read() {
    for (written, kind) in [
        ("select_one level", QuestionKind::SelectOne),
        ("select one level", QuestionKind::SelectOne),
        ("select_multiple tag", QuestionKind::SelectMultiple),
        ("text", QuestionKind::Text),
        ("integer", QuestionKind::Integer),
        ("int", QuestionKind::Integer),
        ("decimal", QuestionKind::Decimal),
        ("date", QuestionKind::Date),
        ("time", QuestionKind::Time),
        ("dateTime", QuestionKind::DateTime),
        ("geopoint", QuestionKind::Geopoint),
        ("acknowledge", QuestionKind::Acknowledge),
    ] {
        let read = instrument(&format!("{HEADS}{written},a,A\n"));
        assert_eq!(read.question_kind("a"), Some(kind), "{written}");
    }
    instrument(&format!(
        "{HEADS}start,start\nend,end\ntoday,today\ndeviceid,deviceid\nbegin group,g,G\nnote,n,N\nend group\nbegin repeat,r,R\nend_repeat\n"
    ));
}

#[test]
fn what_is_wrong_in_the_survey_is_named_with_its_cell() {
    for (rows, expected) in [
        ("video,a,A\n", "row 2, column `type`: `video` is not read yet"),
        ("\n\nvideo,a,A\n", "row 4, column `type`: `video` is not read yet"),
        (",a,A\n", "row 2, column `type`: this cell is empty"),
        (
            "text,1a,A\n",
            "row 2, column `name`: `1a` is not a name: a letter or `_`, then letters, digits, `_`, `-`, `.`, at most 64",
        ),
        (
            "text,,A\n",
            "row 2, column `name`: `` is not a name: a letter or `_`, then letters, digits, `_`, `-`, `.`, at most 64",
        ),
        ("text,a,A\nnote,a,B\n", "row 3, column `name`: the name `a` is taken by row 2"),
        ("text,a\n", "row 2, column `label`: `a` has no label, hint or medium in any language"),
        ("select_one,a,A\n", "row 2, column `type`: there is no choice list ``"),
        ("select_one şəhər,a,A\n", "row 2, column `type`: there is no choice list `şəhər`"),
        ("select_one level or_other,a,A\n", "row 2, column `type`: `or_other` is not read yet"),
        ("begin_group,g,G\ntext,a,A\n", "row 2, column `type`: `g` is never ended"),
        ("end_group\n", "row 2, column `type`: `end_group` ends nothing here"),
        (
            "begin_repeat,r,R\nend_group\n",
            "row 3, column `type`: `end_group` ends nothing here: the repeat `r` is open",
        ),
        ("begin_repeat,r,R\nbegin_repeat,s,S\n", "row 3, column `type`: a repeat inside a repeat is not read yet"),
        (
            "text,a,A,,,,,,,,,x\n",
            "row 2, column `extra`: this column is not known (a column for remarks is named `note`, or begins with `#`)",
        ),
        ("text,a,A,,,,,,,,,,x\n", "row 2, column ``: this cell has no head above it"),
        ("calculate,a\n", "row 2, column `calculation`: this cell is empty"),
        (
            "text,a,A,1 + 1\n",
            "row 2, column `calculation`: a calculated question is of the type `calculate`, or read only",
        ),
        ("note,a,A,,,. > 1\n", "row 2, column `constraint`: this means nothing for the type note"),
        ("begin_group,a,A,,,,,,yes\nend_group\n", "row 2, column `required`: this means nothing for the type group"),
        ("text,a,A,,,,true()\n", "row 2, column `choice_filter`: this means nothing for the type text"),
        ("text,a,A,,,,,,,,3\n", "row 2, column `repeat_count`: this means nothing for the type text"),
        ("text,a,Salam ${b}\n", "row 2, column `label`: there is no `b` in the survey sheet"),
        (
            "integer,a,A,,,,,abc\n",
            "row 2, column `default`: the default does not fit: the answer is not of the kind integer",
        ),
        (
            "select_one level,a,A,,,,,9\n",
            "row 2, column `default`: the default does not fit: `9` is not one of the choices",
        ),
        (
            "text,a,A,,maybe\n",
            "row 2, column `relevant`: at character 1 of the expression: a question is written `${maybe}`",
        ),
    ] {
        assert_eq!(refusal(rows), format!("sheet survey, {expected}"), "{rows}");
    }
}

#[test]
fn what_is_wrong_in_an_expression_is_named_with_its_place_in_it() {
    for (expression, expected) in [
        ("1 +", "at character 4 of the expression: expected a value, found the end"),
        ("1 + foo(2)", "at character 5 of the expression: there is no function `foo()`"),
        ("${a} = ${yoxdur}", "at character 8 of the expression: there is no `yoxdur` in the survey sheet"),
        ("1 + not()", "at character 5 of the expression: `not()` takes 1 argument, not 0"),
        ("if(1, 2)", "at character 1 of the expression: `if()` takes 3 arguments, not 2"),
        ("round(1, 2, 3)", "at character 1 of the expression: `round()` takes 1 to 2 arguments, not 3"),
        ("join(1)", "at character 1 of the expression: `join()` takes 2 arguments or more, not 1"),
        ("today(1)", "at character 1 of the expression: `today()` takes no argument, not 1"),
        ("1 + sum(1)", "at character 9 of the expression: `sum()` counts over questions: its argument is a reference"),
        ("count(.)", "at character 7 of the expression: `count()` counts over questions: its argument is a reference"),
        (
            "regex(${a}, '[')",
            "at character 13 of the expression: the pattern cannot be read: error: unclosed character class",
        ),
        (
            "regex(${a}, '(?=x)')",
            "at character 13 of the expression: the pattern cannot be read: error: look-around, including look-ahead and look-behind, is not supported",
        ),
        ("position(..)", "at character 10 of the expression: there is no repeat around this question"),
        ("index()", "at character 1 of the expression: there is no repeat around this question"),
        ("jr:choice-name(${a}, '${a}')", "at character 22 of the expression: `a` has no choices"),
        ("jr:choice-name(${a}, 'a')", "at character 22 of the expression: a reference is written `${name}`"),
        ("indexed-repeat(${a}, ${r}, 1)", "at character 16 of the expression: `a` is not in the repeat `r`"),
        ("instance('x')/root/item/name", "at character 1 of the expression: there is no choice list `x`"),
        (
            "instance('level')/root/item/x",
            "at character 1 of the expression: `x` is no column of the choices sheet (a question is written `${x}`)",
        ),
        (
            "instance('level')/root/item[${q} = 1]/name",
            "at character 29 of the expression: there is no `q` in the survey sheet",
        ),
        ("//a", "at character 1 of the expression: paths of this form are not read: refer to a question as `${name}`"),
        ("../yoxdur", "at character 1 of the expression: there is no `yoxdur` in the survey sheet"),
        ("@a", "at character 1 of the expression: paths of this form are not read: refer to a question as `${name}`"),
        ("1 ≤ 2", "at character 3 of the expression: `≤` means nothing here"),
    ] {
        let rows = format!("text,a,A\nbegin_repeat,r,R\ninteger,b,B\nend_repeat\ntext,c,C,,{}\n", quoted(expression));
        assert_eq!(refusal(&rows), format!("sheet survey, row 6, column `relevant`: {expected}"), "{expression}");
    }
    let in_group = "begin_repeat,r,R\nbegin_group,g,G\ntext,a,A,,position(..) = 1\nend_group\nend_repeat\n";
    assert_eq!(
        refusal(in_group),
        "sheet survey, row 4, column `relevant`: at character 10 of the expression: this is the position of the group \
         `g`, always 1: go further up to the repeat with `../..`"
    );
    let filter = "select_one village,v,V,,,,ölkə = 'az'\n";
    assert_eq!(
        refusal(filter),
        "sheet survey, row 2, column `choice_filter`: at character 1 of the expression: `ölkə` is no column of the \
         choices sheet (a question is written `${ölkə}`)"
    );
}

#[test]
fn expressions_that_depend_on_each_other_are_refused_with_their_circle() {
    for (rows, expected) in [
        (
            "calculate,a,,${b}\ncalculate,b,,${a}\n",
            "row 2, column `calculation`: these depend on each other: a -> b -> a",
        ),
        ("calculate,a,,${a} + 1\n", "row 2, column `calculation`: these depend on each other: a -> a"),
        ("calculate,a,,. + 1\n", "row 2, column `calculation`: these depend on each other: a -> a"),
        ("text,a,A,,${a} = ''\n", "row 2, column `relevant`: these depend on each other: a -> a"),
        (
            "text,a,A,,${b} = 1\ntext,b,B,,${c} = 1\ntext,c,C,,${a} = 1\n",
            "row 2, column `relevant`: these depend on each other: a -> b -> c -> a",
        ),
        (
            "begin_group,g,G,,${q} = 1\ntext,q,Q\nend_group\n",
            "row 2, column `relevant`: these depend on each other: g -> q -> g",
        ),
        (
            // What merely hangs on a circle is not part of it.
            "calculate,z,,${a}\ncalculate,a,,${b}\ncalculate,b,,${a}\n",
            "row 3, column `calculation`: these depend on each other: a -> b -> a",
        ),
        (
            "begin_repeat,r,R\ncalculate,a,,sum(${total})\nend_repeat\ncalculate,total,,sum(${a})\n",
            "row 3, column `calculation`: these depend on each other: a -> total -> a",
        ),
    ] {
        assert_eq!(refusal(rows), format!("sheet survey, {expected}"), "{rows}");
    }
    // A constraint may speak of its own question: nothing depends on a constraint.
    instrument(&format!("{HEADS}integer,a,A,,,\". > 1 and ${{a}} < 9\"\n"));
}

#[test]
fn what_is_wrong_in_choices_and_settings_is_named_with_its_cell() {
    let survey = "type,name,label::Azərbaycanca (az)\nselect_multiple l,a,A\n";
    for (choices, expected) in [
        ("list_name,label\nl,A\n", "row 1, column `name`: this column is missing"),
        ("list_name,name\nl,a\nl,a\n", "row 3, column `name`: the name `a` is taken by row 2"),
        ("list_name,name\nl,\n", "row 2, column `name`: this cell is empty"),
        (",name\nl,a\n", "row 1, column `list_name`: this column is missing"),
        ("list_name,name,name\nl,a,b\n", "row 1, column `name`: this column is there twice"),
        ("list_name,name,label\nl,a,${x}\n", "row 2, column `label`: there is no `x` in the survey sheet"),
        (
            "list_name,name\nl l,a\n",
            "row 2, column `list_name`: `l l` is not a name: a letter or `_`, then letters, digits, `_`, `-`, `.`, at most 64",
        ),
    ] {
        let error = Instrument::read(&Sheets { survey, choices, settings: SETTINGS }).unwrap_err();
        assert_eq!(error.to_string(), format!("sheet choices, {expected}"));
    }
    let blank = Instrument::read(&Sheets { survey, choices: "list_name,name\nl,a b\n", settings: SETTINGS });
    assert_eq!(
        blank.unwrap_err().to_string(),
        "sheet survey, row 2, column `type`: `a b` has a blank in it, which would make it two choices"
    );
    for (settings, expected) in [
        ("", "row 1, column `form_id`: this column is missing"),
        ("form_id\na\n", "row 1, column `version`: this column is missing"),
        ("form_id,version\n", "row 2, column `form_id`: this cell is empty"),
        ("form_id,version\na,\n", "row 2, column `version`: this cell is empty"),
        ("form_id,version\na,1\nb,2\n", "row 3, column `form_id`: settings are one row"),
        (
            "form_id,version,public_key\na,1,x\n",
            "row 2, column `public_key`: this column is not known (a column for remarks is named `note`, or begins with `#`)",
        ),
        (
            "form_id,version,default_language\na,1,Deutsch (de)\n",
            "row 2, column `default_language`: no column is in the language `de`",
        ),
        (
            "form_id,version,allow_choice_duplicates\na,1,maybe\n",
            "row 2, column `allow_choice_duplicates`: `maybe` is neither yes nor no",
        ),
    ] {
        let error = Instrument::read(&Sheets { survey, choices: "list_name,name\nl,a\n", settings }).unwrap_err();
        assert_eq!(error.to_string(), format!("sheet settings, {expected}"));
    }
}

#[test]
fn sheets_beyond_the_limits_are_refused() {
    let large = format!("type,name,label\ntext,a,{}\n", "x".repeat(1024 * 1024));
    assert_eq!(
        read(&large).unwrap_err().to_string(),
        "sheet survey, row 1, column ``: the sheet is larger than 1048576 bytes"
    );
    let rows = (0..5001).map(|number| format!("text,a{number},A\n")).collect::<Vec<_>>().concat();
    assert_eq!(refusal(&rows), "sheet survey, row 5002, column ``: the sheet has more than 5000 rows");
    let wide = format!("type,name,label{}\n", ",#".repeat(300));
    assert_eq!(
        read(&wide).unwrap_err().to_string(),
        "sheet survey, row 1, column ``: the sheet has more than 256 columns"
    );
    let deep = (0..17).map(|number| format!("begin_group,g{number},G\n")).collect::<Vec<_>>().concat();
    assert_eq!(refusal(&deep), "sheet survey, row 18, column `type`: groups are nested more than 16 deep");
    let long = format!("text,a,A,,1{}\n", " + 1".repeat(1024));
    assert_eq!(
        refusal(&long),
        "sheet survey, row 2, column `relevant`: at character 4097 of the expression: it is longer than 4096 characters"
    );
}

#[test]
fn five_thousand_calculations_in_a_row_are_read() {
    // The order is found without recursion: a long chain costs no stack.
    let chain =
        (1..5000).map(|number| format!("calculate,a{number},,${{a{}}} + 1\n", number - 1)).collect::<Vec<_>>().concat();
    instrument(&format!("type,name,label,calculation\ninteger,a0,A,\n{chain}"));
}

#[test]
fn remarks_are_passed_over_and_disabled_rows_too() {
    let read = instrument("type,name,label,note,#mənbə,disabled\ntext,a,A,qeyd,§ 65,\nvideo,b,B,,,yes\n");
    assert_eq!(read.question_kind("a"), Some(QuestionKind::Text));
    assert_eq!(read.question_kind("b"), None);
}
