//! The real hub and a real device under load, killed again and again: nothing that either had acknowledged is lost.
//!
//! A few cycles in the ordinary tests; `cargo xtask bench fire` goes on until 67 cycles and 100,000 acknowledged entries
//! are through.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use kend_log::EntityKind;
use kend_store::{DatabaseKey, KeyFile, Store};
use kend_tests::{Hub, HubFiles, Stopwatch};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const PASSPHRASE: &str = "şamaxı üzümü";
/// Cycles of the ordinary test, and what each acknowledges on average.
const FEW_CYCLES: u64 = 5;
const FEW_ENTRIES: u64 = 40;

fn asked(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().and_then(|asked| asked.parse().ok()).unwrap_or(usual)
}

/// What was said of the work so far.
#[derive(Debug, Default)]
struct Said {
    kept: u64,
    copied: u64,
}

struct Fire {
    folder: tempfile::TempDir,
    hub: Option<Hub>,
    listen: SocketAddr,
    said: Said,
    logs: u32,
}

impl Fire {
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::create_dir_all(folder.path().join("ui"))?;
        std::fs::write(folder.path().join("ui/index.html"), "")?;
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut fire = Self { folder, hub: None, listen, said: Said::default(), logs: 0 };
        fire.start_hub()?;
        Ok(fire)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn start_hub(&mut self) -> Result<()> {
        self.logs += 1;
        let program = std::env::var_os("KEND_HUB").context("KEND_HUB is not set: run this by `cargo xtask`")?;
        let files = HubFiles { program: program.into(), ui: self.path("ui"), data: self.path("hub") };
        let hub = Hub::start(files, self.listen, &self.path(&format!("hub-{}.log", self.logs)))?;
        // Killed, it comes back where the device knows it.
        self.listen = hub.address().split("//").last().context("no address")?.parse()?;
        self.hub = Some(hub);
        Ok(())
    }

    /// Starts the device, its wall clock at `clock` if one is named.
    fn start_writer(&mut self, code: Option<String>, clock: Option<&str>) -> Result<Child> {
        let hub = self.hub.as_ref().context("no hub")?.address().to_owned();
        // A number that was not acknowledged may be there all the same: it is not used again.
        let first = self.said.kept + 2;
        let mut command = Command::new(env!("CARGO_BIN_EXE_writer"));
        if let Some(clock) = clock {
            // Not by its wrapper: that would stand between us and the device's process id.
            command
                .env("LD_PRELOAD", faketime().context("no library")?)
                .env("FAKETIME", clock)
                .env("DONT_FAKE_MONOTONIC", "1");
        }
        Ok(command
            .arg(self.path("device"))
            .arg(PASSPHRASE)
            .arg(first.to_string())
            .arg(hub)
            .args(code)
            .stdout(Stdio::piped())
            .spawn()?)
    }

