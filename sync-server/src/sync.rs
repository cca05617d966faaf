//! The hub's side of `/v1`: who is it, is the ticket fresh, then the protocol's own answer, signed.

use kend_log::PublicKeyBytes;
use kend_sync::protocol::{ENROL_PATH, PROTOCOL, PROTOCOL_FOLLOWING, ROSTER_PATH, SYNC_PATH};
use kend_sync::{
    Claim, EnrolRequest, HttpResponse, KnownDevice, Moment, Refusal, RefusalCode, RosterRequest, SyncRequest,
    answer_read, sign_answer,
};

use crate::ahead::Ahead;
use crate::below;
use crate::code;
use crate::error::HubError;
use crate::events;
use crate::hub::HubState;
use crate::people;
use crate::world;

/// Answers an exchange, of which something may have been read before. The lock is held: one request after the other reaches
/// the store.
pub(crate) fn exchange(hub: &mut HubState, claim: Option<Claim>, ahead: Option<Ahead>, body: &[u8]) -> HttpResponse {
    let Some(claim) = claim else { return refusal(RefusalCode::Signature) };
    let answer = take_exchange(hub, &claim, ahead, body).unwrap_or_else(|error| busy(&error));
    signed(hub, &claim, SYNC_PATH, body, answer)
}

/// Answers the roster of a hub below.
pub(crate) fn roster(hub: &mut HubState, claim: Option<Claim>, body: &[u8]) -> HttpResponse {
    let Some(claim) = claim else { return refusal(RefusalCode::Signature) };
    let answer = take_roster(hub, &claim, body).unwrap_or_else(|error| busy(&error));
    signed(hub, &claim, ROSTER_PATH, body, answer)
}

/// Takes in whole segments of an exchange whose body is still coming in, or broke off.
pub(crate) fn take_early(hub: &mut HubState, claim: &Claim, segments: &[Vec<u8>]) {
    for bytes in segments {
        if let Err(error) = kend_sync::take_early(bytes, claim.device, hub) {
            tracing::error!(%error, "the hub fails");
            return;
        }
    }
}

/// Answers an enrolment.
pub(crate) fn enrol(hub: &mut HubState, claim: Option<Claim>, body: &[u8]) -> HttpResponse {
    let Some(claim) = claim else { return refusal(RefusalCode::Signature) };
    let answer = take_enrolment(hub, &claim, body).unwrap_or_else(|error| busy(&error));
    signed(hub, &claim, ENROL_PATH, body, answer)
}

/// A request refused before anything of it was looked at.
pub(crate) fn refusal(code: RefusalCode) -> HttpResponse {
    let refusal = Refusal { code, ticket: None };
    HttpResponse { status: code.status(), signature: None, body: refusal.encode() }
}

/// A refusal that tells of somebody who tries what is not theirs.
fn refuse(claim: &Claim, path: &str, code: RefusalCode) -> HttpResponse {
    events::device_refused(claim.device, path, code);
    refusal(code)
}

/// The device that asks, or the answer to one that may not. `signed_by` is a key that was found to have signed the request.
pub(crate) fn who_asks(
    hub: &mut HubState,
    claim: &Claim,
    path: &str,
    signed_by: Option<PublicKeyBytes>,
    body: &[u8],
) -> Result<Result<KnownDevice, HttpResponse>, HubError> {
    let device = people::device(hub.store.connection(), claim.device)?;
    let signed = |key: &PublicKeyBytes| signed_by == Some(*key) || claim.holds(key, path, body);
    let Some(device) = device.filter(|device| signed(&device.key)) else {
        return Ok(Err(refuse(claim, path, RefusalCode::Signature)));
    };
    if !hub.tickets.take(claim.device, &claim.ticket) {
        let refusal = Refusal { code: RefusalCode::Ticket, ticket: Some(hub.tickets.issue(claim.device)) };
        return Ok(Err(HttpResponse { status: refusal.code.status(), signature: None, body: refusal.encode() }));
    }
    Ok(Ok(device))
}

