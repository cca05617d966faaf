//! Numbers of the profiles of clusters and rayons (Table 7 of the report) that a device cannot tell from the rest of a pack:
//! people, area, density and the number of settlements it shows by itself.

use geo::Geometry;
use kend_domain::Names;
use kend_pack::ProfileNumber;
use kend_readiness::{IndicatorKind, indicator};

use super::{
    content::{Source, filled, in_own_unit, kept},
    error::MakePackError,
    places::{Settlement, Spot},
};
use crate::{
    build::{ColumnStatus, IndicatorColumn, number::real},
    project::{VectorDeclaration, VectorRole},
};

/// Row of Annex I whose layers are tourist attractions.
const ATTRACTIONS_ROW: u8 = 11;

/// What profiles count.
pub(super) struct Profiles<'a> {
    pub(super) settlements: &'a [Settlement],
    /// Points of layers, each kind with its name; none where no layer is declared.
    points: Vec<(Names, Vec<Spot>)>,
}

impl<'a> Profiles<'a> {
    /// Reads the layers whose points are counted.
    pub(super) fn read(
        source: &Source<'_>,
        settlements: &'a [Settlement],
        remarks: &mut Vec<String>,
    ) -> Result<Self, MakePackError> {
        let vectors = source.folder.project.vectors.iter();
        let of_row: Vec<&VectorDeclaration> =
            vectors.filter(|declared| declared.indicator == Some(ATTRACTIONS_ROW)).collect();
        let kinds = [
            (names("görməli yerlər", "tourist attractions", "достопримечательности"), of_row),
            (
                names(
                    "turizm təklifi: görməli və yerləşdirmə yerləri",
                    "tourism supply: attractions and lodgings",
                    "предложение туризма: достопримечательности и места размещения",
                ),
                source.role(VectorRole::TourismSupply),
            ),
        ];
        let mut points = Vec::new();
        for (names, layers) in kinds {
            if layers.is_empty() {
                continue;
            }
            let mut spots = Vec::new();
            for declared in layers {
                let features = source.features(declared, remarks)?.into_iter();
                let found = features.filter_map(|feature| match feature.geometry {
                    Geometry::Point(at) => Spot::of(source, at),
                    _ => None,
                });
                spots.extend(found);
            }
            points.push((names, spots));
        }
        Ok(Self { settlements, points })
    }

    /// The numbers of what lies `inside`. `mean` gives the mean of a column there.
    pub(super) fn numbers(
        &self,
        source: &Source<'_>,
        inside: impl Fn(&Spot) -> bool,
        mean: impl Fn(&IndicatorColumn) -> Option<f64>,
    ) -> Vec<ProfileNumber> {
        let people = || names("nəfər", "persons", "человек");
        let own = self.settlements.iter().filter(|settlement| inside(&settlement.spot));
        // A settlement of nobody is one of which nothing is known.
        let peopled = own.filter_map(|settlement| settlement.place.population.filter(|people| *people > 0));
        let (least, most) = (peopled.clone().min(), peopled.max());
        let range = [
            (names("ən kiçik yaşayış məntəqəsi", "smallest settlement", "наименьший населённый пункт"), least),
            (names("ən böyük yaşayış məntəqəsi", "largest settlement", "наибольший населённый пункт"), most),
        ];
        let mut all: Vec<ProfileNumber> = Vec::new();
        for (name, value) in range {
            all.extend(value.map(|value| ProfileNumber { name, value: f64::from(value), unit: Some(people()) }));
        }
        all.extend(self.points.iter().map(|(name, spots)| ProfileNumber {
            name: name.clone(),
            value: real(spots.iter().filter(|spot| inside(spot)).count()),
            unit: None,
        }));
        let travel = source.country.indicators.iter().filter(|column| {
            column.kind == IndicatorKind::TravelTime && column.status == ColumnStatus::Used && in_own_unit(column)
        });
        all.extend(travel.filter_map(|column| {
            let indicator = indicator(column.row)?;
            let (name, unit) = (filled(&indicator.name), Some(filled(&indicator.unit_name)));
            Some(ProfileNumber { name, value: kept(mean(column)?), unit })
        }));
        all
    }
}

fn names(az: &str, en: &str, ru: &str) -> Names {
    Names { az: az.to_owned(), en: en.to_owned(), ru: ru.to_owned() }
}