    /// One cycle: the device works until it has kept so many entries more, then one of both dies.
    fn cycle(&mut self, dice: &mut ChaCha8Rng, entries: u64, code: Option<String>) -> Result<&'static str> {
        let mut writer = self.start_writer(code, None)?;
        let mut lines = BufReader::new(writer.stdout.take().context("no output")?).lines().map_while(Result::ok);
        let from = self.said.kept;
        let mut entries_left = dice.random_range(1..=entries * 2);
        let hub_dies = dice.random_bool(0.5);
        if hub_dies {
            // In the middle of the cycle; the device goes on without it, then with the next one.
            self.read_until(&mut lines, entries_left / 2)?;
            let hub = self.hub.as_mut().context("no hub")?;
            hub.process().id().kill();
            entries_left -= entries_left / 2;
            self.hub = None;
            self.start_hub()?;
        }
        self.read_until(&mut lines, entries_left)?;
        writer.kill()?;
        // What it had said before it died counts too.
        for line in lines {
            self.heard(&line)?;
        }
        writer.wait()?;
        ensure!(self.said.kept > from, "the device kept nothing in this cycle");
        Ok(if hub_dies { "hub and device" } else { "device" })
    }

    fn read_until(&mut self, lines: &mut impl Iterator<Item = String>, entries: u64) -> Result<()> {
        let until = self.said.kept + entries;
        while self.said.kept < until {
            let line = lines.next().context("the device ended by itself")?;
            self.heard(&line)?;
        }
        Ok(())
    }

    fn heard(&mut self, line: &str) -> Result<()> {
        match line.split_once(' ') {
            Some(("kept", number)) => self.said.kept = number.parse()?,
            Some(("copied", number)) => self.said.copied = number.parse()?,
            _ => (),
        }
        Ok(())
    }

    fn device_store(&self) -> Result<Store> {
        let key = KeyFile::from_json(&std::fs::read_to_string(self.path("device/kend.key"))?)?.open(PASSPHRASE)?;
        Ok(Store::open(&self.path("device/kend.db"), &key, &[])?)
    }

    fn hub_store(&self) -> Result<Store> {
        let text = std::fs::read_to_string(self.path("hub/hub.key"))?;
        let bytes = data_encoding::HEXLOWER.decode(text.trim().as_bytes())?;
        let key = DatabaseKey::from_bytes(<[u8; 32]>::try_from(bytes.as_slice())?);
        Ok(Store::open(&self.path("hub/hub.db"), &key, &[])?)
    }
}

/// The numbers that a store holds.
fn numbers(store: &Store) -> Result<BTreeSet<u64>> {
    let mut numbers = BTreeSet::new();
    for head in store.entities(EntityKind::Village)? {
        let state = store.entity(head.entity)?.context("an entity without a state")?;
        if let Some(kend_log::Value::Text(name)) = state.value("m/name") {
            numbers.insert(name.parse()?);
        }
    }
    Ok(numbers)
}

fn size_bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

#[test]
fn killed_again_and_again_under_load_neither_device_nor_hub_loses_what_it_had_acknowledged() -> Result<()> {
    let cycles = asked("KEND_FIRE_CYCLES", FEW_CYCLES);
    let wanted = asked("KEND_FIRE_ENTRIES", FEW_CYCLES * FEW_ENTRIES);
    let seed = asked("KEND_FIRE_SEED", 1);
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let watch = Stopwatch::start();
    let mut fire = Fire::new()?;
    let mut code = Some(fire.hub.as_ref().context("no hub")?.files.enrol("Aysel", "enumerator", "AZ")?);
    let (mut done, mut hub_kills, mut acknowledged, mut all_kept) = (0, 0, 0, BTreeSet::new());
    while done < cycles || acknowledged < wanted {
        let before = fire.said.kept;
        let died =
            fire.cycle(&mut dice, wanted.div_ceil(cycles), code.take()).with_context(|| format!("seed {seed}"))?;
        done += 1;
        hub_kills += u64::from(died != "device");
        // The writer began two behind the last one that was heard of.
        all_kept.extend(before + 2..=fire.said.kept);
        acknowledged = u64::try_from(all_kept.len())?;
        let device = fire.device_store()?;
        device.check()?;
        let head = device.logs()?.into_iter().find(|head| head.log.device == device.device()).context("no log")?;
        ensure!(head.seq >= acknowledged, "cycle {done}, seed {seed}: {} entries of {acknowledged}", head.seq);
    }
    drop(fire.hub.take());
    let (device, hub) = (fire.device_store()?, fire.hub_store()?);
    let (on_device, on_hub) = (numbers(&device)?, numbers(&hub)?);
    let lost: Vec<&u64> = all_kept.difference(&on_device).collect();
    ensure!(lost.is_empty(), "seed {seed}: the device lost {lost:?}");
    let copied: BTreeSet<u64> = all_kept.range(..=fire.said.copied).copied().collect();
    let lost: Vec<&u64> = copied.difference(&on_hub).collect();
    ensure!(lost.is_empty(), "seed {seed}: the hub lost {lost:?}");
    hub.check()?;
    println!(
        "{done} cycles, {done} kills of the device, {hub_kills} of the hub; {acknowledged} entries acknowledged by the \
         device, {} by the hub; lost: none, none; {:.0} s; device {} MB, hub {} MB",
        copied.len(),
        watch.elapsed().as_secs_f64(),
        size_bytes(&fire.path("device/kend.db")) / 1_000_000,
        size_bytes(&fire.path("hub/hub.db")) / 1_000_000,
    );
    Ok(())
}

