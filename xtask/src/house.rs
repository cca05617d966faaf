//! Where things are, and how commands are started.
//!
//! A build cache outside the checkout is used when it is there and never needed: `CARGO_TARGET_DIR` counts first, then
//! `kend/target` in the person's cache folder, then the checkout's own `target`.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The checkout and its surroundings.
#[derive(Debug)]
pub(crate) struct House {
    /// The checkout.
    pub(crate) root: PathBuf,
    /// Where cargo builds.
    pub(crate) target: PathBuf,
}

impl House {
    /// Finds it from what cargo says when it runs this program. Where it was compiled may be another checkout: two of them
    /// can share a folder of builds.
    pub(crate) fn find() -> Result<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR").context("start it as `cargo xtask`")?;
        let root = Path::new(&manifest).parent().context("BUG: xtask lies in the checkout")?.to_owned();
        let target = target_folder(&root, |name| env::var_os(name).map(PathBuf::from));
        Ok(Self { root, target })
    }

    /// The folder of the UI.
    pub(crate) fn ui(&self) -> PathBuf {
        self.root.join("ui")
    }

    /// The folder of the built UI.
    pub(crate) fn built_ui(&self) -> PathBuf {
        self.ui().join("dist")
    }

    /// What running Kend here leaves behind; never committed.
    pub(crate) fn kend_folder(&self) -> PathBuf {
        self.root.join(".kend")
    }

    /// Tools that are built once, beside the builds: `cargo install` with this root.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// A tool that was built.
    pub(crate) fn tool(&self, name: &str) -> PathBuf {
        self.tools().join("bin").join(name)
    }

    /// A program of this workspace, as a debug build leaves it.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(name)
    }

    /// A program of this workspace, as a release build leaves it.
    pub(crate) fn released(&self, name: &str) -> PathBuf {
        self.target.join("release").join(name)
    }

    /// A command in the checkout, with cargo's folder set for all that it starts.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Command {
        let mut words = words.into_iter();
        let program = words.next();
        let mut command = Command::new(program.as_ref().map_or(OsStr::new("false"), AsRef::as_ref));
        command.args(words).current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        // Set for this program by `cargo run`; others would take them for their own.
        for (name, _) in env::vars_os() {
            let is_of_this_crate =
                name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"));
            if is_of_this_crate {
                command.env_remove(name);
            }
        }
        command
    }
}

/// A command as a person would type it.
pub(crate) fn as_typed(command: &Command) -> String {
    let words: Vec<_> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(OsStr::to_string_lossy).collect();
    words.join(" ")
}

/// Runs a command to its end; what it prints is shown.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let line = as_typed(command);
    println!("  $ {line}");
    let status = command.status().with_context(|| format!("can't start `{line}`"))?;
    ensure!(status.success(), "`{line}` failed ({status})");
    Ok(())
}

/// What a command prints; none when it can't be started or fails.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn target_folder(root: &Path, environment: impl Fn(&str) -> Option<PathBuf>) -> PathBuf {
    let given = |name: &str| environment(name).filter(|path| !path.as_os_str().is_empty());
    if let Some(target) = given("CARGO_TARGET_DIR") {
        return root.join(target);
    }
    let caches = given("XDG_CACHE_HOME").or_else(|| given("HOME").map(|home| home.join(".cache")));
    let cache = caches.map(|caches| caches.join("kend").join("target"));
    cache.filter(|cache| cache.is_dir()).unwrap_or_else(|| root.join("target"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_cache_is_used_when_it_is_there_and_never_needed() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        let cache = home.join(".cache/kend/target");
        let root = Path::new("/checkout");
        let at_home = |name: &str| (name == "HOME").then(|| home.clone());
        assert_eq!(target_folder(root, at_home), Path::new("/checkout/target"));
        std::fs::create_dir_all(&cache).unwrap();
        assert_eq!(target_folder(root, at_home), cache);
        let chosen = |name: &str| (name == "CARGO_TARGET_DIR").then(|| PathBuf::from("/elsewhere"));
        assert_eq!(target_folder(root, chosen), Path::new("/elsewhere"));
        assert_eq!(target_folder(root, |_| None), Path::new("/checkout/target"));
        assert_eq!(target_folder(root, |_| Some(PathBuf::new())), Path::new("/checkout/target"));
    }
}
