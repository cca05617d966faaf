//! Handing an attachment in.

use kend_sync::{BlobDeed, BlobStanding, RefusalCode};

use super::line::Said;
use super::{End, Keeper, MOST_WRONG, MoveError, Mover, MovingPlan, Waiting, not_kept};

/// Where the hub stands with one.
enum At {
    /// It told so.
    Known(u64),
    /// The line broke: it has to be asked.
    Unknown,
}

impl<K: Keeper> Mover<'_, K> {
    /// Hands an attachment in from where the hub stands.
    pub(super) async fn hand_in(
        &mut self,
        plan: &MovingPlan,
        waiting: &Waiting,
        stands_at: u64,
    ) -> Result<End, MoveError> {
        let (mut at, mut arrived, mut stuck, mut wrong) = (At::Known(stands_at), stands_at, 0, 0);
        // How long the piece was under way that the line broke off.
        let mut broke_after_ms = 0;
        loop {
            let left_ms = self.moved.pace.time_ms(waiting.size_bytes.saturating_sub(arrived));
            self.keeper.note_progress(waiting, arrived, left_ms).await;
            let (deed, body) = match at {
                At::Unknown => (BlobDeed::Create { length: waiting.size_bytes }, Vec::new()),
                At::Known(offset) => {
                    let Some(most_bytes) = self.piece_bytes().await else { return Ok(End::Later) };
                    let body = match self.keeper.read(waiting.id, offset, most_bytes).await {
                        Ok(body) => body,
                        Err(why) => return not_kept(why),
                    };
                    let first = BlobDeed::Create { length: waiting.size_bytes };
                    (if offset == 0 { first } else { BlobDeed::Append { offset } }, body)
                }
            };
            let sent_bytes = body.len() as u64;
            let began_ms = kend_world::monotonic_ms();
            let said = self.line.ask(self.keeper, plan, waiting.id, deed, body).await?;
            self.went(sent_bytes, 0);
            match said {
                Said::Answer(answer, _, took_ms) => {
                    let brought = answer.offset.saturating_sub(arrived);
                    // What a question tells has arrived before.
                    let took_ms = if sent_bytes > 0 { took_ms } else { broke_after_ms };
                    self.moved.pace = self.moved.pace.carried(brought, took_ms);
                    if answer.complete {
                        let receipt = answer.receipt.clone();
                        let standing = BlobStanding { known: true, offset: answer.offset, complete: true, receipt };
                        self.heard(plan, &waiting.id, &standing).await?;
                        self.moved.handed_in += 1;
                        return Ok(End::Done);
                    }
                    if brought > 0 {
                        stuck = 0;
                    } else {
                        self.stuck(&mut stuck).await?;
                    }
                    arrived = answer.offset;
                    at = At::Known(answer.offset);
                }
                Said::Broken => {
                    // The hub keeps what a line that broke did bring: it is asked at once how much that is.
                    if sent_bytes == 0 {
                        self.stuck(&mut stuck).await?;
                    } else {
                        broke_after_ms = kend_world::monotonic_ms().saturating_sub(began_ms);
                    }
                    at = At::Unknown;
                }
                Said::Refused(RefusalCode::BadRequest) if sent_bytes > 0 => {
                    // A body that the line cut short reads so.
                    self.stuck(&mut stuck).await?;
                    at = At::Unknown;
                }
                Said::Refused(RefusalCode::Damaged) => {
                    self.moved.wrong += 1;
                    wrong += 1;
                    match self.keeper.is_sound(waiting.id).await {
                        Ok(true) if wrong < MOST_WRONG => at = At::Unknown,
                        Ok(true) => return Ok(End::NotNow),
                        Ok(false) => {
                            self.moved.damaged_here += 1;
                            return Ok(End::NotNow);
                        }
                        Err(why) => return not_kept(why),
                    }
                }
                // Its entry was erased, or is not there yet.
                Said::Refused(RefusalCode::NotFound) => return Ok(End::NotNow),
                Said::Refused(RefusalCode::Quota) => {
                    self.no_more_up = true;
                    return Ok(End::NotNow);
                }
                Said::Refused(code) => return Err(MoveError::Refused(code)),
            }
        }
    }
}
