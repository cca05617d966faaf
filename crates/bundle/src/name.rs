//! Names of files: `NAME-1of3.kendbundle`, so that a person sees whether all are there.

use kend_domain::AreaCode;

use crate::limits::MAX_VOLUMES;

/// How much of a bundle's id stands in its name.
const SHORT_BYTES: usize = 4;

/// What names of volumes end with.
pub const EXTENSION: &str = "kendbundle";

/// The name of a bundle of a project: nobody's name, nothing of its content, and no two alike.
pub fn of(project: &AreaCode, bundle: &[u8; 16]) -> String {
    format!("kend-{}-{}", project.as_str(), short(bundle))
}

/// The first letters of a bundle's id.
pub(crate) fn short(bundle: &[u8; 16]) -> String {
    bundle.iter().take(SHORT_BYTES).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// The name of one volume.
pub fn volume(name: &str, number: u32, of: u32) -> String {
    format!("{name}-{number}of{of}.{EXTENSION}")
}

/// Name, number and count of volumes, from a file's name; none when it is not of that form.
pub fn read(file_name: &str) -> Option<(&str, u32, u32)> {
    let (name, numbers) = file_name.strip_suffix(EXTENSION)?.strip_suffix('.')?.rsplit_once('-')?;
    let (number, of) = numbers.split_once("of")?;
    let (number, of): (u32, u32) = (number.parse().ok()?, of.parse().ok()?);
    (!name.is_empty() && (1..=of).contains(&number) && of <= MAX_VOLUMES).then_some((name, number, of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back_and_another_is_none() {
        assert_eq!(read(&volume("kend-tovuz", 2, 3)), Some(("kend-tovuz", 2, 3)));
        for other in
            ["", "kend.kendbundle", "kend-0of1.kendbundle", "kend-2of1.kendbundle", "kend-1of1.txt", "-1of1.kendbundle"]
        {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
