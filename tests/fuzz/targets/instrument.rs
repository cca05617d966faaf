//! Instruments: three sheets, parted by form feeds.
#![no_main]

use kend_form::{Instrument, Sheets};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut sheets = text.splitn(3, '\u{c}').map(str::trim_start);
    let mut sheet = || sheets.next().unwrap_or_default();
    let (survey, choices, settings) = (sheet(), sheet(), sheet());
    let _ = Instrument::read(&Sheets { survey, choices, settings });
});
