//! Pictures of the screens, taken from the real app.

use anyhow::Result;

use crate::house::{House, succeed};
use crate::setup::{Goal, set_up};
use crate::test::name_programs;

/// Sets up and takes them.
pub(crate) fn screens(house: &House) -> Result<()> {
    set_up(house, &[Goal::Drive])?;
    let folder = house.root.join("docs").join("screens");
    let mut command = house.command(["cargo", "run", "--quiet", "--package", "kend-tests", "--bin", "screens", "--"]);
    name_programs(house, &mut command);
    succeed(command.arg(folder))
}
