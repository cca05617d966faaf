//! The store on a disk that fails: power cuts, errors, no room, rot.

#[cfg(test)]
mod errors;
#[cfg(test)]
mod power;
#[cfg(test)]
mod rot;
#[cfg(test)]
mod work;
