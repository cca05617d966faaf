//! What the generated tables say: which series stands in which sheet of which file, and how it is declared.

use super::{
    country::{Country, Zone},
    plan::REGIONS,
    random::{Purpose, Random},
};

/// Share of figures that are missing, except in [`MOSTLY_MISSING`] and in what others are divided by.
pub(super) const MISSING_SHARE: f64 = 0.04;
/// A row of which so many figures are missing that it cannot be used (method 2.4: at most 35 %), and their share.
pub(super) const MOSTLY_MISSING: (u8, f64) = (38, 0.45);

/// What a series is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// A row of Annex I.
    Row(u8),
    /// A figure that others are divided by.
    Figure(&'static str),
    /// A product of row 8.
    Product(&'static str),
}

/// A series of figures as published.
pub(super) struct Series {
    pub(super) of: Of,
    /// Caption of its column, or title of its sheet.
    pub(super) caption: &'static str,
    pub(super) unit: &'static str,
    pub(super) factor: f64,
    pub(super) per: Option<&'static str>,
    pub(super) decimals: usize,
    /// By zone, or by region in the order of [`REGIONS`].
    pub(super) values: Vec<Option<f64>>,
}

/// How a sheet is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// One series, a column for each year.
    Years,
    /// A column for each series, all of one year.
    Columns,
}

/// A sheet of a workbook, or the only one of delimited text.
pub(super) struct Sheet {
    pub(super) name: &'static str,
    pub(super) layout: Layout,
    pub(super) by_region: bool,
    pub(super) series: Vec<Series>,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Delimited text with this between cells and before decimals.
    Text { delimiter: char, decimal: char },
    /// A workbook.
    Workbook,
}

/// A file of statistics.
pub(super) struct Book {
    pub(super) file: &'static str,
    pub(super) kind: Kind,
    pub(super) sheets: Vec<Sheet>,
}

/// All files.
pub(super) fn books(country: &Country) -> Vec<Book> {
    let maker = Maker { country };
    let text = |delimiter, decimal| Kind::Text { delimiter, decimal };
    vec![
        Book { file: "population.csv", kind: text(';', ','), sheets: vec![years("", maker.population())] },
        Book { file: "ict.csv", kind: text('\t', '.'), sheets: vec![columns("", maker.ict())] },
        Book { file: "households.csv", kind: text(',', '.'), sheets: vec![columns("", maker.households())] },
        Book { file: "agriculture.csv", kind: text(';', ','), sheets: vec![columns("", maker.agriculture())] },
        Book { file: "enterprises.xlsx", kind: Kind::Workbook, sheets: maker.enterprises() },
        Book { file: "social.xlsx", kind: Kind::Workbook, sheets: vec![columns("Social", maker.social())] },
        Book { file: "tourism.xlsx", kind: Kind::Workbook, sheets: vec![columns("Tourism", maker.tourism())] },
        Book {
            file: "banks.xlsx",
            kind: Kind::Workbook,
            sheets: vec![Sheet { by_region: true, ..columns("Banks", maker.banks()) }],
        },
    ]
}

fn years(name: &'static str, series: Series) -> Sheet {
    Sheet { name, layout: Layout::Years, by_region: false, series: vec![series] }
}

fn columns(name: &'static str, series: Vec<Series>) -> Sheet {
    Sheet { name, layout: Layout::Columns, by_region: false, series }
}

const PER_CENT: f64 = 100.0;
const THOUSAND: f64 = 1e3;
const TEN_THOUSAND: f64 = 1e4;
const MILLION: f64 = 1e6;
const HECTARES_PER_KM2: f64 = 100.0;

struct Maker<'a> {
    country: &'a Country,
}

