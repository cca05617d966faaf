//! What the figures of an indicator are divided by, by its name in `per`.

use std::collections::BTreeSet;

use super::{ANNEX_ROWS, Declaration, PEOPLE, ROW_OF_PRODUCTS};

impl Declaration {
    /// What it is of, for messages: `indicator 44` or `figure population`.
    pub(crate) fn of(&self) -> String {
        let row = self.indicator.map(|row| format!("indicator {row}"));
        row.or_else(|| self.figure.as_ref().map(|name| format!("figure {name}"))).unwrap_or_default()
    }

    /// Whether it gives the inhabitants of zones, which can stand in for a raster of them.
    pub(crate) fn is_people(&self) -> bool {
        self.figure.as_deref() == Some(PEOPLE) && !self.region
    }

    pub(super) fn divisor_problem(&self, figures: &BTreeSet<&str>, totals: &BTreeSet<u8>) -> Option<String> {
        let per = self.per.as_deref()?;
        match Divisor::of(per, figures) {
            Some(Divisor::Indicator(row)) if self.indicator == Some(row) => {
                Some("per: an indicator is not divided by itself".to_owned())
            }
            Some(Divisor::Indicator(row)) if !totals.contains(&row) || row == ROW_OF_PRODUCTS => {
                Some(format!("per: no statistics declare one total for indicator {row}"))
            }
            Some(_) => None,
            None => Some(format!(
                "per: no statistics declare figure = \"{per}\", and it is none of population, population_15_65, \
                 zone_area_km2 and indicator N"
            )),
        }
    }
}

/// What an indicator is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Divisor<'a> {
    /// A declared figure.
    Figure(&'a str),
    /// People, from the raster of them.
    Population,
    /// People from 15 to 65, from the raster of them.
    WorkingAge,
    /// The area of the zone's outline, square kilometres.
    AreaKm2,
    /// The total of another indicator as declared, before it is divided itself.
    Indicator(u8),
}

impl<'a> Divisor<'a> {
    /// What a name means: a declared figure before the names that are always there.
    pub(crate) fn of(name: &'a str, figures: &BTreeSet<&str>) -> Option<Self> {
        match name {
            declared if figures.contains(declared) => Some(Self::Figure(declared)),
            PEOPLE => Some(Self::Population),
            "population_15_65" => Some(Self::WorkingAge),
            "zone_area_km2" => Some(Self::AreaKm2),
            other => {
                let row = other.strip_prefix("indicator ")?.parse().ok()?;
                ANNEX_ROWS.contains(&row).then_some(Self::Indicator(row))
            }
        }
    }
}
