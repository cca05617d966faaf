//! The merge: what data and voices say together, with its uncertainty (7.3, 7.4).
//!
//! Small by construction and reversible: lambda 0 gives the index back bit for bit, silent dimensions keep their value,
//! the merged class stays within a class of the data's. One entry, [`merge()`], serves screens and command line.

mod dimension;
mod index;
mod input;
mod output;

use std::collections::BTreeMap;

use kend_domain::{Dimension, ReadinessClass, Theme};

pub use dimension::{MergedDimension, merge_dimension, relation};
pub use index::class_probabilities;
pub use input::{
    DimensionInput, InterviewInput, MAX_INTERVIEWS, MAX_RATERS, MAX_YEARS, MergeInput, MergeParameters, ThemeInput,
};
pub use output::{DimensionOutput, IndexOutput, MergeOutput, ThemeOutput};

use crate::{
    field::{FieldEvidence, evidence},
    json::Fault,
    method::Method,
};

/// The merged index at one weight of the voices.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LambdaRow {
    /// Weight of the voices, 0 to 1; 0 is data alone.
    pub lambda: f64,
    /// Merged index, points.
    pub value: f64,
    /// Its standard error, points.
    pub se: f64,
    /// Merged class.
    pub class: ReadinessClass,
}

/// Merged readiness of a cluster from data and interviews.
///
/// The result does not depend on the order of interviews, to the last bit. A dimension without a value keeps its voices,
/// has no merged value, and the index is over the others with `partial` set. Input out of range is a [`Fault`] that
/// names the place.
///
/// ```
/// use kend_readiness::{MergeInput, Method, merge};
/// let input = MergeInput::read(r#"{
///     "dimensions": { "infrastructure": { "value": 37, "thresholds": [25, 36, 48, 62], "sd_mc": 5 } },
///     "index_thresholds": [26, 34, 44.5, 54], "years": 7, "villages_total": 8, "interviews": []
/// }"#)?;
/// let output = merge(&input, Method::standard())?;
/// assert_eq!(output.index.merged, Some(37.0), "nothing was heard");
/// assert!(output.partial && output.index.provisional);
/// # Ok::<(), kend_readiness::Fault>(())
/// ```
pub fn merge(input: &MergeInput, method: &Method) -> Result<MergeOutput, Fault> {
    input.check(method)?;
    let heard = evidence(&input.interviews, input.villages_total, &input.parameters, method);
    Ok(merge_heard(input, &heard, &input.parameters, method))
}

/// The merge at each lambda of the method's table (7.4), everything else as in the input; no rows without data.
pub fn lambda_table(input: &MergeInput, method: &Method) -> Result<Vec<LambdaRow>, Fault> {
    input.check(method)?;
    let heard = evidence(&input.interviews, input.villages_total, &input.parameters, method);
    let rows = method.lambda_table.iter().filter_map(|lambda| {
        let parameters = MergeParameters { lambda: *lambda, ..input.parameters.clone() };
        let index = merge_heard(input, &heard, &parameters, method).index;
        Some(LambdaRow { lambda: *lambda, value: index.merged?, se: index.se?, class: index.merged_class? })
    });
    Ok(rows.collect())
}

/// The merge of checked input with evidence already gathered.
fn merge_heard(
    input: &MergeInput,
    heard: &FieldEvidence,
    parameters: &MergeParameters,
    method: &Method,
) -> MergeOutput {
    let dimensions: BTreeMap<Dimension, DimensionOutput> = heard
        .dimensions
        .iter()
        .map(|(dimension, voice)| {
            let data = input.dimensions.get(dimension);
            (*dimension, dimension::output(data, *voice, input.years, parameters, method))
        })
        .collect();
    let themes = Theme::ALL
        .iter()
        .map(|theme| {
            let output =
                heard.themes.get(theme).map_or(ThemeOutput { q: None, v: None, villages: 0 }, |(voice, villages)| {
                    ThemeOutput { q: Some(voice.q), v: Some(voice.v), villages: *villages }
                });
            (*theme, output)
        })
        .collect();
    let index = index::output(input, &dimensions, heard, method);
    let partial = dimensions.values().any(|dimension| dimension.position.is_none());
    MergeOutput { index, dimensions, themes, partial }
}
