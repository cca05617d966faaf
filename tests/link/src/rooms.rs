//! Two network namespaces on one machine, with nothing between them but the line: this process's own for the device, and
//! another for whatever it reaches.
//!
//! The program starts itself once more in a namespace of its own, as root or by a user namespace. Nothing of the
//! machine's network is touched, and all of it is gone when the process ends.

use std::env;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::{Context, Result, ensure};
use tun_rs::{DeviceBuilder, SyncDevice};

/// Says to the program that it is in a namespace of its own.
const INSIDE: &str = "KEND_LINK_INSIDE";
/// Ways into a namespace: as root, and as anybody where the system lets everybody have one.
const WAYS: [&[&str]; 2] = [&["--net"], &["--user", "--map-root-user", "--net"]];
/// The names of the line's ends.
const ENDS: [&str; 2] = ["kend-field", "kend-hub"];
/// Their addresses: the field's, and the hub's.
const ADDRESSES: [&str; 2] = ["10.77.0.2", HUB_ADDRESS];
/// Where the other namespace is reached.
pub(crate) const HUB_ADDRESS: &str = "10.77.0.1";

/// Where the program is.
pub(crate) enum Place {
    /// In a namespace of its own.
    Inside,
    /// It was there, and came to its end.
    Done(ExitStatus),
    /// This machine has none to give; why.
    Refused(String),
}

/// Goes into a namespace of its own, by starting the program again there.
pub(crate) fn go_inside() -> Result<Place> {
    if env::var_os(INSIDE).is_some() {
        return Ok(Place::Inside);
    }
    if !Path::new("/dev/net/tun").exists() {
        return Ok(Place::Refused("there is no /dev/net/tun".to_owned()));
    }
    // Made and removed again: what can't be done in there is found out before anything is measured.
    let probe = format!("ip tuntap add dev {0} mode tun && ip link set {0} up && unshare --net true", ENDS[0]);
    let mut refused = String::new();
    for way in WAYS {
        let tried = Command::new("unshare").args(way).args(["sh", "-c", &probe]).stdin(Stdio::null()).output();
        match tried {
            Ok(tried) if tried.status.success() => {
                let program = env::current_exe().context("this program's own file")?;
                let mut again = Command::new("unshare");
                again.args(way).arg(program).args(env::args_os().skip(1)).env(INSIDE, "1");
                return Ok(Place::Done(again.status().context("can't start itself again")?));
            }
            Ok(tried) => refused = String::from_utf8_lossy(&tried.stderr).trim().replace('\n', "; "),
            Err(error) => refused = format!("`unshare` can't be started: {error}"),
        }
    }
    Ok(Place::Refused(refused))
}

/// The other namespace, for as long as this is held.
pub(crate) struct HubRoom {
    /// A process that does nothing but be there. It ends when its input is closed, so at the latest with this process.
    keeper: Child,
}

impl HubRoom {
    /// Makes the other namespace, and both ends of a line into it.
    pub(crate) fn make() -> Result<(Self, [SyncDevice; 2])> {
        let mut keeper = Command::new("unshare")
            .args(["--net", "sh", "-c", "echo here && exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("can't start `unshare`")?;
        let mut said = [0; 5];
        let output = keeper.stdout.as_mut().context("no output")?;
        std::io::Read::read_exact(output, &mut said).context("the other namespace can't be made")?;
        let room = Self { keeper };
        let [field, hub] = ENDS;
        let ends = [end(field)?, end(hub)?];
        // A device is moved with its end held here: only the packets are there.
        run(Command::new("ip").args(["link", "set", hub, "netns", &room.keeper.id().to_string()]))?;
        for ((name, address), there) in ENDS.into_iter().zip(ADDRESSES).zip([false, true]) {
            let ip = |words: &[&str]| {
                let mut command = if there { room.command("ip") } else { Command::new("ip") };
                run(command.args(words))
            };
            ip(&["link", "set", "lo", "up"])?;
            ip(&["address", "add", &format!("{address}/24"), "dev", name])?;
            ip(&["link", "set", name, "up"])?;
        }
        Ok((room, ends))
    }

    /// A command that will run there.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/proc/{}/ns/net", self.keeper.id())).arg(program);
        command
    }
}

impl Drop for HubRoom {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        drop(self.keeper.wait());
    }
}

fn end(name: &str) -> Result<SyncDevice> {
    DeviceBuilder::new().name(name).build_sync().with_context(|| format!("the TUN device {name} can't be made"))
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("can't start {}", command.get_program().display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed: {}", said.trim());
    Ok(())
}
