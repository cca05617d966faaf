//! What expressions give, by the rules of `XPath` 1.0 and of ODK where it departs from them.

use crate::common::{inside, quoted, set, sitting_with, text};
use kend_form::AnswerPath;

/// The value of `expression` in a form with answers of each kind; true and false as words.
fn value(expression: &str) -> String {
    let survey = format!(
        "type,name,label,calculation\n\
         text,empty,Boş,\n\
         text,word,Söz,\n\
         integer,seven,Yeddi,\n\
         decimal,half,Yarım,\n\
         date,day,Gün,\n\
         time,hour,Saat,\n\
         dateTime,moment,An,\n\
         select_one level,level,Səviyyə,\n\
         select_multiple tag,tags,Etiketlər,\n\
         geopoint,place,Yer,\n\
         calculate,true_value,,true()\n\
         begin_repeat,person,Adamlar,\n\
         integer,age,Yaş,\n\
         text,nick,Ləqəb,\n\
         end_repeat,,,\n\
         begin_repeat,nothing,Heç nə,\n\
         integer,none,Heç,\n\
         end_repeat,,,\n\
         calculate,result,,{}\n",
        quoted(expression)
    );
    let mut sitting = sitting_with(&survey, "person", 3);
    for (name, answer) in [
        ("word", "Kənd ağ"),
        ("seven", "7"),
        ("half", "0.5"),
        ("day", "2026-11-20"),
        ("hour", "06:00"),
        ("moment", "2026-11-24T12:00:00+04:00"),
        ("level", "2"),
        ("tags", "need demand"),
        ("place", "40.99 45.62"),
    ] {
        set(&mut sitting, &AnswerPath::outside(name), answer);
    }
    set(&mut sitting, &inside("person", 1, "age"), "30");
    set(&mut sitting, &inside("person", 3, "age"), "12");
    set(&mut sitting, &inside("person", 1, "nick"), "a");
    set(&mut sitting, &inside("person", 2, "nick"), "ə");
    text(&sitting, &AnswerPath::outside("result"))
}

#[track_caller]
fn check(table: &[(&str, &str)]) {
    for (expression, expected) in table {
        assert_eq!(value(expression), *expected, "{expression}");
    }
}

#[test]
fn numbers_are_written_and_read_in_plain_decimals() {
    check(&[
        ("1.0", "1"),
        ("string(1 div 3)", "0.3333333333333333"),
        ("string(-0)", "0"),
        ("string(1 div 0)", "Infinity"),
        ("string(-1 div 0)", "-Infinity"),
        ("string(0 div 0)", "NaN"),
        ("0 div 0", ""),
        ("string(1000000 * 1000000 * 1000000 * 1000000)", "1000000000000000000000000"),
        ("string(0.0000001)", "0.0000001"),
        ("number('12')", "12"),
        ("number(' 12.5 ')", "12.5"),
        ("number('12,5')", "12.5"),
        ("string(number('1e5'))", "NaN"),
        ("string(number('+5'))", "NaN"),
        ("string(number('inf'))", "NaN"),
        ("string(number(''))", "NaN"),
        ("string(number('-'))", "NaN"),
        ("number(true())", "1"),
        ("number('2026-11-24')", "20781"),
        ("7 mod 3", "1"),
        ("-7 mod 3", "-1"),
        ("7.5 mod 2", "1.5"),
        ("7 div 2", "3.5"),
        ("2 + 3 * 4 - 1", "13"),
        ("- - 2", "2"),
        ("1 - -1", "2"),
        ("'1' + '2'", "3"),
    ]);
}

#[test]
fn comparisons_follow_the_kinds_of_their_sides() {
    check(&[
        ("1 = 1.0", "true"),
        ("'1' = '1.0'", "false"),
        ("1 = '1.0'", "true"),
        ("'a' = 'a'", "true"),
        ("'a' < 'b'", "false"),
        ("'2' < '10'", "true"),
        ("0 div 0 = 0 div 0", "false"),
        ("0 div 0 != 0 div 0", "true"),
        ("1 div 0 = 1 div 0", "true"),
        ("1 div 0 = -1 div 0", "false"),
        ("0.1 + 0.2 = 0.3", "true"),
        ("true() = 'x'", "true"),
        ("true() = ''", "false"),
        ("false() = 0", "true"),
        ("true() = 5", "true"),
        ("true() > false()", "true"),
        ("1 < 2 = true()", "true"),
        ("3 > 2 > 1", "false"),
        ("${seven} = 7", "true"),
        ("${seven} = '7'", "true"),
        ("${seven} != 8", "true"),
        ("${level} = 2", "true"),
        ("${level} = '2'", "true"),
        ("${half} < ${seven}", "true"),
        ("'Ə' = 'ə'", "false"),
    ]);
}

