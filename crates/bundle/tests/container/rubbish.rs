//! Files that are no bundles, by chance or on purpose.

use std::sync::LazyLock;

use kend_bundle::OpenError;
use proptest::prelude::*;

use crate::{Ending, key, one_volume, read, records};

#[test]
fn files_that_people_pick_by_mistake_are_no_bundles() {
    let png = b"\x89PNG\r\n\x1a\n";
    for rubbish in [&b""[..], b"age-encryption.org/v1\n", b"hello", png, &vec![0; 100_000]] {
        let (out, ending) = read(rubbish, &key(1));
        assert!(out.is_empty() && matches!(ending, Ending::Closed(OpenError::NotABundle)), "{ending:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..4_000)) {
        let (out, ending) = read(&bytes, &key(1));
        prop_assert!(out.is_empty());
        prop_assert!(matches!(ending, Ending::Closed(_)));
    }

    #[test]
    fn any_bytes_behind_a_true_beginning_hand_out_nothing_that_was_not_written(
        cut in 0_usize..700_000,
        bytes in proptest::collection::vec(any::<u8>(), 1..3_000),
    ) {
        static VOLUME: LazyLock<Vec<u8>> = LazyLock::new(|| one_volume(records()));
        let volume = &VOLUME;
        let altered = [&volume[..cut.min(volume.len())], &bytes[..]].concat();
        let (out, ending) = read(&altered, &key(1));
        prop_assert_eq!(&out[..], &records()[..out.len()]);
        let is_whole = matches!(ending, Ending::Whole { .. });
        prop_assert!(!is_whole);
    }
}
