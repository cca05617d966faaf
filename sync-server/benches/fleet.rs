//! A fleet against one hub process: 500 devices with 20 interviews each, all new to the hub.
//!
//! The devices are real: stores, signatures and exchanges as in the app, prepared before the clock runs. What a device
//! sends is sent to the hub, and then again, byte for byte and with as many at once, to a server on the same machine that
//! reads a body and answers its length: what HTTP, the loopback and this client cost by themselves. So the ratio is the
//! hub's own work: verify, encrypt, fold, and sync to the disk before it answers.
//!
//! `cargo bench -p kend-hub --bench fleet [-- DEVICES]`. Each device works in an area of its own, so that nothing but what
//! it sends is exchanged. The bar: all acknowledged, and never more than 300 MB in memory, however many devices.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kend_domain::{DeviceId, EntityId, PersonId};
use kend_log::{EntityKind, Op, Said, Value};
use kend_store::{Append, DatabaseKey, NewDevice, Store};
use kend_sync::{
    EnrolRequest, Enrolment, Exchange, HttpRequest, HttpResponse, HubKeys, Marks, Replica, Step, protocol,
};
use tempfile::TempDir;
use tokio::sync::Semaphore;

const DEVICES: u32 = 500;
const INTERVIEWS: u32 = 20;
/// Screens of an interview, each kept as one entry.
const SCREENS: u32 = 20;
/// Devices that speak at the same time.
const AT_ONCE: usize = 16;
const BAR_MB: f64 = 300.0;
/// Says that this program is to be the server beside.
const BESIDE: &str = "--beside";
/// Words that notes are made of: those of the screens, in the language of most interviews.
const WORDS: &str = include_str!("../../schema/words/az.json");

type Failed = Box<dyn Error + Send + Sync>;

