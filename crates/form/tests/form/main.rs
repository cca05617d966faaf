//! The public behaviour of `kend-form`. The modules are marked as tests for the lints, which let tests unwrap.

#[cfg(test)]
mod attachments;
#[cfg(test)]
mod common;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod expressions;
#[cfg(test)]
mod instruments;
#[cfg(test)]
mod project;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod sittings;
