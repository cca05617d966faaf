//! What devices can add on a map: which rows take what, and the ground that ways to a new place are laid over.

use kend_cells::Surface;
use kend_pack::{AddedKind, Friction, MAX_WINDOW_CELLS, RowAddition, Window};
use kend_readiness::{Direction, IndicatorKind, cells::ScoreRule};

use super::{
    content::{Source, in_own_unit},
    error::MakePackError,
};
use crate::build::{ColumnStatus, ColumnValues, Country, IndicatorColumn, number::place};

/// The rows that take something new, and why others of their kinds take nothing.
pub(super) fn additions(source: &Source<'_>, remarks: &mut Vec<String>) -> Vec<RowAddition> {
    let mut all = Vec::new();
    let columns = source.country.indicators.iter();
    for column in columns.filter(|column| column.status == ColumnStatus::Used) {
        match added(source, column) {
            Ok(Some(added)) => all.push(RowAddition { row: column.row, added }),
            Ok(None) => {}
            Err(why) => remarks.push(format!("row {}: nothing new can be tried on a device: {why}", column.row)),
        }
    }
    all
}

fn added(source: &Source<'_>, column: &IndicatorColumn) -> Result<Option<AddedKind>, &'static str> {
    use IndicatorKind::{Coverage, Kde, TravelTime};
    if !matches!(column.kind, Kde | TravelTime | Coverage) {
        return Ok(None);
    }
    let direction = match column.rule {
        Some(ScoreRule::Goalposts(goalposts)) => Some(goalposts.direction),
        _ => None,
    };
    if matches!(column.values, ColumnValues::Zones(_)) {
        return Err("it is a figure of zones here");
    }
    let mut declared = source.folder.project.vectors.iter().filter(|declared| declared.indicator == Some(column.row));
    match column.kind {
        TravelTime if !in_own_unit(column) => Err("its score is a mean over several sets of destinations"),
        TravelTime if source.country.friction.is_empty() => {
            Err("the index was built before friction was kept: run `kend index build` again")
        }
        TravelTime if direction == Some(Direction::LessIsBetter) => Ok(Some(AddedKind::Destination)),
        Kde if declared.any(|declared| declared.weight.is_some()) => Err("its points have weights"),
        Kde if direction == Some(Direction::MoreIsBetter) => {
            Ok(Some(AddedKind::Point { bandwidth_km: source.folder.project.kernel.point_km }))
        }
        Coverage if column.rule == Some(ScoreRule::Coverage) => Ok(Some(AddedKind::Mast)),
        _ => Err("its rule is not of its kind"),
    }
}

/// The friction of a window of the country; nothing where there is none, or where a device would take too long with it.
pub(super) fn friction(country: &Country, window: Window) -> Result<Option<Friction>, MakePackError> {
    if country.friction.is_empty() {
        return Ok(None);
    }
    let whole = &country.grid;
    let grid = window.grid(whole)?;
    if grid.cells() > MAX_WINDOW_CELLS {
        return Ok(None);
    }
    let mut minutes = Surface::filled(grid, f32::INFINITY);
    let rows = (window.row..).zip(minutes.values_mut().chunks_exact_mut(place(window.columns)));
    for (row, minutes) in rows {
        let first = row * whole.columns() + window.column;
        let begin = country.land.partition_point(|index| *index < first);
        let own = country.land.iter().zip(&country.friction).skip(begin);
        for (index, friction) in own.take_while(|(index, _)| **index < first + window.columns) {
            if let Some(cell) = minutes.get_mut(place(index - first)) {
                *cell = *friction;
            }
        }
    }
    Ok(Some(Friction::of(&minutes)?))
}