/// A process that serves, and where.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(command: &mut Command) -> Result<Self, Failed> {
        let mut process = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let address = line.split_whitespace().last().ok_or("no address")?.to_owned();
        Ok(Self { process, address })
    }

    /// A line of what the system knows of the process's memory, in MB.
    fn memory_mb(&self, of: &str) -> Result<f64, Failed> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(of)).ok_or("no such line")?;
        Ok(line.split_whitespace().next().ok_or("no number")?.parse::<f64>()? / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

struct Device {
    number: u32,
    store: Store,
    keys: HubKeys,
}

/// What was sent, in order, and how long each answer took.
#[derive(Default)]
struct Sent {
    requests: Vec<HttpRequest>,
    took: Vec<Duration>,
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn now() -> Instant {
    Instant::now()
}

/// A code as ISO has it for a rayon, one for each device.
fn area(number: u32) -> String {
    let letter = |place: u32| char::from(b'A' + u8::try_from(number / place % 26).unwrap_or(0));
    format!("AZ-{}{}{}", letter(676), letter(26), letter(1))
}

/// Numbers that look random and are the same in every run.
fn draw(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*seed >> 40).unwrap_or(0)
}

/// Text of so many words.
fn text(words: &[&str], count: usize, seed: &mut u64) -> String {
    let words: Vec<&str> = (0..count).filter_map(|_| words.get(draw(seed) % words.len()).copied()).collect();
    words.join(" ")
}

/// The five answers of a screen: mostly names of choices, some numbers and short texts, and a note on every third.
fn screen(number: u32, words: &[&str], seed: &mut u64) -> Vec<Op> {
    let mut answers = vec![
        Value::Text(format!("choice_{}", draw(seed) % 5)),
        Value::Text(format!("choice_{}", draw(seed) % 5)),
        Value::Text(format!("choice_{}", draw(seed) % 9)),
        Value::Text((draw(seed) % 3000).to_string()),
    ];
    let length = if number.is_multiple_of(3) { 150 } else { 4 };
    answers.push(Value::Text(text(words, length, seed)));
    let op = |(place, value)| {
        let path = format!("a/question_{number}_{place}").parse().ok()?;
        Some(Op::Set { path, value })
    };
    answers.into_iter().enumerate().filter_map(op).collect()
}

impl Device {
    /// A device that was enrolled and holds its interviews.
    async fn prepare(
        device_number: u32,
        folder: &Path,
        hub: &Server,
        code: &str,
        words: &[&str],
    ) -> Result<Self, Failed> {
        let mut id = [7; 16];
        for (to, from) in id.iter_mut().zip(device_number.to_be_bytes()) {
            *to = from;
        }
        let mut signing_key = [9; 32];
        for (to, from) in signing_key.iter_mut().zip(id) {
            *to = from;
        }
        let device = NewDevice { device: DeviceId::from_bytes(id), signing_key };
        let key = DatabaseKey::from_bytes([6; 32]);
        let mut store = Store::create(&folder.join(format!("{device_number}.db")), &key, &device, &[])?;
        let person = PersonId::from_bytes(id);
        let request = EnrolRequest {
            protocol: protocol::PROTOCOL,
            code: code.to_owned(),
            device: store.device(),
            device_key: store.public_key(),
            person,
            person_name: format!("Person {device_number}"),
        };
        let (enrolment, request) = Enrolment::start(&request, &|purpose, message| store.sign(purpose, message));
        let enrolled = enrolment.receive(&send(&reqwest::Client::new(), &hub.address, &request).await?)?;
        store.put_device(&enrolled.certificate.hub_as_device())?;
        store.keep_marks(&Marks::after_enrolment(enrolled.ticket))?;
        let mut seed = u64::from(device_number) + 1;
        for interview in 0..INTERVIEWS {
            let mut entity = id;
            if let Some(last) = entity.last_mut() {
                *last = u8::try_from(interview)?;
            }
            for number in 0..SCREENS {
                let at = interview * SCREENS + number;
                store.append(Append {
                    scope: format!("demo/{}", area(device_number)).parse()?,
                    entity: EntityId::from_bytes(entity),
                    kind: EntityKind::Interview,
                    actor: person,
                    ops: screen(number, words, &mut seed),
                    said: Said { wall_ms: i64::from(at), monotonic_ms: u64::from(at), boot: [4; 16], anchor: None },
                    form_version: 1,
                    seen: None,
                    ends_drafts: Vec::new(),
                    salt: entity,
                })?;
            }
        }
        Ok(Self { number: device_number, store, keys: enrolled.certificate.keys() })
    }

    /// Sends all that it has. The time of an answer is the hub's and the line's, not the device's.
    async fn sync(&mut self, address: &str) -> Result<Sent, Failed> {
        let client = reqwest::Client::new();
        let mut sent = Sent::default();
        let mut exchange = Exchange::new(self.keys);
        loop {
            match exchange.next(&mut self.store)? {
                Step::Request(request) => {
                    let began = now();
                    let response = send(&client, address, &request).await?;
                    sent.took.push(began.elapsed());
                    sent.requests.push(request);
                    exchange.receive(&response, &mut self.store)?;
                }
                Step::Done(outcome) if outcome.entries_sent == u64::from(INTERVIEWS * SCREENS) => return Ok(sent),
                Step::Done(outcome) => {
                    let number = self.number;
                    return Err(format!("device {number}: {} entries acknowledged", outcome.entries_sent).into());
                }
            }
        }
    }
}

async fn send(client: &reqwest::Client, address: &str, request: &HttpRequest) -> Result<HttpResponse, Failed> {
    let mut http = client.post(format!("{address}{}", request.path)).body(request.body.clone());
    for (name, value) in &request.headers {
        http = http.header(*name, value);
    }
    let response = http.send().await?;
    let status = response.status().as_u16();
    let signature = response.headers().get(protocol::SIGNATURE_HEADER);
    let signature = signature.and_then(|signature| signature.to_str().ok()).map(str::to_owned);
    Ok(HttpResponse { status, signature, body: response.bytes().await?.to_vec() })
}

/// The server beside: it reads a body and answers its length.
async fn beside() -> Result<(), Failed> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("beside listens on http://{}", listener.local_addr()?);
    let length = axum::routing::post(async |body: axum::body::Bytes| body.len().to_string());
    let router = axum::Router::new().route(protocol::SYNC_PATH, length);
    let router = router.layer(axum::extract::DefaultBodyLimit::max(protocol::MAX_SYNC_BODY_BYTES));
    Ok(axum::serve(listener, router).await?)
}

fn enrolment_code(data: &Path, area: &str) -> Result<String, Failed> {
    let arguments = ["--name", "Somebody", "--role", "enumerator", "--area", area];
    let output =
        Command::new(env!("CARGO_BIN_EXE_kend-hub")).arg("enrol").arg("--data").arg(data).args(arguments).output()?;
    let printed = String::from_utf8(output.stdout)?;
    Ok(printed.trim().rsplit("code=").next().unwrap_or_default().to_owned())
}

