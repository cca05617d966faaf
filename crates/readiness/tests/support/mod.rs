//! The example of method 7.5, as a document and as input.

use kend_readiness::MergeInput;

/// The document of the example; parameters are left to the method's defaults, which are those of the example.
pub(crate) const EXAMPLE: &str = include_str!("../../../../schema/examples/readiness-merge-input.json");

/// The input of the example.
#[expect(clippy::expect_used, reason = "without the example there is nothing to test")]
pub(crate) fn example() -> MergeInput {
    MergeInput::read(EXAMPLE).expect("the example is valid")
}
