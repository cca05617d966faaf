//! System packages: installed on Debian, named elsewhere.

use std::process::Command;

use anyhow::Result;

use crate::house::{answer, as_typed, succeed};

/// Packages that belong together.
pub(crate) struct Packages {
    /// Their names in Debian 12 and 13.
    pub(crate) debian: &'static [&'static str],
    /// What they are, for a person on another system.
    pub(crate) elsewhere: &'static str,
}

impl Packages {
    /// Whether all are installed. On a system without `dpkg` nobody knows: there they are named each time.
    pub(crate) fn are_there(&self) -> bool {
        self.missing().is_some_and(|missing| missing.is_empty())
    }

    /// Installs those that are missing. Where that is not possible it says what is needed and goes on: the person may
    /// have it from elsewhere, and if not, the next step says what it misses.
    pub(crate) fn install(&self) -> Result<()> {
        let Some(missing) = self.missing() else {
            println!("  This is no Debian: please see to it that these are installed: {}.", self.elsewhere);
            return Ok(());
        };
        println!("  missing: {}", missing.join(" "));
        let is_root = answer(Command::new("id").arg("-u")).is_some_and(|user| user == "0");
        let with_rights: &[&str] = match (is_root, answer(Command::new("sudo").arg("--version")).is_some()) {
            (true, _) => &["env"],
            (false, true) => &["sudo", "env"],
            (false, false) => {
                println!("  Neither root nor sudo: please let an administrator install them.");
                return Ok(());
            }
        };
        let mut update = apt(with_rights, &["update"]);
        if let Err(error) = succeed(&mut update) {
            // One source of many may be away; the install says whether it mattered.
            println!("  {error:#}; going on with the lists that are there (`{}`)", as_typed(&update));
        }
        let mut install = apt(with_rights, &["install", "--yes", "--no-install-recommends"]);
        succeed(install.args(missing))
    }

    /// Those that are not installed; none where `dpkg` is not known.
    fn missing(&self) -> Option<Vec<&'static str>> {
        answer(Command::new("dpkg-query").arg("--version"))?;
        Some(self.debian.iter().copied().filter(|name| !is_installed(name)).collect())
    }
}

fn apt(with_rights: &[&str], arguments: &[&str]) -> Command {
    let mut words = with_rights.iter();
    let mut command = Command::new(words.next().copied().unwrap_or("env"));
    command.args(words).args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(arguments);
    command
}

fn is_installed(name: &str) -> bool {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat=${db:Status-Status}", name]);
    answer(&mut query).is_some_and(|status| status == "installed")
}
