//! A real hub process, real devices with real stores, real HTTP. Where the tests were given a PostgreSQL, each hub is in a
//! database of its own there.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use kend_bundle::SealKey;
use kend_domain::{DeviceId, EntityId, PersonId};
use kend_log::{EntityKind, Op, Said, Value};
use kend_store::StoreError;
use kend_store::{Append, DatabaseKey, NewDevice, Store};
use kend_sync::{
    EnrolError, EnrolRequest, Enrolled, Enrolment, Exchange, ExchangeError, HttpRequest, HttpResponse, HubKeys, Marks,
    Outcome, Replica, Step, protocol,
};
use kend_tests::Postgres;
use tempfile::TempDir;

/// A hub's process and data.
pub(crate) struct Hub {
    pub(crate) data: TempDir,
    process: Child,
    pub(crate) address: String,
    /// Where it says its numbers.
    pub(crate) numbers: Option<String>,
    arguments: Vec<String>,
}

impl Hub {
    #[track_caller]
    pub(crate) fn start() -> Self {
        Self::start_with(&["--plain-http"])
    }

    /// A hub that is told more than where its data is.
    #[track_caller]
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        Self::start_on(TempDir::new().unwrap(), arguments)
    }

    /// A hub on data that may be there already.
    #[track_caller]
    pub(crate) fn start_on(data: TempDir, arguments: &[&str]) -> Self {
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        let (process, address, numbers) = serve(data.path(), &arguments);
        Self { data, process, address, numbers, arguments }
    }

    /// A hub that writes all that it can log to a file.
    #[track_caller]
    pub(crate) fn start_logging(form: &str, log: &Path, arguments: &[&str]) -> Self {
        let data = TempDir::new().unwrap();
        let mut serve = binary("serve", data.path());
        serve.args(["--listen", "127.0.0.1:0", "--log", form]).args(arguments).env("KEND_LOG", "trace");
        let (process, address, numbers) = listening(serve.stderr(std::fs::File::create(log).unwrap()));
        Self { data, process, address, numbers, arguments: Vec::new() }
    }

    /// A hub on a disk that takes no file larger than this: it refuses what goes beyond, as a full one does.
    #[track_caller]
    pub(crate) fn start_on_small_disk(data: TempDir, largest_file_kib: u32) -> Self {
        let limits = format!("trap '' XFSZ; ulimit -f {largest_file_kib}; exec \"$@\"");
        let mut serve = Command::new("bash");
        serve.args(["-c", &limits, "bash", env!("CARGO_BIN_EXE_kend-hub"), "serve", "--plain-http"]);
        serve.args(["--listen", "127.0.0.1:0", "--data"]).arg(data.path()).env("KEND_LOG", "off");
        with_database(&mut serve, data.path());
        let (process, address, numbers) = listening(&mut serve);
        Self { data, process, address, numbers, arguments: Vec::new() }
    }

    /// A hub that is told something by its environment.
    #[track_caller]
    pub(crate) fn start_with_environment(arguments: &[&str], environment: &[(&str, String)]) -> Self {
        let data = TempDir::new().unwrap();
        let mut serve = binary("serve", data.path());
        serve.args(["--listen", "127.0.0.1:0"]).args(arguments).env("KEND_LOG", "warn");
        serve.envs(environment.iter().map(|(name, value)| (name, value)));
        let (process, address, numbers) = listening(&mut serve);
        Self { data, process, address, numbers, arguments: Vec::new() }
    }

    /// The process, to be told to stop while something else goes on.
    pub(crate) fn process_id(&self) -> String {
        self.process.id().to_string()
    }

    /// Waits for the end of the process.
    pub(crate) fn wait(&mut self) -> std::process::ExitStatus {
        self.process.wait().unwrap()
    }

    /// Gives the data back, the process ended.
    pub(crate) fn into_data(mut self) -> TempDir {
        self.stop();
        std::mem::replace(&mut self.data, TempDir::new().unwrap())
    }

    /// Kills the process as a power cut would, and starts it again on the same data.
    pub(crate) fn kill_and_restart(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        (self.process, self.address, self.numbers) = serve(self.data.path(), &self.arguments);
    }

    /// Tells the process to stop and waits for it.
    pub(crate) fn stop(&mut self) -> std::process::ExitStatus {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.process.wait().unwrap()
    }

    /// Runs one of the administrator's commands while the hub serves.
    #[track_caller]
    pub(crate) fn command(&self, command: &str, arguments: &[&str], input: &str) -> String {
        let mut process = binary(command, self.data.path())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{command} {arguments:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Runs one that must fail, and returns what it said.
    #[track_caller]
    pub(crate) fn command_fails(&self, command: &str, arguments: &[&str]) -> String {
        let output = binary(command, self.data.path()).args(arguments).env("KEND_LOG", "off").output().unwrap();
        assert!(!output.status.success(), "{command} {arguments:?}");
        let said = [output.stdout, output.stderr].concat();
        String::from_utf8(said).unwrap()
    }

    /// The joining words for one device.
    pub(crate) fn joining(&self, role: &str, area: &str) -> String {
        self.command("enrol", &["--name", "Somebody", "--role", role, "--area", area], "")
    }

    pub(crate) fn code(&self, role: &str, area: &str) -> String {
        let joining = self.joining(role, area);
        joining.rsplit("code=").next().unwrap().to_owned()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program, about to carry out a command of one word or two.
pub(crate) fn binary(command: &str, data: &Path) -> Command {
    let mut binary = Command::new(env!("CARGO_BIN_EXE_kend-hub"));
    binary.args(command.split(' ')).arg("--data").arg(data);
    with_database(&mut binary, data);
    binary
}

/// Whether the hubs of this run are in PostgreSQL.
pub(crate) fn in_postgres() -> bool {
    Postgres::shared().is_some()
}

/// The databases of data folders; none for a hub that is in its folder.
static DATABASES: Mutex<BTreeMap<PathBuf, Option<String>>> = Mutex::new(BTreeMap::new());

/// Says where the hub of a data folder is, whatever the hubs of this run are in.
pub(crate) fn put_in(data: &Path, database: Option<&str>) {
    DATABASES.lock().unwrap().insert(data.to_owned(), database.map(str::to_owned));
}

/// The database of a data folder, when the hubs of this run are in PostgreSQL: one for each folder.
fn with_database(command: &mut Command, data: &Path) {
    command.env_remove("KEND_HUB_PASSPHRASE").env_remove("KEND_HUB_DATABASE_URL");
    let make = || Postgres::shared().map(|postgres| postgres.database().unwrap());
    let mut databases = DATABASES.lock().unwrap();
    if let Some(database) = databases.entry(data.to_owned()).or_insert_with(make) {
        command.env("KEND_HUB_DATABASE_URL", database);
    }
}

fn serve(data: &Path, arguments: &[String]) -> (Child, String, Option<String>) {
    let ui = data.join("ui");
    std::fs::create_dir_all(&ui).unwrap();
    std::fs::write(ui.join("index.html"), "<!doctype html><title>Kend</title>").unwrap();
    let mut serve = binary("serve", data);
    serve.args(["--listen", "127.0.0.1:0", "--ui"]).arg(&ui).args(arguments).env("KEND_LOG", "warn");
    listening(&mut serve)
}

/// Starts a hub, and reads where it listens.
fn listening(serve: &mut Command) -> (Child, String, Option<String>) {
    let mut process = serve.stdout(Stdio::piped()).spawn().unwrap();
    let mut numbers = None;
    for line in BufReader::new(process.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(address) = line.strip_prefix("kend-hub listens on ") {
            return (process, address.to_owned(), numbers);
        }
        numbers = line.strip_prefix("kend-hub says its numbers on ").map(str::to_owned);
    }
    panic!("the hub does not listen: {}", process.wait().unwrap());
}

/// A device with a store of its own.
pub(crate) struct Device {
    _folder: TempDir,
    pub(crate) store: Store,
    pub(crate) person: PersonId,
    pub(crate) keys: HubKeys,
    wall_ms: i64,
}

/// Why an exchange over real HTTP stopped.
#[derive(Debug)]
pub(crate) enum Failure {
    Exchange(ExchangeError<StoreError>),
    Line,
}

impl Device {
    pub(crate) fn new(name: u8) -> Self {
        let folder = TempDir::new().unwrap();
        let device = NewDevice { device: DeviceId::from_bytes([name; 16]), signing_key: [name; 32] };
        let key = DatabaseKey::from_bytes([name; 32]);
        let store = Store::create(&folder.path().join("device.db"), &key, &device, &[]).unwrap();
        let person = PersonId::from_bytes([100 + name; 16]);
        Self { _folder: folder, store, person, keys: HubKeys { hub: [0; 32], server: [0; 32] }, wall_ms: 0 }
    }

    /// A device that was enrolled with a fresh code.
    pub(crate) async fn enrolled(hub: &Hub, name: u8, role: &str, area: &str) -> Self {
        let mut device = Self::new(name);
        device.enrol(hub, &hub.code(role, area)).await.unwrap();
        device
    }

    pub(crate) fn enrolment(&self, code: &str) -> EnrolRequest {
        EnrolRequest {
            protocol: protocol::PROTOCOL,
            code: code.to_owned(),
            device: self.store.device(),
            device_key: self.store.public_key(),
            person: self.person,
            person_name: format!("Person {}", self.person),
            seal_key: SealKey::from_bytes(&self.store.derived_key(SealKey::CONTEXT)).public().0,
        }
    }

    pub(crate) async fn enrol(&mut self, hub: &Hub, code: &str) -> Result<Enrolled, EnrolError> {
        let request = self.enrolment(code);
        let sign = |purpose: &str, message: &[u8]| self.store.sign(purpose, message);
        let (enrolment, http) = Enrolment::start(&request, &sign);
        let enrolled = enrolment.receive(&send(&hub.address, &http).await.unwrap())?;
        self.keys = enrolled.certificate.keys();
        self.store.keep_certificate(&enrolled.signed).unwrap();
        self.store.put_device(&enrolled.certificate.hub_as_device()).unwrap();
        self.store.keep_marks(&Marks::after_enrolment(enrolled.ticket)).unwrap();
        Ok(enrolled)
    }

    /// Writes an entry with a clock that says nothing of use.
    #[track_caller]
    pub(crate) fn write(&mut self, scope: &str, entity: u8, ops: Vec<Op>) {
        self.write_as(self.person, scope, entity, ops);
    }

    #[track_caller]
    pub(crate) fn write_as(&mut self, actor: PersonId, scope: &str, entity: u8, ops: Vec<Op>) {
        self.append(EntityKind::Interview, actor, scope, entity, ops);
    }

    /// The same, of any kind.
    #[track_caller]
    pub(crate) fn write_of(&mut self, kind: EntityKind, scope: &str, entity: u8, ops: Vec<Op>) {
        self.append(kind, self.person, scope, entity, ops);
    }

    #[track_caller]
    fn append(&mut self, kind: EntityKind, actor: PersonId, scope: &str, entity: u8, ops: Vec<Op>) {
        self.wall_ms += 1;
        let monotonic_ms = u64::try_from(self.wall_ms).unwrap();
        self.store
            .append(Append {
                scope: scope.parse().unwrap(),
                entity: EntityId::from_bytes([entity; 16]),
                kind,
                actor,
                ops,
                said: Said { wall_ms: self.wall_ms, monotonic_ms, boot: [1; 16], anchor: None },
                form_version: 1,
                seen: None,
                ends_drafts: Vec::new(),
                salt: [u8::try_from(self.wall_ms % 250).unwrap(); 16],
            })
            .unwrap();
    }

    pub(crate) async fn sync(&mut self, hub: &Hub) -> Result<Outcome, Failure> {
        self.sync_at(&hub.address).await
    }

    pub(crate) async fn sync_at(&mut self, address: &str) -> Result<Outcome, Failure> {
        let mut exchange = Exchange::new(self.keys);
        loop {
            match exchange.next(&mut self.store).map_err(Failure::Exchange)? {
                Step::Done(outcome) => return Ok(outcome),
                Step::Request(request) => {
                    let response = send(address, &request).await.ok_or(Failure::Line)?;
                    exchange.receive(&response, &mut self.store).map_err(Failure::Exchange)?;
                }
            }
        }
    }

    /// The next request as it would go out.
    pub(crate) fn request(&mut self) -> HttpRequest {
        match Exchange::new(self.keys).next(&mut self.store).unwrap() {
            Step::Request(request) => request,
            Step::Done(_) => panic!("nothing to ask"),
        }
    }

    /// All values of an interview, to compare devices by.
    pub(crate) fn state(&self, entity: u8) -> Vec<String> {
        let state = self.store.entity(EntityId::from_bytes([entity; 16])).unwrap();
        let Some(state) = state else { return Vec::new() };
        state.paths("").map(|path| format!("{path} {:?}", state.distinct(path.as_str()))).collect()
    }
}

pub(crate) fn set(path: &str, text: &str) -> Op {
    Op::Set { path: path.parse().unwrap(), value: Value::text(text) }
}

/// Sends a request; none when no whole answer came.
pub(crate) async fn send(address: &str, request: &HttpRequest) -> Option<HttpResponse> {
    let url = format!("{address}{}", request.path);
    let mut http = reqwest::Client::new().request(request.method.parse().unwrap(), url).body(request.body.clone());
    for (name, value) in &request.headers {
        http = http.header(*name, value);
    }
    let response = http.send().await.ok()?;
    let status = response.status().as_u16();
    let signature =
        response.headers().get(protocol::SIGNATURE_HEADER).map(|signature| signature.to_str().unwrap().to_owned());
    let body = response.bytes().await.ok()?.to_vec();
    Some(HttpResponse { status, signature, body })
}
