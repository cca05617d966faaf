//! The store on a disk that fails: power cuts, errors, no room, rot.

#[cfg(test)]
mod errors;
#[cfg(all(test, target_os = "linux"))]
mod full;
#[cfg(test)]
mod power;
#[cfg(test)]
mod rot;
#[cfg(test)]
mod told;
#[cfg(test)]
mod work;
