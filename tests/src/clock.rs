//! The only place of the harness that reads a clock: how long to wait, and how long something took.

use std::time::{Duration, Instant};

#[expect(clippy::disallowed_methods, reason = "the harness stands at the rim: it waits for real processes")]
fn now() -> Instant {
    Instant::now()
}

/// How long something took.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self(now())
    }

    /// Since the start.
    pub fn elapsed(&self) -> Duration {
        now().saturating_duration_since(self.0)
    }
}

/// The end of a wait.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    watch: Stopwatch,
    limit: Duration,
}

impl Deadline {
    /// A wait that may last so long from now on.
    pub fn after(limit: Duration) -> Self {
        Self { watch: Stopwatch::start(), limit }
    }

    /// Whether the wait is over.
    pub fn has_passed(&self) -> bool {
        self.watch.elapsed() >= self.limit
    }

    /// What is said when it was in vain: `waited 20 s for ...`.
    pub fn in_vain(&self, what: &str) -> String {
        format!("waited {} s for {what}", self.limit.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_says_how_long_and_for_what_it_was() {
        let deadline = Deadline::after(Duration::ZERO);
        assert!(deadline.has_passed());
        assert_eq!(deadline.in_vain("the hub's address"), "waited 0 s for the hub's address");
        assert!(!Deadline::after(Duration::from_hours(1)).has_passed());
    }
}
