//! A real hub process, real devices with real stores, real HTTP.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use kend_bundle::SealKey;
use kend_domain::{DeviceId, EntityId, PersonId};
use kend_log::{EntityKind, Op, Said, Value};
use kend_store::StoreError;
use kend_store::{Append, DatabaseKey, NewDevice, Store};
use kend_sync::{
    EnrolError, EnrolRequest, Enrolled, Enrolment, Exchange, ExchangeError, HttpRequest, HttpResponse, HubKeys, Marks,
    Outcome, Replica, Step, protocol,
};
use tempfile::TempDir;

/// A hub's process and data.
pub(crate) struct Hub {
    pub(crate) data: TempDir,
    process: Child,
    pub(crate) address: String,
}

impl Hub {
    #[track_caller]
    pub(crate) fn start() -> Self {
        let data = TempDir::new().unwrap();
        let (process, address) = serve(data.path());
        Self { data, process, address }
    }

    /// Kills the process as a power cut would, and starts it again on the same data.
    pub(crate) fn kill_and_restart(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        (self.process, self.address) = serve(self.data.path());
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

    pub(crate) fn code(&self, role: &str, area: &str) -> String {
        self.command("enrol", &["--name", "Somebody", "--role", role, "--area", area], "")
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

fn binary(command: &str, data: &Path) -> Command {
    let mut binary = Command::new(env!("CARGO_BIN_EXE_kend-hub"));
    binary.arg(command).arg("--data").arg(data).env_remove("KEND_HUB_PASSPHRASE");
    binary
}

fn serve(data: &Path) -> (Child, String) {
    let ui = data.join("ui");
    std::fs::create_dir_all(&ui).unwrap();
    std::fs::write(ui.join("index.html"), "<!doctype html><title>Kend</title>").unwrap();
    let mut process = binary("serve", data)
        .args(["--listen", "127.0.0.1:0", "--ui"])
        .arg(&ui)
        .env("KEND_LOG", "warn")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("kend-hub listens on ").expect(&line).to_owned();
    (process, address)
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
        self.wall_ms += 1;
        let monotonic_ms = u64::try_from(self.wall_ms).unwrap();
        self.store
            .append(Append {
                scope: scope.parse().unwrap(),
                entity: EntityId::from_bytes([entity; 16]),
                kind: EntityKind::Interview,
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
