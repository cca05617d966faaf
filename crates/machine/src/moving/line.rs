//! Requests about attachments, with a ticket each, and what comes back.

use kend_log::BlobId;
use kend_sync::{
    BlobAnswer, BlobDeed, BlobHead, BlobRequest, BlobsRequest, BlobsResponse, HttpResponse, Inquiry, InquiryAnswer,
    Refusal, RefusalCode, Ticket,
};

use super::{Keeper, MoveError, MovingPlan};
use crate::Network;
use crate::network::{Brought, Carried};

/// The line to the hub.
pub(super) struct Line<'a> {
    pub(super) network: &'a Network,
    pub(super) ticket: Ticket,
}

/// What came of a request about one attachment.
pub(super) enum Said {
    /// The hub's answer, what came of the bytes that it gave, and how long it all took.
    Answer(BlobAnswer, Vec<u8>, u64),
    /// The hub refuses.
    Refused(RefusalCode),
    /// The line broke, or what came is not the hub's.
    Broken,
}

impl Line<'_> {
    /// Asks about many.
    pub(super) async fn inquire<K: Keeper>(
        &mut self,
        keeper: &K,
        plan: &MovingPlan,
        request: BlobsRequest,
    ) -> Result<BlobsResponse, MoveError> {
        for _ in 0..2 {
            let (keys, ticket, asked) = (plan.keys, self.ticket, request.clone());
            let build = move |device, sign: kend_sync::Sign<'_>| Inquiry::ask(keys, &asked, device, &ticket, sign);
            let (inquiry, http) = keeper.sign(build).await.map_err(|_| MoveError::Closed)?;
            let brought = self.network.bring(&plan.address, plan.trust, Carried::from(http)).await;
            let Brought { status, signature, body, whole: true, .. } = brought.map_err(|why| match why {
                kend_app::NoAnswer::Unreachable => MoveError::NoLine,
                kend_app::NoAnswer::NotTrusted => MoveError::NotTrusted,
            })?
            else {
                return Err(MoveError::NoLine);
            };
            match inquiry.receive(&HttpResponse { status, signature, body }) {
                InquiryAnswer::Again(ticket) => self.ticket = ticket,
                InquiryAnswer::Told(told) => {
                    self.ticket = told.ticket;
                    return Ok(told);
                }
                InquiryAnswer::Refused(code) => return Err(MoveError::Refused(code)),
                InquiryAnswer::NoHub => return Err(MoveError::NoHub),
            }
        }
        Err(MoveError::Refused(RefusalCode::Ticket))
    }

    /// Asks about one.
    pub(super) async fn ask<K: Keeper>(
        &mut self,
        keeper: &K,
        plan: &MovingPlan,
        id: BlobId,
        deed: BlobDeed,
        body: Vec<u8>,
    ) -> Result<Said, MoveError> {
        let request = BlobRequest { id, deed };
        let hash = blake3::hash(&body);
        let most_bytes = match deed {
            BlobDeed::Fetch { most_bytes: Some(most_bytes), .. } => most_bytes,
            _ => 0,
        };
        for _ in 0..2 {
            let ticket = self.ticket;
            let build = move |device, sign: kend_sync::Sign<'_>| request.sign(device, &ticket, &hash, sign);
            let head = keeper.sign(build).await.map_err(|_| MoveError::Closed)?;
            let BlobHead { method, path, headers, digest } = head;
            let began_ms = kend_world::monotonic_ms();
            let Ok(method) = method.parse() else { return Ok(Said::Broken) };
            let carried = Carried { method, path, headers, body: body.clone(), most_bytes };
            let brought = match self.network.bring(&plan.address, plan.trust, carried).await {
                Ok(brought) => brought,
                Err(kend_app::NoAnswer::NotTrusted) => return Err(MoveError::NotTrusted),
                Err(kend_app::NoAnswer::Unreachable) => return Ok(Said::Broken),
            };
            let took_ms = kend_world::monotonic_ms().saturating_sub(began_ms);
            let find = |name: &'static str| brought.header(name);
            if let Some(answer) = BlobAnswer::read(&plan.keys.hub, &digest, brought.status, find) {
                self.ticket = answer.ticket;
                return Ok(Said::Answer(answer, brought.body, took_ms));
            }
            match Refusal::decode(&brought.body) {
                Ok(Refusal { code: RefusalCode::Ticket, ticket: Some(ticket) }) => self.ticket = ticket,
                Ok(Refusal { code, ticket }) => {
                    self.ticket = ticket.unwrap_or(self.ticket);
                    return Ok(Said::Refused(code));
                }
                Err(_) if brought.whole => return Err(MoveError::NoHub),
                Err(_) => return Ok(Said::Broken),
            }
        }
        Ok(Said::Refused(RefusalCode::Ticket))
    }
}
