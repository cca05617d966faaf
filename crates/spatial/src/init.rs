//! A new project folder: whole, or not at all.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use kend_cells::{EqualArea, Speeds};
use kend_readiness::{INDICATORS_CSV, Method, Parameter};

use crate::{
    layers::{RASTERS, VECTORS},
    names::{NamesError, shipped_names},
};

/// The settings of a project, in its folder.
pub const INDEX_TOML: &str = "index.toml";
/// The indicators of a project.
pub(crate) const INDICATORS: &str = "indicators.csv";
/// The names of a project's zones.
pub(crate) const NAMES: &str = "names.csv";
/// The names of a project's economic regions, if it has any.
pub(crate) const REGIONS: &str = "regions.csv";
/// The folder of tables.
pub(crate) const STATISTICS: &str = "statistics";
/// What a folder says of itself.
pub(crate) const README: &str = "README.md";

const TEMPLATE: &str = include_str!("init/index.toml");
/// Folders for data, each with what it says of itself.
const FOLDERS: [(&str, &str); 3] = [
    (STATISTICS, include_str!("init/statistics.md")),
    (VECTORS, include_str!("init/vectors.md")),
    (RASTERS, include_str!("init/rasters.md")),
];

/// Why there is no new project.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The folder is in use.
    #[error("{} is there already and not empty; nothing in it was changed", folder.display())]
    Taken {
        /// The folder.
        folder: PathBuf,
    },
    /// A file or folder cannot be made.
    #[error("can't make {}", path.display())]
    Write {
        /// Its path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The shipped names cannot be used.
    #[error("the names as shipped")]
    Names(#[from] NamesError),
    /// The defaults cannot be put in TOML.
    #[error("the defaults as TOML")]
    Toml(#[from] toml::ser::Error),
}

/// Makes a project folder. One that is there has to be empty.
pub fn init(folder: &Path) -> Result<(), InitError> {
    new_folder(folder, |_| Ok(()))
}

/// Makes a project folder and puts more into it, all or nothing: `fill` gets a folder that has no name of its own yet.
pub(crate) fn new_folder<E: From<InitError>>(
    folder: &Path,
    fill: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| InitError::Write { path, source }
    };
    let there = match fs::symlink_metadata(folder) {
        Ok(metadata) => {
            let is_empty = metadata.is_dir() && fs::read_dir(folder).map_err(failed(folder))?.next().is_none();
            if !is_empty {
                return Err(InitError::Taken { folder: folder.to_owned() }.into());
            }
            true
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(failed(folder)(error).into()),
    };
    let part = OsString::from(format!(".kend-init.{}.part", std::process::id()));
    let part = Part(if there { folder.join(part) } else { folder.with_file_name(part) });

    for (file, text) in files()? {
        let path = part.0.join(file);
        let beside = path.parent().unwrap_or(&part.0);
        fs::create_dir_all(beside).map_err(failed(beside))?;
        write(&path, &text).map_err(failed(&path))?;
    }
    fill(&part.0)?;
    Ok(if there { moved_into(&part.0, folder) } else { fs::rename(&part.0, folder) }.map_err(failed(folder))?)
}

/// Moves what is in a folder into another, all or nothing. The other one stays what it is: somebody may stand in it.
fn moved_into(from: &Path, to: &Path) -> io::Result<()> {
    let mut moved: Vec<OsString> = Vec::new();
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        if let Err(error) = fs::rename(from.join(&name), to.join(&name)) {
            for name in &moved {
                // One that does not go back either is no reason to hide the first error.
                let _ = fs::rename(to.join(name), from.join(name));
            }
            return Err(error);
        }
        moved.push(name);
    }
    Ok(())
}

/// A folder that has no name of its own yet; what is left of it when this is dropped is removed.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // Renamed, it is not there any more; one that can't be removed is no reason to hide the first error.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    file.sync_all()
}

