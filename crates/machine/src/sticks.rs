//! The sticks and cards that are plugged in, and the bundles that lie on them.

use std::fs;
use std::path::{Path, PathBuf};

use kend_app::api::{BundleFileView, StickView};
use kend_bundle::name;

/// Where Linux desktops put what is plugged in: below these, by person or not.
const MOUNT_ROOTS: [&str; 3] = ["/media", "/run/media", "/mnt"];
/// Names a folder to be offered like a stick.
const EXTRA: &str = "KEND_STICK";
/// Most files of one stick that are looked at.
const MOST_FILES: usize = 10_000;

/// What is plugged in now.
pub(crate) fn list() -> Vec<StickView> {
    let mut folders: Vec<PathBuf> = std::env::var_os(EXTRA).map(PathBuf::from).into_iter().collect();
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    folders
        .extend(mounts.lines().filter_map(|line| line.split(' ').nth(1)).map(unescaped).filter(|path| is_stick(path)));
    folders.dedup();
    folders.iter().filter(|folder| folder.is_dir()).map(|folder| view(folder)).collect()
}

fn is_stick(path: &Path) -> bool {
    MOUNT_ROOTS.iter().any(|root| path.starts_with(root) && path != Path::new(root))
}

/// The kernel writes a space in a path as `\040`.
fn unescaped(path: &str) -> PathBuf {
    PathBuf::from(path.replace("\\040", " "))
}

fn view(folder: &Path) -> StickView {
    let name =
        folder.file_name().map_or_else(|| folder.display().to_string(), |name| name.to_string_lossy().into_owned());
    let free_mb = kend_stick::free_bytes(folder).map(|bytes| u32::try_from(bytes / 1_000_000).unwrap_or(u32::MAX));
    StickView { folder: folder.display().to_string(), name, free_mb, bundles: bundles(folder) }
}

/// The volumes at a path: those of a folder, or the file itself.
pub(crate) fn volumes(path: &Path) -> Vec<PathBuf> {
    if path.is_dir() {
        bundles(path).into_iter().map(|bundle| PathBuf::from(bundle.path)).collect()
    } else {
        vec![path.to_owned()]
    }
}

fn bundles(folder: &Path) -> Vec<BundleFileView> {
    let Ok(found) = fs::read_dir(folder) else { return Vec::new() };
    let mut bundles: Vec<BundleFileView> = found
        .take(MOST_FILES)
        .filter_map(|found| {
            let found = found.ok()?;
            let name = found.file_name().into_string().ok()?;
            name::read(&name)?;
            Some(BundleFileView { path: found.path().display().to_string(), name })
        })
        .collect();
    bundles.sort_by(|one, other| one.name.cmp(&other.name));
    bundles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_plugged_in_counts_as_a_stick_and_only_volumes_as_bundles() {
        for (path, counts) in
            [("/media/aynur/STICK", true), ("/run/media/aynur/A B", true), ("/home", false), ("/media", false)]
        {
            assert_eq!(is_stick(Path::new(path)), counts, "{path}");
        }
        assert_eq!(unescaped("/media/A\\040B"), PathBuf::from("/media/A B"));
        let folder = tempfile::tempdir().unwrap();
        for name in ["kend-demo-1of2.kendbundle", "kend-demo-2of2.kendbundle", "photo.jpg", ".kend-x.part"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        let names: Vec<String> = bundles(folder.path()).into_iter().map(|bundle| bundle.name).collect();
        assert_eq!(names, ["kend-demo-1of2.kendbundle", "kend-demo-2of2.kendbundle"]);
    }
}