/// The library of `faketime`, where it is installed: the program says where it lies.
fn faketime() -> Option<String> {
    let output = Command::new("faketime").args(["-f", "+0", "env"]).output().ok()?;
    let environment = String::from_utf8(output.stdout).ok()?;
    environment.lines().find_map(|line| line.strip_prefix("LD_PRELOAD=")).map(str::to_owned)
}

/// Years that the device's clock jumps to, one after the other.
const CLOCKS: [(&str, std::ops::Range<i64>); 4] = [
    ("@2026-11-24 09:00:00", 1_795_000_000_000..1_796_000_000_000),
    ("@2009-01-01 00:00:00", 1_230_000_000_000..1_231_500_000_000),
    ("@2099-06-01 00:00:00", 4_083_000_000_000..4_084_500_000_000),
    ("@2025-03-01 00:00:00", 1_740_000_000_000..1_741_500_000_000),
];
const ENTRIES_PER_CLOCK: u64 = 210;

#[test]
fn a_clock_that_jumps_to_2009_to_2099_and_back_changes_no_order_and_stops_no_exchange() -> Result<()> {
    if faketime().is_none() {
        println!("left out: the program `faketime` is not installed");
        return Ok(());
    }
    let mut fire = Fire::new()?;
    let mut code = Some(fire.hub.as_ref().context("no hub")?.files.enrol("Aysel", "enumerator", "AZ")?);
    let mut bounds = Vec::new();
    for (clock, _) in &CLOCKS {
        let mut writer = fire.start_writer(code.take(), Some(clock))?;
        let mut lines = BufReader::new(writer.stdout.take().context("no output")?).lines().map_while(Result::ok);
        let copied = fire.said.copied;
        fire.read_until(&mut lines, ENTRIES_PER_CLOCK)?;
        while fire.said.copied == copied {
            fire.heard(&lines.next().context("the device ended by itself")?)?;
        }
        writer.kill()?;
        for line in lines {
            fire.heard(&line)?;
        }
        writer.wait()?;
        bounds.push(fire.said.kept + 1);
    }
    drop(fire.hub.take());
    for store in [fire.device_store()?, fire.hub_store()?] {
        let mut entries = Vec::new();
        for head in store.entities(EntityKind::Village)? {
            for chained in store.history(head.entity)? {
                let state = store.entity(head.entity)?.context("an entity without a state")?;
                if let Some(kend_log::Value::Text(name)) = state.value("m/name") {
                    entries.push((chained.entry.header.seq, name.parse::<u64>()?, chained.entry.header.said.wall_ms));
                }
            }
        }
        entries.sort_unstable();
        // The order of the log is the order of the work, whatever the clock said.
        ensure!(entries.is_sorted_by_key(|(_, number, _)| *number), "the order is another");
        for (_, number, wall_ms) in &entries {
            let at = bounds.partition_point(|bound| bound < number);
            let (clock, range) = CLOCKS.get(at).context("an entry too many")?;
            ensure!(range.contains(wall_ms), "{number} was kept at {clock}, and says {wall_ms}");
        }
        ensure!(entries.len() > 600, "{} entries", entries.len());
    }
    println!("{} entries kept and {} copied under four clocks, in order", fire.said.kept, fire.said.copied);
    Ok(())
}
