//! Plain little-endian numbers, read without ever passing an end.

use crate::PackError;

/// What is left to read.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

fn short(what: &str) -> PackError {
    PackError::inconsistent(format!("the cells end before {what}"))
}

impl<'a> Reader<'a> {
    pub(crate) fn bytes(&mut self, count: usize, what: &str) -> Result<&'a [u8], PackError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(|| short(what))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N], PackError> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or_else(|| short(what))?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(crate) fn byte(&mut self, what: &str) -> Result<u8, PackError> {
        self.array::<1>(what).map(|[byte]| byte)
    }

    pub(crate) fn number(&mut self, what: &str) -> Result<u32, PackError> {
        self.array(what).map(u32::from_le_bytes)
    }

    /// So many values of `N` bytes each.
    fn column<const N: usize, T>(
        &mut self,
        count: usize,
        what: &str,
        of: fn([u8; N]) -> T,
    ) -> Result<Vec<T>, PackError> {
        let bytes = self.bytes(count.checked_mul(N).ok_or_else(|| short(what))?, what)?;
        Ok(bytes.as_chunks::<N>().0.iter().map(|chunk| of(*chunk)).collect())
    }

    pub(crate) fn f32s(&mut self, count: usize, what: &str) -> Result<Vec<f32>, PackError> {
        self.column(count, what, f32::from_le_bytes)
    }

    pub(crate) fn u16s(&mut self, count: usize, what: &str) -> Result<Vec<u16>, PackError> {
        self.column(count, what, u16::from_le_bytes)
    }
}

pub(crate) fn put_f32s(to: &mut Vec<u8>, values: &[f32]) {
    to.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

pub(crate) fn put_u16s(to: &mut Vec<u8>, values: &[u16]) {
    to.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}
