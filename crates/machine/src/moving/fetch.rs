//! Fetching an attachment.

use kend_sync::{BlobDeed, RefusalCode};

use super::line::Said;
use super::{End, Keeper, MOST_WRONG, MoveError, Mover, MovingPlan, Waiting, not_kept};

impl<K: Keeper> Mover<'_, K> {
    /// Fetches an attachment, going on with what is here of it.
    pub(super) async fn fetch(&mut self, plan: &MovingPlan, waiting: &Waiting) -> Result<End, MoveError> {
        let (mut stuck, mut wrong) = (0, 0);
        loop {
            let offset = match self.keeper.part_bytes(waiting.id).await {
                Ok(offset) => offset,
                Err(why) => return not_kept(why),
            };
            let left_ms = self.moved.pace.time_ms(waiting.size_bytes.saturating_sub(offset));
            self.keeper.note_progress(waiting, offset, left_ms).await;
            if offset >= waiting.size_bytes {
                match self.keeper.finish(waiting.id).await {
                    Ok(true) => {
                        self.moved.fetched += 1;
                        return Ok(End::Done);
                    }
                    Ok(false) => {}
                    Err(why) => return not_kept(why),
                }
                self.moved.wrong += 1;
                wrong += 1;
                if wrong >= MOST_WRONG {
                    self.keeper.note_damaged_there(waiting.id).await.map_err(|_| MoveError::Closed)?;
                    return Ok(End::NotNow);
                }
                continue;
            }
            let Some(piece_bytes) = self.piece_bytes().await else { return Ok(End::Later) };
            let most_bytes = Some(piece_bytes.min(waiting.size_bytes - offset));
            let deed = BlobDeed::Fetch { offset, most_bytes };
            match self.line.ask(self.keeper, plan, waiting.id, deed, Vec::new()).await? {
                Said::Answer(answer, bytes, took_ms)
                    if answer.offset == offset && answer.length == waiting.size_bytes =>
                {
                    let came = bytes.len() as u64;
                    self.went(0, came);
                    if came == 0 {
                        self.stuck(&mut stuck).await?;
                        continue;
                    }
                    self.moved.pace = self.moved.pace.carried(came, took_ms);
                    stuck = 0;
                    if let Err(why) = self.keeper.add(waiting.id, offset, bytes).await {
                        return not_kept(why);
                    }
                }
                Said::Answer(..) => return Err(MoveError::NoHub),
                Said::Broken => self.stuck(&mut stuck).await?,
                Said::Refused(RefusalCode::NotFound) => return Ok(End::NotNow),
                Said::Refused(code) => return Err(MoveError::Refused(code)),
            }
        }
    }
}
