//! How long a person waits for the readiness of their cluster after an interview: the whole command, from the store's
//! folded state to the view, and for the next card after an answer, beside one frame of a screen.
//!
//! `cargo bench -p kend-app --bench recalculate`. One frame of a 60 Hz screen is the limit that it is measured against.

#[expect(dead_code, reason = "the benchmark is refused nothing")]
#[path = "../tests/house/mod.rs"]
mod house;

use std::time::{Duration, Instant};

use house::House;
use serde_json::json;

const FRAME: Duration = Duration::from_millis(16);
const INTERVIEWS: u8 = 60;
const TURNS: usize = 100;

fn main() {
    // `cargo test --benches` runs this without the flag: nothing is to be measured then.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let mut house = House::of("Aysel", 1);
    for place in 0..INTERVIEWS {
        let village = if place % 2 == 0 { "Tovuz" } else { "Shamkir" };
        let interview = house.start(village, "fgd");
        house.fill(&interview, [1 + place % 5, 3, 2, 4, 1, 3, 4, 2, 3]);
        house.world.pass(90);
        house.ask("sign_off", json!({ "interview": interview }));
    }
    report("recalculate", &mut house, |house, _| {
        house.ask("read_readiness", json!({ "cluster": null }));
    });
    let interview = house.start("Tovuz", "fgd");
    house.fill(&interview, [1, 3, 2, 4, 1, 3, 4, 2, 3]);
    report("answer, with the whole interview as its view", &mut house, |house, turn| {
        house.answer(&interview, "health_level", json!((1 + turn % 5).to_string()));
    });
}

/// Times a command and prints half and nearly all of its turns beside the frame.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn report(name: &str, house: &mut House, turn: impl Fn(&mut House, usize)) {
    let mut times: Vec<Duration> = (0..TURNS)
        .map(|number| {
            let begun = Instant::now();
            turn(house, number);
            begun.elapsed()
        })
        .collect();
    times.sort();
    for (part, place) in [("p50", TURNS / 2), ("p99", TURNS - 1)] {
        if let Some(time) = times.get(place) {
            let share = time.as_secs_f64() / FRAME.as_secs_f64();
            println!("{name}, {INTERVIEWS} interviews, {part}: {time:.2?}, {share:.2} of a 16 ms frame");
        }
    }
}
