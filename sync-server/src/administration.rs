//! The administrator's commands about people, their devices, and what was set aside. They work while the hub serves.

use clap::Subcommand;
use kend_domain::{AreaCode, Areas, DeviceId, PersonId, Role};

use crate::error::HubError;
use crate::hub::HubState;
use crate::{code, orders, people, quarantine, world};

/// About people and devices.
#[derive(Subcommand)]
pub(crate) enum People {
    /// Everybody, with their role, areas and devices.
    List,
    /// Change a person's role or areas. Their devices learn of it with their next exchange, and leave what is not theirs
    /// any more.
    Set {
        /// The person's id.
        #[arg(long)]
        person: PersonId,
        /// The new role.
        #[arg(long)]
        role: Option<Role>,
        /// The new areas by ISO 3166-2, separated by commas.
        #[arg(long = "area", value_delimiter = ',')]
        areas: Vec<AreaCode>,
    },
    /// Revoke a device: nothing more of it is taken in without a person's decision, it is sent nothing, and it is told to
    /// wipe itself.
    Revoke {
        /// The device's id.
        #[arg(long)]
        device: DeviceId,
    },
}

/// About what was set aside.
#[derive(Subcommand)]
pub(crate) enum Quarantine {
    /// What is set aside, and why.
    List,
    /// Take one in, with what follows it.
    Release {
        /// Its name, or the start of it.
        name: String,
    },
    /// Drop one for good.
    Drop {
        /// Its name, or the start of it.
        name: String,
    },
}

impl People {
    /// Carries it out and says what there is to say.
    pub(crate) fn run(self, hub: &mut HubState) -> Result<Vec<String>, HubError> {
        match self {
            Self::List => people::list(hub.store.connection()),
            Self::Set { person, role, areas } => {
                let areas = (!areas.is_empty()).then(|| Areas(areas.into_iter().collect()));
                code::change_rights(hub, person, role, areas, world::wall_ms())?;
                Ok(Vec::new())
            }
            Self::Revoke { device } => {
                orders::revoke(hub, device, world::wall_ms())?;
                Ok(Vec::new())
            }
        }
    }
}

impl Quarantine {
    /// Carries it out and says what there is to say.
    pub(crate) fn run(self, hub: &mut HubState) -> Result<Vec<String>, HubError> {
        match self {
            Self::List => quarantine::list(hub),
            Self::Release { name } => Ok(vec![format!("{} entries taken in", quarantine::release(hub, &name)?)]),
            Self::Drop { name } => {
                quarantine::discard(hub, &name)?;
                Ok(Vec::new())
            }
        }
    }
}
