//! The office's report: one page in one file, made of a [`Country`] alone, that reads without a network and without scripts.
//!
//! Every picture has a sentence that says the same and a table behind it; what is missing, invented or not to be relied on
//! stands at the top. The page is put together by `maud`, which escapes everything that is put in: names and file names
//! come from other people. The same country gives the same bytes. For a village committee's leaflet see the app.

mod changes;
mod classes;
mod clusters;
mod data;
mod drives;
mod gaps;
mod head;
mod map;
mod method;
mod page;
mod picture;
mod plot;
mod rayons;
mod sensitivity;
mod text;
mod words;

use std::path::{Path, PathBuf};

use kend_domain::{Language, ReadinessClass};
use maud::{DOCTYPE, Markup, PreEscaped, html};

pub use self::sensitivity::SensitivityError;
use self::{page::Page, picture::picture, sensitivity::Sensitivity};
use crate::{
    build::Country,
    outputs::{OutputError, Outputs},
};

const STYLE: &str = include_str!("report/style.css");
/// Sorts tables; the page reads without it.
const SCRIPT: &str = include_str!("report/sort.js");
/// Letters of the fingerprint that are shown: enough that no two results of an office share them.
const FINGERPRINT: usize = 16;

/// A report that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A map cannot be drawn.
    #[error("a map cannot be drawn")]
    Picture(#[from] png::EncodingError),
    /// The dependence on choices cannot be worked out.
    #[error("how far ranks depend on choices cannot be worked out")]
    Sensitivity(#[from] SensitivityError),
    /// The manifest cannot be told apart from others.
    #[error("the manifest cannot be read")]
    Manifest(#[from] serde_json::Error),
    /// A file cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// A country with what takes long to work out, ready to be told in any language.
#[derive(Debug)]
pub struct CountryReport<'a> {
    country: &'a Country,
    sensitivity: Option<Sensitivity>,
    index_picture: String,
    /// Of the clusters of each class, lowest first.
    cluster_pictures: Vec<String>,
    fingerprint: String,
}

impl<'a> CountryReport<'a> {
    /// Draws the maps and draws choices anew, as often and from the seed that the country was built with.
    pub fn new(country: &'a Country) -> Result<Self, ReportError> {
        let of_class = |class: &ReadinessClass| picture(country, &clusters::paint(country, *class), &[]);
        let hash = blake3::hash(&serde_json::to_vec(&country.manifest)?).to_hex();
        Ok(Self {
            country,
            sensitivity: Sensitivity::of(country)?,
            index_picture: picture(country, &classes::paint(country), &classes::unsure_cells(country))?,
            cluster_pictures: ReadinessClass::ALL.iter().map(of_class).collect::<Result<_, _>>()?,
            fingerprint: hash.chars().take(FINGERPRINT).collect(),
        })
    }

    /// The page in a language.
    pub fn html(&self, language: Language) -> String {
        let page = Page::new(self.country, self.sensitivity.as_ref(), language);
        let body = html! {
            (head::head(&page, &self.fingerprint))
            (contents(&page))
            (head::limits(&page))
            (classes::classes(&page, &self.index_picture))
            (changes::changes(&page))
            (clusters::clusters(&page, &self.cluster_pictures))
            (gaps::gaps(&page))
            (rayons::rayons(&page))
            (drives::drives(&page))
            (data::data(&page))
            (method::method(&page))
        };
        document(&page, &body).into_string()
    }
}

fn contents(page: &Page<'_>) -> Markup {
    let words = page.words;
    let changes = page.country.changes.as_ref().map(|_| ("changes", &words.changes.title));
    let first = [("limits", &words.limits.title), ("map", &words.map.title)];
    let rest = [
        ("clusters", &words.clusters.title),
        ("gaps", &words.gaps.title),
        ("rayons", &words.rayons.title),
        ("drives", &words.drives.title),
        ("data", &words.data.title),
        ("method", &words.method.title),
    ];
    html! {
        nav aria-label=(page.say(&words.head.contents)) {
            ul { @for (id, title) in first.into_iter().chain(changes).chain(rest) { li { a href={ "#" (id) } { (page.say(title)) } } } }
        }
    }
}

fn document(page: &Page<'_>, body: &Markup) -> Markup {
    let title = page.say(&page.words.head.title);
    // What the page may load: nothing but what lies in it.
    let policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
    html! {
        (DOCTYPE)
        html lang=(page.language) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { @if page.country.manifest.synthetic { (page.say(&page.words.head.synthetic)) ": " } (title) }
                style { (PreEscaped(STYLE)) }
            }
            body.synthetic-page[page.country.manifest.synthetic] {
                main { (body) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

/// The name of a report in a folder of a result.
pub fn report_file(language: Language) -> String {
    format!("report.{}.html", language.word())
}

/// Writes the report in the given languages into the folder of a result, all or none, and gives the paths.
pub fn write_reports(country: &Country, out: &Path, languages: &[Language]) -> Result<Vec<PathBuf>, ReportError> {
    let files: Vec<(Language, PathBuf)> =
        languages.iter().map(|language| (*language, out.join(report_file(*language)))).collect();
    write_report_files(country, &files)?;
    Ok(files.into_iter().map(|(_, file)| file).collect())
}

/// Writes reports to files of any name, all or none.
pub fn write_report_files(country: &Country, files: &[(Language, PathBuf)]) -> Result<(), ReportError> {
    let report = CountryReport::new(country)?;
    let mut outputs = Outputs::default();
    for (language, file) in files {
        outputs.stage(file, report.html(*language))?;
    }
    Ok(outputs.commit()?)
}
