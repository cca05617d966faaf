//! The store's public behaviour.

#[cfg(test)]
mod blobs;
#[cfg(test)]
mod common;
mod copy;
#[cfg(test)]
mod erasure;
#[cfg(test)]
mod exchange;
#[cfg(test)]
mod keep;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod packed;
#[cfg(test)]
mod salvage;
#[cfg(test)]
mod shared;
