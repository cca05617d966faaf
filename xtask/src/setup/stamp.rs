//! Stamps: what a step was last done for, so that it is done again only when that changed.
//!
//! Content is compared, not times: a fresh checkout, a branch changed to and fro and a copied folder all tell right.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::house::House;

/// The state of a step's sources.
pub(crate) struct Stamp {
    file: PathBuf,
    content: String,
}

impl Stamp {
    /// Reads the sources, files or whole folders; one that does not exist counts as such.
    pub(crate) fn of(house: &House, name: &str, sources: &[&str]) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        for source in sources {
            take_in(&house.root.join(source), &mut hasher)?;
        }
        let file = house.kend_folder().join("stamps").join(name);
        Ok(Self { file, content: format!("{:016x}", hasher.finish()) })
    }

    /// Whether the step was done for just this state.
    pub(crate) fn is_fresh(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|content| content == self.content)
    }

    /// Keeps that it was.
    pub(crate) fn set(&self) -> Result<()> {
        let folder = self.file.parent().context("BUG: a stamp lies in a folder")?;
        fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
        fs::write(&self.file, &self.content).with_context(|| format!("can't write {}", self.file.display()))
    }
}

fn take_in(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    path.hash(hasher);
    if path.is_dir() {
        let entries: Result<Vec<_>, _> = fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect();
        let mut entries = entries.with_context(|| format!("can't list {}", path.display()))?;
        entries.sort();
        for entry in entries {
            take_in(&entry, hasher)?;
        }
    } else if path.is_file() {
        fs::read(path).with_context(|| format!("can't read {}", path.display()))?.hash(hasher);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_done_again_when_a_source_changed_and_only_then() {
        let folder = tempfile::tempdir().unwrap();
        let house = House { root: folder.path().to_owned(), target: PathBuf::new() };
        fs::create_dir_all(folder.path().join("ui/src")).unwrap();
        fs::write(folder.path().join("ui/src/a.ts"), "1").unwrap();
        let stamp = || Stamp::of(&house, "ui", &["ui/src", "ui/missing"]).unwrap();
        assert!(!stamp().is_fresh());
        stamp().set().unwrap();
        assert!(stamp().is_fresh());
        fs::write(folder.path().join("ui/src/b.ts"), "").unwrap();
        assert!(!stamp().is_fresh(), "a new file");
        stamp().set().unwrap();
        fs::write(folder.path().join("ui/src/a.ts"), "2").unwrap();
        assert!(!stamp().is_fresh(), "new content");
        stamp().set().unwrap();
        fs::rename(folder.path().join("ui/src/a.ts"), folder.path().join("ui/src/c.ts")).unwrap();
        assert!(!stamp().is_fresh(), "a new name");
    }
}