fn files() -> Result<Vec<(PathBuf, String)>, InitError> {
    let mut files = vec![
        (INDEX_TOML.into(), index_toml()?),
        (INDICATORS.into(), INDICATORS_CSV.to_owned()),
        (NAMES.into(), shipped_names()?),
    ];
    files.extend(FOLDERS.map(|(folder, text)| (Path::new(folder).join(README), text.to_owned())));
    Ok(files)
}

/// The settings of a new project: the template with the defaults of the method in its comments.
pub(crate) fn index_toml() -> Result<String, toml::ser::Error> {
    let method = Method::standard();
    let (missing, merge) = (&method.missing, &method.merge);
    let limits = [
        commented("indicator_min_share", &missing.indicator_min_share),
        commented("dimension_min_weight_share", &missing.dimension_min_weight_share),
        commented("index_min_dimensions", &missing.index_min_dimensions),
    ];
    let priors = [
        commented("lambda", &merge.lambda),
        commented("alpha", &merge.alpha),
        commented("nu0", &merge.nu0),
        commented("sigma0_sq", &merge.sigma0_sq),
        commented("sigma_m_sq", &merge.sigma_m_sq),
        commented("a", &merge.a),
        commented("kappa_cap", &merge.kappa_cap),
    ];
    let speeds = toml::to_string(&Speeds::default())?;
    let speeds: Vec<String> = speeds.lines().map(|line| format!("# {line}")).collect();
    Ok(TEMPLATE
        .replace("{centre_longitude}", &EqualArea::CENTRE_LONGITUDE.to_string())
        .replace("{centre_latitude}", &EqualArea::CENTRE_LATITUDE.to_string())
        .replace("{missing}", &limits.join("\n"))
        .replace("{speeds}", &speeds.join("\n"))
        .replace("{merge}", &priors.join("\n")))
}

/// A parameter as a comment that can be uncommented.
fn commented<T: std::fmt::Display>(name: &str, parameter: &Parameter<T>) -> String {
    let Parameter { value, minimum, maximum, unit, source } = parameter;
    format!("# {name} = {value}  # {unit}, {minimum} to {maximum}; {source}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_folder_has_everything_and_nothing_beside_it() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("office");
        init(&folder).unwrap();
        assert_eq!(names(scratch.path()), ["office"]);
        assert_eq!(names(&folder), ["index.toml", "indicators.csv", "names.csv", "rasters", "statistics", "vectors"]);
        for (data, _) in FOLDERS {
            assert_eq!(names(&folder.join(data)), ["README.md"]);
        }
        let written = fs::read_to_string(folder.join(NAMES)).unwrap();
        assert_eq!(crate::NameTable::read(&written).unwrap(), crate::NameTable::shipped().unwrap());
        assert_eq!(kend_readiness::read_indicators(INDICATORS_CSV).unwrap(), kend_readiness::indicators());
        // A place for a default is a word in braces; tables of the examples have a space behind theirs.
        let text = index_toml().unwrap();
        assert!(!text.split('{').skip(1).any(|rest| rest.starts_with(|letter: char| letter.is_alphabetic())));
    }

    #[test]
    fn a_folder_in_use_is_left_as_it_is_and_an_empty_one_is_taken() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("office");
        fs::create_dir(&folder).unwrap();
        init(&folder).unwrap();
        fs::write(folder.join(INDEX_TOML), "mine").unwrap();
        assert!(matches!(init(&folder), Err(InitError::Taken { .. })));
        assert_eq!(fs::read_to_string(folder.join(INDEX_TOML)).unwrap(), "mine");
        let file = scratch.path().join("file");
        fs::write(&file, "mine").unwrap();
        assert!(matches!(init(&file), Err(InitError::Taken { .. })));
        assert!(matches!(init(&file.join("below")), Err(InitError::Write { .. })));
        assert_eq!(names(scratch.path()), ["file", "office"]);
    }
}
