//! What happens when people, links and devices get in each other's way: one named test per case, as `docs/conflicts.md`
//! tells it to people.

mod answers;
mod devices;
mod document;
mod review;