fn take_roster(hub: &mut HubState, claim: &Claim, body: &[u8]) -> Result<HttpResponse, HubError> {
    let sender = match who_asks(hub, claim, ROSTER_PATH, None, body)? {
        Ok(sender) if sender.revoked => return Ok(refuse(claim, ROSTER_PATH, RefusalCode::Signature)),
        Ok(sender) => sender,
        Err(answer) => return Ok(answer),
    };
    let Ok(request) = RosterRequest::decode(body) else { return Ok(refusal(RefusalCode::BadRequest)) };
    if request.protocol != PROTOCOL {
        return Ok(refusal(RefusalCode::Protocol));
    }
    let response = below::answer(hub, &sender, &request)?;
    Ok(HttpResponse { status: 200, signature: None, body: response.encode() })
}

fn take_exchange(
    hub: &mut HubState,
    claim: &Claim,
    ahead: Option<Ahead>,
    body: &[u8],
) -> Result<HttpResponse, HubError> {
    let device = match who_asks(hub, claim, SYNC_PATH, ahead.as_ref().map(|ahead| ahead.key), body)? {
        Ok(device) => device,
        Err(answer) => return Ok(answer),
    };
    let (request, arrivals) = if let Some(Ahead { request, arrivals, .. }) = ahead {
        (request, arrivals)
    } else {
        hub.keys.note(device.device, device.key);
        let Ok(request) = SyncRequest::decode(body) else { return Ok(refusal(RefusalCode::BadRequest)) };
        (request, Vec::new())
    };
    if !(PROTOCOL..=PROTOCOL_FOLLOWING).contains(&request.protocol) {
        return Ok(refusal(RefusalCode::Protocol));
    }
    let protocol = claim.reads.max(request.protocol);
    let moment = Moment { hub_ms: world::wall_ms(), ticket: hub.tickets.issue(claim.device), protocol };
    let response = answer_read(&request, arrivals, &device, hub, moment)?;
    tracing::info!(
        device = %claim.device,
        segments_up = request.segments.len(),
        segments_down = response.segments.len(),
        set_aside = response.set_aside.len(),
        "exchange"
    );
    for aside in &response.set_aside {
        tracing::warn!(device = %claim.device, code = aside.code.word(), kept = aside.kept, "segment set aside");
    }
    Ok(HttpResponse { status: 200, signature: None, body: response.encode() })
}

fn take_enrolment(hub: &mut HubState, claim: &Claim, body: &[u8]) -> Result<HttpResponse, HubError> {
    let Ok(request) = EnrolRequest::decode(body) else { return Ok(refusal(RefusalCode::BadRequest)) };
    if request.protocol != PROTOCOL {
        return Ok(refusal(RefusalCode::Protocol));
    }
    if request.device != claim.device || !claim.holds(&request.device_key, ENROL_PATH, body) {
        return Ok(refuse(claim, ENROL_PATH, RefusalCode::Signature));
    }
    // A code that can't be one is not worth remembering a name for.
    let Some(public_part) = code::public_part(&request.code) else {
        return Ok(refuse(claim, ENROL_PATH, RefusalCode::Code));
    };
    if !hub.tries.allow(&format!("enrol {public_part}"), world::monotonic_ms()) {
        return Ok(refuse(claim, ENROL_PATH, RefusalCode::TooManyTries));
    }
    match code::enrol(hub, &request)? {
        Ok(response) => {
            tracing::info!(device = %request.device, "enrolled");
            hub.keys.note(request.device, request.device_key);
            Ok(HttpResponse { status: 200, signature: None, body: response.encode() })
        }
        Err(code) => Ok(refuse(claim, ENROL_PATH, code)),
    }
}

/// Signs an answer.
pub(crate) fn signed(hub: &HubState, claim: &Claim, path: &str, body: &[u8], mut answer: HttpResponse) -> HttpResponse {
    let sign = |purpose: &str, message: &[u8]| hub.store.sign(purpose, message);
    answer.signature = Some(sign_answer(&sign, &claim.digest(path, body), answer.status, &answer.body));
    answer
}

/// The answer of a hub that fails.
pub(crate) fn busy(error: &HubError) -> HttpResponse {
    tracing::error!(%error, "the hub fails");
    refusal(RefusalCode::Busy)
}