#[test]
fn an_empty_answer_is_the_empty_text_and_no_number() {
    check(&[
        ("${empty} = ''", "true"),
        ("${empty} != ''", "false"),
        ("${empty} = 0", "false"),
        ("${empty} != 5", "true"),
        ("${empty} < 5", "false"),
        ("not(${empty} < 5)", "true"),
        ("${empty} + 1", ""),
        ("boolean(${empty})", "false"),
        ("boolean('false')", "true"),
        ("boolean(0)", "false"),
        ("boolean(0 div 0)", "false"),
        ("string-length(${empty})", "0"),
        ("coalesce(${empty}, 'b')", "b"),
        ("coalesce(${seven}, 'b')", "7"),
        ("coalesce(${empty}, ${empty})", ""),
        ("if(${empty}, 'a', 'b')", "b"),
        ("count-selected(${empty})", "0"),
        ("${none} = ''", "true"),
        ("concat('a', ${empty}, 'b')", "ab"),
    ]);
}

#[test]
fn logic_decides_as_early_as_it_can() {
    check(&[
        ("true() or false()", "true"),
        ("true() and false()", "false"),
        ("false() or true() and false()", "false"),
        ("not('')", "true"),
        ("boolean-from-string('true')", "true"),
        ("boolean-from-string('1')", "true"),
        ("boolean-from-string('yes')", "false"),
        ("if(1 = 1, 'a', 'b')", "a"),
        ("if(${true_value}, 'a', 'b')", "a"),
        ("once('new')", "new"),
    ]);
}

#[test]
fn texts_are_counted_in_characters_of_any_script() {
    check(&[
        ("string-length('ağac')", "4"),
        ("string-length(${word})", "7"),
        ("substr('hello', 1, 3)", "el"),
        ("substr('hello', -3)", "llo"),
        ("substr('hello', 1, -1)", "ell"),
        ("substr('hello', 10)", ""),
        ("substr('kəndğ', 1, 2)", "ə"),
        ("substring('12345', 2, 3)", "234"),
        ("substring('12345', 1.5, 2.6)", "234"),
        ("substring('12345', 0, 3)", "12"),
        ("substring('12345', 0 div 0, 3)", ""),
        ("substring('12345', -42)", "12345"),
        ("substring('деревня', 3)", "ревня"),
        ("substring-before('1999/04/01', '/')", "1999"),
        ("substring-after('1999/04/01', '/')", "04/01"),
        ("substring-after('abc', 'x')", ""),
        ("contains('Kənd', 'ən')", "true"),
        ("starts-with('Kənd', 'Kə')", "true"),
        ("starts-with('Kənd', '')", "true"),
        ("ends-with('Kənd', 'nd')", "true"),
        ("normalize-space('  a   b  ')", "a b"),
        ("translate('bar', 'abc', 'ABC')", "BAr"),
        ("translate('--aaa--', 'abc-', 'ABC')", "AAA"),
        ("translate('kənd', 'ə', 'e')", "kend"),
        ("concat('a', 1, true())", "a1true"),
        ("join(' ', 'a', 'b', 'c')", "a b c"),
        ("regex('12345', '[0-9]+')", "true"),
        ("regex('12345a', '[0-9]+')", "false"),
        ("regex('a|b', 'a|b')", "false"),
        ("regex('ağ', '\\w+')", "true"),
        ("regex('x', ${empty})", "false"),
        ("regex('x', concat('(', '['))", "false"),
    ]);
}

#[test]
fn numbers_are_rounded_as_in_xpath_and_excel() {
    check(&[
        ("round(2.5)", "3"),
        ("round(-2.5)", "-2"),
        ("round(1.005, 2)", "1.01"),
        ("round(1234.5678, 2)", "1234.57"),
        ("round(1234, -2)", "1200"),
        ("round('14.29123456', 1)", "14.3"),
        ("string(round(1, 31))", "NaN"),
        ("int(3.9)", "3"),
        ("int(-3.9)", "-3"),
        ("int('123456.0123456')", "123456"),
        ("floor(-1.5)", "-2"),
        ("ceiling(-1.5)", "-1"),
        ("abs(-3.5)", "3.5"),
        ("pow(3, 2)", "9"),
        ("sqrt(16)", "4"),
        ("min(3, 1, 2)", "1"),
        ("max(-3, -1, -2)", "-1"),
        ("max(1, '', 'x')", "1"),
        ("string(max('', 'x'))", "NaN"),
    ]);
}

