//! What changed since the round before as a table: zones and clusters, the index and each dimension of each.

use kend_domain::{Dimension, Names, ReadinessClass};

use super::{
    changes::{Change, Changes},
    country::Country,
    tables::{partial, table},
};
use crate::results::{Column, Table};

/// The word for the index among dimensions.
const INDEX: &str = "index";

/// A line.
struct Line<'a> {
    of: &'static str,
    code: String,
    names: Option<&'a Names>,
    dimension: Option<Dimension>,
    change: &'a Change,
    classes: (Option<ReadinessClass>, Option<ReadinessClass>),
    on_former_area: Option<f64>,
}

/// The table.
pub(super) fn change_table(country: &Country, changes: &Changes) -> Table {
    let mut lines = Vec::new();
    let zones = changes.zones.iter().map(|zone| ("zone", zone));
    for (of, zone) in changes.areas.iter().map(|area| ("area", area)).chain(zones) {
        let line = |dimension, change| Line {
            of,
            code: zone.code.clone(),
            names: country.names_of(&zone.code),
            dimension,
            change,
            classes: (None, None),
            on_former_area: None,
        };
        lines.push(Line { classes: zone.classes, ..line(None, &zone.index) });
        lines.extend(zone.dimensions.iter().map(|(dimension, change)| line(Some(*dimension), change)));
    }
    for cluster in &changes.clusters {
        let line = |dimension, change| Line {
            of: "cluster",
            code: format!("{}-{}", cluster.class, cluster.id),
            names: Some(&cluster.names),
            dimension,
            change,
            classes: (None, None),
            on_former_area: None,
        };
        lines.push(Line { on_former_area: cluster.now_on_former_area, ..line(None, &cluster.index) });
        lines.extend(cluster.dimensions.iter().map(|(dimension, change)| line(Some(*dimension), change)));
    }
    let all = || lines.iter();
    let word = |class: ReadinessClass| class.to_string();
    let limit = |line: &Line<'_>| Some(line.change.error? * changes.changed_z);
    let columns = vec![
        Column::text("of", all().map(|line| Some(line.of.to_owned()))),
        Column::text("code", all().map(|line| Some(line.code.clone()))),
        Column::text("name_az", all().map(|line| Some(line.names?.az.clone()))),
        Column::text("name_en", all().map(|line| Some(line.names?.en.clone()))),
        Column::text("name_ru", all().map(|line| Some(line.names?.ru.clone()))),
        Column::text("value", all().map(|line| Some(line.dimension.map_or(INDEX, Dimension::word).to_owned()))),
        Column::number("former", all().map(|line| line.change.former)),
        Column::number("now", all().map(|line| line.change.now)),
        Column::number("difference", all().map(|line| line.change.difference())),
        Column::number("error", all().map(|line| line.change.error)),
        Column::number("changed_beyond", all().map(limit)),
        Column::text("state", all().map(|line| Some(line.change.state.word().to_owned()))),
        Column::text("former_class", all().map(|line| line.classes.0.map(word))),
        Column::text("class", all().map(|line| line.classes.1.map(word))),
        Column::number("now_on_former_area", all().map(|line| line.on_former_area)),
        partial(country, lines.len()),
    ];
    table("changes", columns)
}