impl Maker<'_> {
    /// A series of whole figures by zone.
    fn series(
        &self,
        of: Of,
        caption: &'static str,
        (unit, factor, per): (&'static str, f64, Option<&'static str>),
        value: impl Fn(&Zone) -> f64,
    ) -> Series {
        let missing = match of {
            Of::Row(row) if row == MOSTLY_MISSING.0 => MOSTLY_MISSING.1,
            Of::Row(_) | Of::Product(_) => MISSING_SHARE,
            Of::Figure(_) => 0.0,
        };
        let mut random = Random::new(self.country.seed, Purpose::Missing, stream(of));
        let values = self.country.zones.iter().map(|zone| (random.share() >= missing).then(|| value(zone)));
        Series { of, caption, unit, factor, per, decimals: 0, values: values.collect() }
    }

    /// A row that is published as the rate it is.
    fn rate(&self, row: u8, caption: &'static str, unit: &'static str) -> Series {
        Series { decimals: 1, ..self.series(Of::Row(row), caption, (unit, 1.0, None), |zone| zone.value(row)) }
    }

    fn population(&self) -> Series {
        let unit = ("persons", THOUSAND, None);
        let series =
            self.series(Of::Figure("population"), "Əhalinin sayı, min nəfər", unit, |zone| zone.people / THOUSAND);
        Series { decimals: 1, ..series }
    }

    fn ict(&self) -> Vec<Series> {
        let by_enterprises = ("employers per 100 enterprises", PER_CENT, Some("enterprises"));
        let by_employees = ("employees per 100 employees", PER_CENT, Some("employees"));
        vec![
            self.rate(16, "Internet users per 100 people", "users per 100 people"),
            self.rate(37, "Computer users per 100 inhabitants", "users per 100 inhabitants"),
            self.series(Of::Row(38), "Employers using internet", by_enterprises, |zone| {
                enterprises(zone) * zone.value(38) / PER_CENT
            }),
            self.series(Of::Row(39), "Employees using computers", by_employees, |zone| {
                employees_of(zone) * zone.value(39) / PER_CENT
            }),
        ]
    }

    fn households(&self) -> Vec<Series> {
        let electricity = ("kWh per inhabitant per year", MILLION, Some("population"));
        let water = ("m3 per inhabitant per year", MILLION, Some("population"));
        let per_head = |row: u8| move |zone: &Zone| zone.people * zone.value(row) / MILLION;
        vec![
            self.rate(24, "Private vehicles per 100 families", "vehicles per 100 families"),
            Series {
                decimals: 3,
                ..self.series(Of::Row(26), "Electricity consumption, million kWh", electricity, per_head(26))
            },
            Series { decimals: 3, ..self.series(Of::Row(30), "Water consumption, million m3", water, per_head(30)) },
            self.rate(35, "Rural population, %", "%"),
            self.rate(36, "Population change over five years, %", "% over 5 years"),
        ]
    }

    fn agriculture(&self) -> Vec<Series> {
        let land = |zone: &Zone| zone.area_km2 * HECTARES_PER_KM2 * zone.value(5) / PER_CENT;
        let share = ("% of rayon area", PER_CENT / HECTARES_PER_KM2, Some("zone_area_km2"));
        let warehouses = ("warehouses per 1000 ha agricultural land", THOUSAND, Some("agricultural land"));
        // Tons of different products do not add (method 2.2): each has yields of its own, t per km2 of cropland.
        let tons = |yield_t: f64| move |zone: &Zone| cropland_km2(zone) * zone.standing(8) * yield_t;
        let product = |name, caption, yield_t| {
            let unit = ("product-standardised tons per km2 cropland", 1.0, None);
            self.series(Of::Product(name), caption, unit, tons(yield_t))
        };
        let farmers = ("farm employees per km2 cropland", 1.0, None);
        vec![
            self.series(Of::Row(5), "Kənd təsərrüfatına yararlı torpaq, ha", share, land),
            self.series(Of::Figure("agricultural land"), "O cümlədən istifadədə, ha", ("ha", 1.0, None), land),
            self.series(Of::Row(6), "Anbarların sayı", warehouses, |zone| land(zone) * zone.value(6) / THOUSAND),
            product("wheat", "Buğda, ton", 260.0),
            product("grapes", "Üzüm, ton", 40.0),
            product("vegetables", "Tərəvəz, ton", 120.0),
            self.series(Of::Row(10), "Kənd təsərrüfatı işçiləri, nəfər", farmers, |zone| {
                cropland_km2(zone) * zone.value(10)
            }),
        ]
    }

    fn enterprises(&self) -> Vec<Sheet> {
        let per_1000 = ("enterprises per 1000 persons 15-65", THOUSAND, Some("population_15_65"));
        let per_100 = ("employees per 100 persons 15-65", PER_CENT, Some("population_15_65"));
        let smes = ("SMEs per 1000 inhabitants", THOUSAND, Some("population"));
        let total = |name, unit| (Of::Figure(name), (unit, 1.0, None));
        let (enterprises_figure, enterprises_unit) = total("enterprises", "enterprises");
        let (employees_figure, employees_unit) = total("employees", "persons");
        let (row_1, row_2, row_46) = ("Number of enterprises", "Number of employees", "Registered SMEs");
        vec![
            years("1.1", self.series(Of::Row(1), row_1, per_1000, enterprises)),
            years("1.2", self.series(Of::Row(2), row_2, per_100, employees_of)),
            years("1.3", self.series(Of::Row(46), row_46, smes, |zone| zone.people * zone.value(46) / THOUSAND)),
            years("2.1", self.series(enterprises_figure, row_1, enterprises_unit, enterprises)),
            years("2.2", self.series(employees_figure, row_2, employees_unit, employees_of)),
        ]
    }

    fn social(&self) -> Vec<Series> {
        let pupils = ("pupils per 100 persons 6-16", PER_CENT, Some("persons 6-16"));
        let crimes = ("crimes per 10000 inhabitants", TEN_THOUSAND, Some("population"));
        let persons = ("persons", 1.0, None);
        vec![
            self.series(Of::Figure("persons 6-16"), "Persons aged 6-16", persons, Zone::people_6_16),
            self.series(Of::Row(41), "Pupils", pupils, |zone| zone.people_6_16() * zone.value(41) / PER_CENT),
            self.rate(44, "Physicians per 10 000", "physicians per 10000 inhabitants"),
            self.series(Of::Row(45), "Registered crimes", crimes, |zone| zone.people * zone.value(45) / TEN_THOUSAND),
        ]
    }

    fn tourism(&self) -> Vec<Series> {
        let beds = ("beds per 1000 inhabitants", THOUSAND, Some("population"));
        let stays = ("overnight stays per 1000 inhabitants", THOUSAND, Some("population"));
        let per_1000 = |row: u8| move |zone: &Zone| zone.people * zone.value(row) / THOUSAND;
        vec![
            self.series(Of::Row(13), "Beds in hotels", beds, per_1000(13)),
            self.series(Of::Row(14), "Overnight stays", stays, per_1000(14)),
        ]
    }

    fn banks(&self) -> Vec<Series> {
        let by_region = |row: u8, caption| {
            let values = (0..REGIONS.len()).map(|region| {
                let members = self.country.zones.iter().filter(|zone| zone.region == region);
                Some(members.map(|zone| zone.people * zone.value(row)).sum::<f64>() / MILLION)
            });
            let (unit, per) = ("AZN per inhabitant", Some("population"));
            Series { of: Of::Row(row), caption, unit, factor: MILLION, per, decimals: 2, values: values.collect() }
        };
        vec![by_region(49, "Savings, million AZN"), by_region(50, "Loans, million AZN")]
    }
}

fn enterprises(zone: &Zone) -> f64 {
    zone.people_15_65() * zone.value(1) / THOUSAND
}

fn employees_of(zone: &Zone) -> f64 {
    zone.people_15_65() * zone.value(2) / PER_CENT
}

fn cropland_km2(zone: &Zone) -> f64 {
    zone.area_km2 * zone.value(4) / PER_CENT
}

/// A stream of chance for each series.
fn stream(of: Of) -> u64 {
    const FIRST_PRODUCT: u64 = 100;
    match of {
        Of::Row(row) => row.into(),
        Of::Product(name) => FIRST_PRODUCT + name.len() as u64,
        Of::Figure(_) => 0,
    }
}
