//! What the log says of security: one function an event, so that all that is ever logged of them stands here.
//!
//! Who signed in, from where, and who was refused what. A person is named by their id, a device by its own; never a name
//! that somebody typed (people type their passwords there), nor a secret, nor content.

use std::net::IpAddr;

use kend_app::api::ErrorCode;
use kend_domain::{DeviceId, PersonId};
use kend_sync::RefusalCode;

/// The target of all of them, to be filtered by.
const SECURITY: &str = "kend_hub::security";

/// Somebody signed in.
pub(crate) fn signed_in(person: PersonId, from: IpAddr) {
    tracing::info!(target: SECURITY, %person, %from, "signed in");
}

/// Somebody did not get in; the person is known when the name is one that somebody has.
pub(crate) fn sign_in_refused(person: Option<PersonId>, from: IpAddr, why: ErrorCode) {
    let person = person.map_or_else(|| "unknown".to_owned(), |person| person.to_string());
    tracing::warn!(target: SECURITY, person, %from, ?why, "sign-in refused");
}

/// A person's sessions ended, at their wish.
pub(crate) fn signed_out(person: PersonId, everywhere: bool) {
    tracing::info!(target: SECURITY, %person, everywhere, "signed out");
}

/// A person changed their password.
pub(crate) fn password_changed(person: PersonId) {
    tracing::info!(target: SECURITY, %person, "password changed");
}

/// A person could not change their password.
pub(crate) fn password_refused(person: PersonId, why: ErrorCode) {
    tracing::warn!(target: SECURITY, %person, ?why, "password change refused");
}

/// A person asked for what is not theirs, or is not there: from outside nobody can tell the two apart. The command is one
/// that exists.
pub(crate) fn command_refused(person: PersonId, command: &str, why: ErrorCode) {
    tracing::warn!(target: SECURITY, %person, command, ?why, "command refused");
}

/// A command that did not come from the hub's own page.
pub(crate) fn foreign_page(from: IpAddr) {
    tracing::warn!(target: SECURITY, %from, "command from another page refused");
}

/// A request of a device was refused. The device is the one that the request claims to come from.
pub(crate) fn device_refused(device: DeviceId, path: &str, code: RefusalCode) {
    tracing::warn!(target: SECURITY, %device, path, ?code, "device refused");
}

/// A hub below brought a device or person that it may not bring.
pub(crate) fn introduction_refused(hub: DeviceId, device: DeviceId) {
    tracing::warn!(target: SECURITY, %hub, %device, "introduction refused");
}
