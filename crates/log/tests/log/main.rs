//! The log's public behaviour.

#[cfg(test)]
mod common;
#[cfg(test)]
mod fold;
#[cfg(test)]
mod segment;
#[cfg(test)]
mod state;
