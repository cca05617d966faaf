//! How much an index depends on the choices made for it, over any [`CompositeIndex`](crate::composite::CompositeIndex).
//!
//! An [`Experiment`] knows which choices are varied (`[robustness]` of the configuration) and works out the index for a
//! point of the unit cube, one coordinate a choice. On it stand [`rank_ranges`] (Monte Carlo) and [`effects`] (shares of
//! variance); [`removals`] and [`importances`] look at one item at a time. Randomness is handed in as a closure, so one
//! seed gives one result everywhere. Source: method 3; Saisana, Saltelli and Tarantola 2005, Journal of the Royal
//! Statistical Society A 168(2); OECD and JRC 2008, Handbook, step 7.

mod effects;
mod experiment;
mod importance;
mod print;
mod ranks;
mod removal;

pub use effects::{Effect, effects};
pub use experiment::Experiment;
pub use importance::{Flag, Importance, correlation, correlation_ratio, importances};
pub use print::{effects_csv, importance_csv, ranks_csv, removal_csv};
pub use ranks::{RankRange, rank_ranges};
pub use removal::{LARGEST, Removal, mean_rank_shift, removals};
