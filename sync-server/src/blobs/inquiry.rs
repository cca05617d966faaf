//! How far attachments are here, for a device that asks of many at once.

use kend_log::BlobId;
use kend_sync::protocol::{BLOBS_PATH, MAX_BLOBS, PROTOCOL};
use kend_sync::{BlobStanding, BlobsRequest, BlobsResponse, Claim, HttpResponse, KnownDevice, RefusalCode};

use super::line::receipt;
use super::table::{self, Held};
use crate::error::HubError;
use crate::hub::HubState;
use crate::sync::{busy, refusal, signed, who_asks};

/// Blobs that devices found damaged and that are yet to be looked at.
const MAX_DOUBTED: usize = 64;

/// Answers an inquiry. The lock is held.
pub(crate) fn answer(hub: &mut HubState, claim: Option<Claim>, body: &[u8]) -> HttpResponse {
    let Some(claim) = claim else { return refusal(RefusalCode::Signature) };
    let answer = take(hub, &claim, body).unwrap_or_else(|error| busy(&error));
    signed(hub, &claim, BLOBS_PATH, body, answer)
}

fn take(hub: &mut HubState, claim: &Claim, body: &[u8]) -> Result<HttpResponse, HubError> {
    let device = match who_asks(hub, claim, BLOBS_PATH, None, body)? {
        Ok(device) => device,
        Err(answer) => return Ok(answer),
    };
    let Ok(request) = BlobsRequest::decode(body) else { return Ok(refusal(RefusalCode::BadRequest)) };
    if request.protocol != PROTOCOL {
        return Ok(refusal(RefusalCode::Protocol));
    }
    for id in &request.damaged {
        let whole = may_hold(hub, &device, id)? && table::held(hub.store.connection(), id)? == Held::Whole;
        if whole && hub.doubted.len() < MAX_DOUBTED {
            hub.doubted.insert(*id);
        }
    }
    let standings = request.blobs.iter().map(|id| standing(hub, &device, id)).collect::<Result<_, _>>()?;
    let page = table::missing(hub.store.connection(), &request.missing_from, MAX_BLOBS)?;
    let missing_next = page.last().filter(|_| page.len() == MAX_BLOBS).and_then(|(id, _)| successor(id));
    let missing = page.into_iter().filter(|(_, scope)| device.may_hold(scope)).map(|(id, _)| id).collect();
    let ticket = hub.tickets.issue(claim.device);
    let response = BlobsResponse { protocol: PROTOCOL, ticket, standings, missing, missing_next };
    Ok(HttpResponse { status: 200, signature: None, body: response.encode() })
}

fn may_hold(hub: &HubState, device: &KnownDevice, id: &BlobId) -> Result<bool, HubError> {
    Ok(hub.store.blob(id)?.is_some_and(|blob| device.may_hold(&blob.scope)))
}

fn standing(hub: &HubState, device: &KnownDevice, id: &BlobId) -> Result<BlobStanding, HubError> {
    let Some(blob) = hub.store.blob(id)?.filter(|blob| device.may_hold(&blob.scope)) else {
        return Ok(BlobStanding::UNKNOWN);
    };
    Ok(match table::held(hub.store.connection(), id)? {
        Held::Nothing => BlobStanding { known: true, ..BlobStanding::UNKNOWN },
        Held::Part(offset) => BlobStanding { known: true, offset, complete: false, receipt: None },
        Held::Whole => {
            let receipt = receipt(hub, *id, blob.size_bytes)?;
            BlobStanding { known: true, offset: blob.size_bytes, complete: true, receipt }
        }
    })
}

/// The next possible id. None after the last.
fn successor(id: &BlobId) -> Option<BlobId> {
    let mut next = id.0;
    for byte in next.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            return Some(BlobId(next));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_every_id_but_the_last_comes_another() {
        let mut last = [0; 32];
        last[31] = 255;
        let mut next = [0; 32];
        next[30] = 1;
        assert_eq!(successor(&BlobId(last)), Some(BlobId(next)));
        assert_eq!(successor(&BlobId([255; 32])), None);
    }
}