/// Runs as many at once as are allowed, and returns what each came to.
async fn at_once<Item, Done, Work>(
    items: Vec<Item>,
    work: impl Fn(Item) -> Work + Send + Sync + 'static,
) -> Result<Vec<Done>, Failed>
where
    Item: Send + 'static,
    Done: Send + 'static,
    Work: Future<Output = Result<Done, Failed>> + Send,
{
    let (turns, work) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(work));
    let tasks: Vec<_> = items
        .into_iter()
        .map(|item| {
            let (turns, work) = (Arc::clone(&turns), Arc::clone(&work));
            tokio::spawn(async move {
                let _turn = turns.acquire().await?;
                work(item).await
            })
        })
        .collect();
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await??);
    }
    Ok(done)
}

fn percentile_ms(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a rank")]
    let rank = (times.len() as f64 * share) as usize;
    times.get(rank.min(times.len() - 1)).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
}

async fn measure(devices: u32) -> Result<(), Failed> {
    let data = TempDir::new()?;
    let hub = Server::start(
        Command::new(env!("CARGO_BIN_EXE_kend-hub"))
            .args(["serve", "--plain-http", "--listen", "127.0.0.1:0", "--data"])
            .arg(data.path())
            .env("KEND_LOG", "warn"),
    )?;
    // The devices' disks are not what is measured.
    let memory = PathBuf::from("/dev/shm");
    let folder = if memory.is_dir() { TempDir::new_in(memory)? } else { TempDir::new()? };
    let words: Vec<&str> =
        WORDS.split(['"', ' ', '\n']).filter(|word| word.len() > 2 && !word.contains(['.', '{'])).collect();
    let mut fleet = Vec::new();
    for number in 0..devices {
        let code = enrolment_code(data.path(), &area(number))?;
        fleet.push(Device::prepare(number, folder.path(), &hub, &code, &words).await?);
    }
    let at_rest_mb = hub.memory_mb("VmRSS:")?;
    let address = hub.address.clone();
    let began = now();
    let sent = at_once(fleet, move |mut device| {
        let address = address.clone();
        async move { device.sync(&address).await }
    })
    .await?;
    let took = began.elapsed();
    let (peak_mb, end_mb) = (hub.memory_mb("VmHWM:")?, hub.memory_mb("VmRSS:")?);
    let mut times: Vec<Duration> = sent.iter().flat_map(|sent| sent.took.iter().copied()).collect();
    let bytes: usize = sent.iter().flat_map(|sent| &sent.requests).map(|request| request.body.len()).sum();
    drop(hub);

    let echo = Server::start(Command::new(std::env::current_exe()?).arg(BESIDE))?;
    let address = echo.address.clone();
    let began = now();
    let beside = at_once(sent, move |sent| {
        let address = address.clone();
        async move {
            let client = reqwest::Client::new();
            let mut took = Vec::new();
            for request in &sent.requests {
                let began = now();
                send(&client, &address, request).await?;
                took.push(began.elapsed());
            }
            Ok(took)
        }
    })
    .await?;
    let took_beside = began.elapsed();
    let mut times_beside: Vec<Duration> = beside.into_iter().flatten().collect();

    let interviews = f64::from(devices * INTERVIEWS);
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let each_bytes = bytes as f64 / interviews;
    println!("{devices} devices x {INTERVIEWS} interviews, {AT_ONCE} at once, {each_bytes:.0} bytes an interview");
    println!("                  interviews/s   p50 ms   p99 ms");
    let rate = interviews / took.as_secs_f64();
    let rate_beside = interviews / took_beside.as_secs_f64();
    let (p50, p99) = (percentile_ms(&mut times, 0.5), percentile_ms(&mut times, 0.99));
    let (p50_beside, p99_beside) = (percentile_ms(&mut times_beside, 0.5), percentile_ms(&mut times_beside, 0.99));
    println!("the hub           {rate:12.0}{p50:9.2}{p99:9.2}");
    println!("the same, echoed  {rate_beside:12.0}{p50_beside:9.2}{p99_beside:9.2}");
    println!("ratio             {:12.3}{:9.1}{:9.1}", rate / rate_beside, p50 / p50_beside, p99 / p99_beside);
    println!("memory of the hub: {at_rest_mb:.0} MB at rest, {peak_mb:.0} MB at most, {end_mb:.0} MB at the end");
    let within = peak_mb <= BAR_MB;
    println!("bar: all acknowledged, at most {BAR_MB} MB: {}", if within { "met" } else { "NOT met" });
    if within { Ok(()) } else { Err("the hub takes too much memory".into()) }
}

fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Runtime::new()?;
    if arguments.iter().any(|argument| argument == BESIDE) {
        return runtime.block_on(beside());
    }
    // `cargo test --benches` runs this without the flag: nothing is to be measured then.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let devices = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(DEVICES);
    runtime.block_on(measure(devices))
}
