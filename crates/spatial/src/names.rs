//! Names of zones as people write them, matched exactly after folding and never by likeness: Ağdam and Ağdaş differ by one
//! letter, and so do Aghdam and Aghdara.

mod fold;

use std::collections::BTreeMap;

use geo::{LineString, MultiPolygon, Polygon};
use kend_domain::{AreaCode, BadArea, Names};
use serde::Deserialize;

pub use fold::folded;

/// Between other spellings in one cell.
const BETWEEN_SPELLINGS: char = ';';

const RAYONS_GEOJSON: &str = include_str!("../../../schema/rayons.geojson");
const SPELLINGS_CSV: &str = include_str!("../../../schema/spellings.csv");

/// A zone with its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// ISO 3166-2 code.
    pub code: AreaCode,
    /// Names in three languages.
    pub names: Names,
    /// Other spellings, and names of before.
    pub other: Vec<String>,
    /// The economic region that it belongs to, by its code in `regions.csv`.
    pub region: Option<AreaCode>,
}

/// A table of names that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NamesError {
    /// A line cannot be read.
    #[error("names cannot be read")]
    Line(#[from] csv::Error),
    /// There is no zone in it.
    #[error("there is no zone in it")]
    Empty,
    /// A code cannot be one.
    #[error("line {line}")]
    Code {
        /// Its line.
        line: usize,
        /// Why.
        #[source]
        source: BadArea,
    },
    /// A zone stands twice.
    #[error("lines {first} and {second} are both {code}")]
    Twice {
        /// Its code.
        code: AreaCode,
        /// A line.
        first: usize,
        /// The other.
        second: usize,
    },
    /// A name is that of two zones.
    #[error("`{name}` (line {second}) is read like a name of {code} (line {first})")]
    Shared {
        /// The name.
        name: String,
        /// Whose it is already.
        code: AreaCode,
        /// A line.
        first: usize,
        /// The other.
        second: usize,
    },
    /// A name is no name.
    #[error("line {line}: `{name}` has nothing to match by")]
    NoName {
        /// Its line.
        line: usize,
        /// The name.
        name: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    code: String,
    az: String,
    en: String,
    ru: String,
    other: String,
    #[serde(default)]
    region: String,
}

/// The zones of a project and all names they go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameTable {
    zones: Vec<Zone>,
    by_name: BTreeMap<String, usize>,
}

impl NameTable {
    /// Reads `names.csv`: columns `code, az, en, ru, other`, further spellings separated by `;`, and if there are economic
    /// regions `region`. `regions.csv`, the names of these, is read the same way.
    ///
    /// ```
    /// let names = kend_spatial::NameTable::read("code,az,en,ru,other\nAZ-SKR,Şəmkir,Shamkir,,Shamkhor\n").unwrap();
    /// let found = names.find("ŞƏMKİR rayonu 1)").unwrap();
    /// assert_eq!(found.code.as_str(), "AZ-SKR");
    /// assert!(names.find("Şəmkirr").is_none());
    /// ```
    pub fn read(sheet: &str) -> Result<Self, NamesError> {
        let sheet = sheet.strip_prefix('\u{FEFF}').unwrap_or(sheet);
        let mut reader = csv::Reader::from_reader(sheet.as_bytes());
        let mut lines = Vec::new();
        let mut records = reader.deserialize::<Line>();
        while let Some(line) = records.next() {
            let line = line?;
            // The position is that behind the line.
            let number = usize::try_from(records.reader().position().line()).unwrap_or(usize::MAX) - 1;
            let code = AreaCode::try_from(line.code.trim().to_owned())
                .map_err(|source| NamesError::Code { line: number, source })?;
            let region = match line.region.trim() {
                "" => None,
                code => Some(
                    AreaCode::try_from(code.to_owned()).map_err(|source| NamesError::Code { line: number, source })?,
                ),
            };
            let names = Names { az: line.az, en: line.en, ru: line.ru };
            let other = line.other.split(BETWEEN_SPELLINGS).map(str::trim).filter(|name| !name.is_empty());
            lines.push((number, Zone { code, names, other: other.map(str::to_owned).collect(), region }));
        }
        Self::of(lines)
    }

    fn of(lines: Vec<(usize, Zone)>) -> Result<Self, NamesError> {
        let mut by_name: BTreeMap<String, usize> = BTreeMap::new();
        for (place, (line, zone)) in lines.iter().enumerate() {
            if let Some((first, _)) = lines.iter().take(place).find(|(_, other)| other.code == zone.code) {
                return Err(NamesError::Twice { code: zone.code.clone(), first: *first, second: *line });
            }
            let names = [zone.code.as_str(), &zone.names.az, &zone.names.en, &zone.names.ru];
            let names = names.into_iter().chain(zone.other.iter().map(String::as_str));
            for name in names.filter(|name| !name.trim().is_empty()) {
                let key = folded(name);
                if key.is_empty() {
                    return Err(NamesError::NoName { line: *line, name: name.to_owned() });
                }
                let taken = by_name.insert(key, place).filter(|taken| *taken != place);
                if let Some((first, other)) = taken.and_then(|taken| lines.get(taken)) {
                    let code = other.code.clone();
                    return Err(NamesError::Shared { name: name.to_owned(), code, first: *first, second: *line });
                }
            }
        }
        if lines.is_empty() {
            return Err(NamesError::Empty);
        }
        Ok(Self { zones: lines.into_iter().map(|(_, zone)| zone).collect(), by_name })
    }

    /// The 74 rayons and cities that the State Statistical Committee reports, with the spellings Kend knows.
    pub fn shipped() -> Result<Self, NamesError> {
        Self::read(&shipped_names()?)
    }

