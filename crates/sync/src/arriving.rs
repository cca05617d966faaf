//! Whole segments of a body that is still coming in.
//!
//! A line may die at any moment. So that any contact long enough for one segment makes progress, a hub takes in what its
//! claimed sender wrote as soon as it is whole, before the request's own signature can be checked: the author's signature
//! over the segment is enough for that. Nothing is answered, acknowledged or set aside on the strength of it.

use std::ops::Range;

use kend_domain::DeviceId;
use kend_store::Arrival;

use crate::answer::{HubReplica, SegmentRights};
use crate::protocol::{MAX_HEAD_BYTES, MAX_SEGMENTS};

const LENGTH_BYTES: usize = 4;

/// Finds the segments in a body that grows.
#[derive(Debug, Default)]
pub struct Arriving {
    place: usize,
    segments_left: Option<usize>,
    ended: bool,
}

impl Arriving {
    /// Where the next segment that is whole stands in what has come so far; none when there is none yet, or none will come.
    pub fn next(&mut self, so_far: &[u8]) -> Option<Range<usize>> {
        if self.ended {
            return None;
        }
        if self.segments_left.is_none() {
            let head_bytes = length_at(so_far, 0)?;
            let count_place = LENGTH_BYTES + head_bytes;
            if head_bytes > MAX_HEAD_BYTES {
                self.ended = true;
                return None;
            }
            let count = length_at(so_far, count_place)?;
            self.ended = count > MAX_SEGMENTS;
            self.segments_left = Some(count);
            self.place = count_place + LENGTH_BYTES;
            if self.ended {
                return None;
            }
        }
        let left = self.segments_left.filter(|left| *left > 0)?;
        let start = self.place.checked_add(LENGTH_BYTES)?;
        let end = start.checked_add(length_at(so_far, self.place)?)?;
        if end > so_far.len() {
            return None;
        }
        self.place = end;
        self.segments_left = Some(left - 1);
        Some(start..end)
    }
}

fn length_at(bytes: &[u8], place: usize) -> Option<usize> {
    let length = bytes.get(place..)?.first_chunk::<LENGTH_BYTES>()?;
    usize::try_from(u32::from_le_bytes(*length)).ok()
}

/// Takes a segment in before its request is whole, if the claimed sender wrote and signed it and may write it. What does not
/// pass is left to the request as a whole.
pub fn take_early<H: HubReplica>(bytes: &[u8], claimed: DeviceId, hub: &mut H) -> Result<(), H::Error> {
    let held = |device, seq, prefix| {
        if device == claimed { hub.entry_before(device, seq, prefix) } else { Ok(None) }
    };
    let Ok(mut arrival) = Arrival::read_after(bytes, held)? else { return Ok(()) };
    let of_author = arrival.segment().log().device == claimed;
    let author = hub.device(claimed)?.filter(|author| of_author && !author.revoked);
    let Some(author) = author.filter(|author| arrival.verify(&author.key)) else { return Ok(()) };
    let segment = arrival.segment();
    let rights = SegmentRights::read(Some(segment), &author, hub)?;
    if segment.entries().iter().all(|entry| rights.allow(segment.log(), entry)) {
        hub.receive_read(bytes, Some(arrival), &rights)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SyncRequest;

    fn body(segments: Vec<Vec<u8>>) -> Vec<u8> {
        let request = SyncRequest::handing_over(segments);
        request.encode()
    }

    #[test]
    fn each_segment_is_found_as_soon_as_its_last_byte_is_there_and_once() {
        let segments = vec![b"first".to_vec(), Vec::new(), b"third one".to_vec()];
        let body = body(segments.clone());
        let mut arriving = Arriving::default();
        let (mut found, mut at) = (Vec::new(), Vec::new());
        for length in 0..=body.len() {
            while let Some(range) = arriving.next(&body[..length]) {
                at.push(length);
                found.push(body[range].to_vec());
            }
        }
        assert_eq!(found, segments);
        assert_eq!(at.last(), Some(&body.len()));
        assert_eq!(at[0], body.len() - 4 - 4 - "third one".len(), "the first is whole long before the end");
    }

    #[test]
    fn lengths_that_promise_more_than_is_allowed_find_nothing() {
        for lie in [vec![0xff; 64], [&[0; 4][..], &[0xff; 60]].concat()] {
            let mut arriving = Arriving::default();
            assert_eq!(arriving.next(&lie), None);
            assert_eq!(arriving.next(&[lie, vec![0; 1024]].concat()), None);
        }
    }
}
