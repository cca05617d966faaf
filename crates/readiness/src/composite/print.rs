//! Results as tables of text: the only place where anything is rounded.

use super::{index::CompositeIndex, score::Scored, table::UnitTable};
use crate::outliers::Treatment;

/// Lines of text being written.
pub(crate) struct Table(csv::Writer<Vec<u8>>);

impl Table {
    pub(crate) fn new(header: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut table = Self(csv::Writer::from_writer(Vec::new()));
        table.line(header);
        table
    }

    pub(crate) fn line(&mut self, cells: impl IntoIterator<Item = impl AsRef<str>>) {
        #[expect(clippy::expect_used, reason = "a vector takes all bytes and every line has the cells of the header")]
        self.0
            .write_record(cells.into_iter().map(|cell| cell.as_ref().as_bytes().to_vec()))
            .expect("BUG: lines of a table are of one length");
    }

    pub(crate) fn text(self) -> String {
        String::from_utf8_lossy(&self.0.into_inner().unwrap_or_default()).into_owned()
    }
}

/// A number with so many decimals; empty where there is none, and never a negative zero.
pub(crate) fn number(value: Option<f64>, decimals: u8) -> String {
    let Some(value) = value else { return String::new() };
    let text = format!("{value:.*}", usize::from(decimals));
    let zero = text.chars().all(|letter| matches!(letter, '-' | '0' | '.'));
    text.strip_prefix('-').filter(|_| zero).map_or_else(|| text.clone(), str::to_owned)
}

/// A number with all its digits, as it was read or worked out.
fn whole(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// The result, a line for each unit: `unit`, `index`, `rank`, `class`; for each node `ID.score`, `ID.present_share`,
/// `ID.observed_share`; for each indicator `ID.raw`, `ID.value`, `ID.treated`, `ID.score`, `ID.status`.
///
/// Scores and shares have the decimals of the configuration, values all their digits; what is missing is empty. Lines
/// and columns stand in the order of the table and of the configuration.
pub fn results_csv(index: &CompositeIndex, table: &UnitTable, scored: &Scored) -> String {
    let config = index.config();
    let decimals = config.output.decimals;
    let mut header: Vec<String> = ["unit", "index", "rank", "class"].map(str::to_owned).to_vec();
    for node in &config.node {
        header.extend(["score", "present_share", "observed_share"].map(|column| format!("{}.{column}", node.id)));
    }
    for indicator in &config.indicator {
        let columns = ["raw", "value", "treated", "score", "status"];
        header.extend(columns.map(|column| format!("{}.{column}", indicator.id)));
    }
    let mut lines = Table::new(header);
    let class = |place: usize| config.classes.as_ref().and_then(|classes| classes.names.get(place));
    let results = scored.index.iter().zip(&scored.ranks).zip(&scored.classes).zip(table.units()).enumerate();
    for (place, (((value, rank), class_of), unit)) in results {
        let class = class_of.and_then(class).cloned().unwrap_or_default();
        let mut line = vec![unit.clone(), number(*value, decimals), number(*rank, 0), class];
        for node in scored.nodes.iter().filter_map(|units| units.get(place)) {
            line.push(number(node.value, decimals));
            line.push(number(Some(node.present_share), decimals));
            line.push(number(Some(node.observed_share), decimals));
        }
        for cell in scored.indicators.iter().filter_map(|indicator| indicator.cells.get(place)) {
            line.extend([cell.raw, cell.value, cell.treated].map(whole));
            line.push(number(cell.score, decimals));
            line.push(cell.status.word().to_owned());
        }
        lines.line(line);
    }
    lines.text()
}

/// What was done with each indicator: how many units were observed, its treatment, or why it gives no scores.
pub fn indicators_csv(index: &CompositeIndex, scored: &Scored) -> String {
    let decimals = index.config().output.decimals;
    let mut lines = Table::new(["indicator", "unit", "observed_share", "treatment", "left_out"]);
    for (place, (indicator, result)) in index.config().indicator.iter().zip(&scored.indicators).enumerate() {
        let (treatment, left_out) = match &result.rule {
            Ok(rule) => (rule.as_ref().map(|rule| words(rule.treatment)).unwrap_or_default(), String::new()),
            Err(reason) => (String::new(), reason.to_string()),
        };
        let share = number(Some(scored.observed_share(place)), decimals);
        lines.line([indicator.id.clone(), indicator.unit.clone(), share, treatment, left_out]);
    }
    lines.text()
}

fn words(treatment: Treatment) -> String {
    match treatment {
        Treatment::AsObserved => "as observed".to_owned(),
        Treatment::Winsorised { points, .. } => format!("winsorised: {points}"),
        Treatment::Logarithm { .. } => "logarithm".to_owned(),
        Treatment::MirroredLogarithm { .. } => "mirrored logarithm".to_owned(),
        Treatment::Clamped { .. } => "clamped to percentiles".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_when_they_are_written_and_zero_has_no_sign() {
        assert_eq!(number(Some(0.96249), 3), "0.962");
        assert_eq!(number(Some(-0.0001), 3), "0.000");
        assert_eq!(number(Some(-1.5), 1), "-1.5");
        assert_eq!(number(None, 3), "");
    }
}