#[test]
fn selections_are_words_between_blanks() {
    check(&[
        ("selected(${tags}, 'need')", "true"),
        ("selected(${tags}, 'nee')", "false"),
        ("selected(${tags}, ' demand ')", "true"),
        ("selected('need demand', 'demand')", "true"),
        ("selected('', 'x')", "false"),
        ("count-selected(${tags})", "2"),
        ("selected-at(${tags}, 0)", "need"),
        ("selected-at(${tags}, 1)", "demand"),
        ("selected-at(${tags}, 2)", ""),
        ("selected-at(${tags}, -1)", ""),
        ("jr:choice-name(${level}, '${level}')", "Zəif"),
        ("jr:choice-name('3', '${level}')", "Orta"),
        ("jr:choice-name('9', '${level}')", ""),
        ("jr:choice-name(selected-at(${tags}, 1), '${tags}')", "Tələbat"),
        ("instance('village')/root/item[rayon = 'quba']/label", "Qrız"),
        ("count(instance('village')/root/item[rayon = 'tovuz']/name)", "2"),
        ("instance('village')/root/item[name = 'qrız']/rayon", "quba"),
    ]);
}

#[test]
fn dates_are_days_since_1970_in_local_time() {
    check(&[
        ("today()", "2026-11-24"),
        ("now()", "2026-11-24T15:30:00.000+04:00"),
        ("today() = '2026-11-24'", "true"),
        ("${day} < today()", "true"),
        ("${day} <= now()", "true"),
        ("today() - ${day}", "4"),
        ("${day} > '2026-11-19'", "true"),
        ("${day} = date('2026-11-20')", "true"),
        ("date('1970-01-02') + 0", "1"),
        ("date(1)", "1970-01-02"),
        ("date(20781)", "2026-11-24"),
        ("date('rubbish')", ""),
        ("date(${empty})", ""),
        ("date(today() - 1)", "2026-11-23"),
        ("decimal-date-time('1970-01-03')", "2"),
        ("decimal-date-time('1970-01-02T12:00:00Z')", "1.5"),
        ("decimal-date-time(${empty})", ""),
        ("decimal-time(${hour})", "0.25"),
        ("now() > ${moment}", "true"),
        ("${moment} > today()", "true"),
        ("format-date(${day}, '%d.%m.%Y')", "20.11.2026"),
        ("format-date(${day}, '%e/%n/%y %b %a')", "20/11/26 Nov Fri"),
        ("format-date-time(now(), '%H:%M:%S.%3 %h%%')", "15:30:00.000 15%"),
        ("format-date(${empty}, '%Y')", ""),
    ]);
}

#[test]
fn answers_of_a_repeat_are_a_set_from_outside() {
    check(&[
        ("count(${person})", "3"),
        ("count(${age})", "3"),
        ("count(${nothing})", "0"),
        ("count-non-empty(${age})", "2"),
        ("count-non-empty(${person})", "3"),
        ("sum(${age})", "42"),
        ("sum(${none})", "0"),
        ("min(${age})", "12"),
        ("max(${age})", "30"),
        ("string(max(${none}))", "NaN"),
        ("join(', ', ${nick})", "a, ə, "),
        ("${age} = 12", "true"),
        ("${age} = 30", "true"),
        ("${age} > 29", "true"),
        ("${age} > 30", "false"),
        ("indexed-repeat(${age}, ${person}, 3)", "12"),
        ("indexed-repeat(${age}, ${person}, 4)", ""),
        ("indexed-repeat(${age}, ${person}, 0)", "30"),
        ("count(${age} | ${nick})", "6"),
        ("count(${age} | ${age})", "3"),
    ]);
}

#[test]
fn paths_that_forms_use_mean_the_same_as_references() {
    check(&[("../seven", "7"), ("/data/seven", "7"), ("sum(/data/person/age)", "42"), ("../seven + ./../half", "7.5")]);
}