    /// The zones in the order of the table.
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// The zone of a name or code, exact after [`folded`].
    pub fn find(&self, name: &str) -> Option<&Zone> {
        self.zones.get(*self.by_name.get(&folded(name))?)
    }
}

#[derive(Deserialize)]
struct Rayons {
    features: Vec<Rayon>,
}

#[derive(Deserialize)]
struct Rayon {
    properties: RayonNames,
    geometry: RayonOutline,
}

/// Rings of polygons in degrees; all outlines of the file are of this type.
#[derive(Deserialize)]
struct RayonOutline {
    coordinates: Vec<Vec<Vec<(f64, f64)>>>,
}

#[derive(Deserialize)]
struct RayonNames {
    code: String,
    name_az: String,
    name_en: String,
    name_ru: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spelling {
    code: String,
    #[serde(rename = "spelling")]
    name: String,
    #[serde(rename = "remark")]
    _remark: String,
}

fn shipped_rayons() -> Rayons {
    #[expect(clippy::expect_used, reason = "the file is part of the program; a test reads it")]
    serde_json::from_str(RAYONS_GEOJSON).expect("BUG: the shipped rayons are valid")
}

/// The outlines of the shipped zones in degrees, from Natural Earth (public domain).
pub(crate) fn shipped_outlines() -> Result<BTreeMap<AreaCode, MultiPolygon>, BadArea> {
    let outline = |rings: Vec<Vec<(f64, f64)>>| {
        let mut rings = rings.into_iter().map(LineString::from);
        Polygon::new(rings.next().unwrap_or_else(|| LineString::new(Vec::new())), rings.collect())
    };
    let outlines = shipped_rayons().features.into_iter().map(|Rayon { properties, geometry }| {
        let code = AreaCode::try_from(properties.code)?;
        Ok((code, MultiPolygon::new(geometry.coordinates.into_iter().map(outline).collect())))
    });
    outlines.collect()
}

/// The text of a new project's `names.csv`.
pub(crate) fn shipped_names() -> Result<String, NamesError> {
    let rayons = shipped_rayons();
    let spellings: Vec<Spelling> =
        csv::Reader::from_reader(SPELLINGS_CSV.as_bytes()).into_deserialize().collect::<Result<_, _>>()?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["code", "az", "en", "ru", "other"])?;
    for Rayon { properties: zone, .. } in &rayons.features {
        let other: Vec<&str> =
            spellings.iter().filter(|other| other.code == zone.code).map(|other| other.name.as_str()).collect();
        let other = other.join(&format!("{BETWEEN_SPELLINGS} "));
        writer.write_record([&zone.code, &zone.name_az, &zone.name_en, &zone.name_ru, &other])?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn code(name: &str) -> Option<String> {
        NameTable::shipped().unwrap().find(name).map(|zone| zone.code.to_string())
    }

    #[test]
    fn every_shipped_name_finds_its_zone_and_no_other() {
        let names = NameTable::shipped().unwrap();
        assert_eq!(names.zones().len(), 74);
        let spellings: Vec<Spelling> =
            csv::Reader::from_reader(SPELLINGS_CSV.as_bytes()).into_deserialize().map(Result::unwrap).collect();
        for spelling in spellings {
            assert_eq!(names.find(&spelling.name).unwrap().code.as_str(), spelling.code, "{}", spelling.name);
        }
    }

    #[test]
    fn names_are_found_in_all_spellings_that_tables_use() {
        let cases = [
            ("İmişli rayonu", "AZ-IMI"),
            ("IMISHLI DISTRICT", "AZ-IMI"),
            ("imisli", "AZ-IMI"),
            ("I\u{307}mis\u{327}li", "AZ-IMI"),
            ("Имишлинский район", "AZ-IMI"),
            ("Xaçmaz", "AZ-XAC"),
            ("Khachmaz\n district ", "AZ-XAC"),
            ("Zaqatala", "AZ-ZAQ"),
            ("Zagatala district 1)", "AZ-ZAQ"),
            ("Hacı-Qabul", "AZ-HAC"),
            ("Hajigabul", "AZ-HAC"),
            ("г.Баку", "AZ-BA"),
            ("Bakı ş.", "AZ-BA"),
            ("  Sumgait city*", "AZ-SM"),
            ("Шамкирский р-н", "AZ-SKR"),
            ("Șəki (1)", "AZ-SAK"),
            ("Däväçi", "AZ-SBN"),
            ("az-tov", "AZ-TOV"),
        ];
        for (name, expected) in cases {
            assert_eq!(code(name).as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn what_is_no_zone_is_not_made_one() {
        let others = [
            "Ağda",
            "Republic of Azerbaijan",
            "Absheron-Khizi economic region",
            "Quba-Xaçmaz iqtisadi rayonu",
            "Naxçıvan Muxtar Respublikası",
            "Nakhchivan Autonomous Republic",
            "",
            "rayons",
            "1)",
            "Quba;5",
            "Quba 2018",
        ];
        for name in others {
            assert_eq!(code(name), None, "{name}");
        }
    }

    #[test]
    fn a_table_in_which_a_name_is_not_one_zones_is_refused() {
        let read = |lines: &str| NameTable::read(&format!("code,az,en,ru,other\n{lines}")).unwrap_err().to_string();
        assert_eq!(read("AZ-A,Şuşa,,,\nAZ-B,Susha,,,\n"), "`Susha` (line 3) is read like a name of AZ-A (line 2)");
        assert_eq!(read("AZ-A,A,,,\n\nAZ-A,B,,,\n"), "lines 2 and 4 are both AZ-A");
        assert!(read("AZ A,A,,,\n").starts_with("line 2"));
        assert_eq!(read(""), "there is no zone in it");
        assert!(NameTable::read("code,az\nAZ-A,A\n").is_err());
    }
}
