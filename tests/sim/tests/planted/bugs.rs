//! The bugs, one wrapper each. What a wrapper does not change goes through to the store below.

use std::collections::BTreeMap;
use std::sync::Arc;

use kend_domain::{DeviceId, EntityId, Scope};
use kend_log::{
    ChainHash, Chained, Context, EntityState, Entry, Live, LogId, Mark, Op, Projection, Segment, Slot, Value,
};
use kend_sim::storage::{Storage, StorageError};
use kend_sim::world::{SCOPES, keys};
use kend_store::{Addressee, Append, Appended, Authority, Code, Device, KeptReceipt, Packed, Page, Received};

/// A wrapper: its storage below, and what it changes.
macro_rules! bug {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* } $($changed:item)*) => {
        $(#[$doc])*
        pub(crate) struct $name {
            pub(crate) below: Box<dyn Storage>,
            $(pub(crate) $field: $type,)*
        }

        impl Storage for $name {
            fn below(&self) -> &dyn Storage {
                &*self.below
            }

            fn below_mut(&mut self) -> &mut dyn Storage {
                &mut *self.below
            }

            $($changed)*
        }
    };
}

fn fold(entity: EntityId, history: &[Chained]) -> Option<Arc<EntityState>> {
    (!history.is_empty()).then(|| Arc::new(EntityState::fold(entity, history)))
}

bug! {
    /// Writes texts in small letters.
    TidiesUp {}
    fn history(&self, entity: EntityId) -> Vec<Chained> {
        let mut history = self.below.history(entity);
        for slot in history.iter_mut().flat_map(|chained| &mut chained.entry.slots) {
            if let Slot::Kept { op: Op::Set { value: Value::Text(text), .. }, .. } = slot {
                *text = text.to_lowercase();
            }
        }
        history
    }
    fn entity(&self, entity: EntityId) -> Option<Arc<EntityState>> {
        fold(entity, &self.history(entity))
    }
}

bug! {
    /// Folds all but the last entry.
    LagsBehind {}
    fn entity(&self, entity: EntityId) -> Option<Arc<EntityState>> {
        let mut history = self.below.history(entity);
        if history.len() > 3 {
            history.pop();
        }
        fold(entity, &history)
    }
}

bug! {
    /// Has no fifth entry of any log, though it acknowledges it.
    LosesEntries {}
    fn history(&self, entity: EntityId) -> Vec<Chained> {
        self.below.history(entity).into_iter().filter(|chained| chained.entry.header.seq != 5).collect()
    }
    fn entity(&self, entity: EntityId) -> Option<Arc<EntityState>> {
        fold(entity, &self.history(entity))
    }
    fn entities(&self) -> Vec<EntityId> {
        self.below.entities().into_iter().filter(|entity| !self.history(*entity).is_empty()).collect()
    }
}

bug! {
    /// Brings only every fourth write to the disk.
    AcksTooEarly { durable: Box<dyn Storage>, writes: u32 }
    fn receive(&mut self, bytes: &[u8], authority: &dyn Authority) -> Result<Received, StorageError> {
        let received = self.below.receive(bytes, authority);
        self.writes += 1;
        if self.writes.is_multiple_of(4) {
            self.durable = self.below.copy();
        }
        received
    }
    fn put_device(&mut self, device: &Device) -> Result<(), StorageError> {
        self.durable.put_device(device)?;
        self.below.put_device(device)
    }
    fn restart(&mut self) {
        self.below = self.durable.copy();
    }
}

impl AcksTooEarly {
    pub(crate) fn new(mut below: Box<dyn Storage>) -> Self {
        Self { durable: below.copy(), below, writes: 0 }
    }
}

bug! {
    /// Leaves the last segment of a longer page out and moves the cursor past it.
    SkipsInTheStream {}
    fn after(
        &mut self,
        scope: &Scope,
        position: u64,
        except: Option<DeviceId>,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Page, StorageError> {
        let mut page = self.below.after(scope, position, except, budget_bytes, addressee)?;
        // Not when the whole stream is looked at.
        if page.segments.len() > 2 && except.is_some() {
            page.segments.pop();
        }
        Ok(page)
    }
}

bug! {
    /// Keeps what it knows already aside as if it were news.
    CountsRepeats { repeats: Vec<Vec<u8>> }
    fn receive(&mut self, bytes: &[u8], authority: &dyn Authority) -> Result<Received, StorageError> {
        let received = self.below.receive(bytes, authority)?;
        if matches!(received, Received::Known { .. }) {
            self.repeats.push(bytes.to_vec());
        }
        Ok(received)
    }
    fn aside(&self) -> Vec<Vec<u8>> {
        self.below.aside().into_iter().chain(self.repeats.iter().cloned()).collect()
    }
}

bug! {
    /// Takes an entry's word for what it had seen.
    BelievesContexts {}
    fn entity(&self, entity: EntityId) -> Option<Arc<EntityState>> {
        let mut history = self.below.history(entity);
        let there: BTreeMap<(DeviceId, u64), ChainHash> =
            history.iter().map(|chained| ((chained.device, chained.entry.header.seq), chained.hash)).collect();
        for chained in &mut history {
            let header = &mut chained.entry.header;
            header.context = header
                .context
                .iter()
                .filter_map(|(device, seen)| {
                    let hash = there.get(&(device, seen.seq))?;
                    Some((device, kend_log::Seen { seq: seen.seq, prefix: hash.prefix() }))
                })
                .collect();
        }
        fold(entity, &history)
    }
}

bug! {
    /// On a day with an odd date the person is taken to have seen nothing.
    AsksTheClock {}
    fn append(&mut self, append: Append) -> Result<Appended, StorageError> {
        let odd = append.said.wall_ms % 2 != 0;
        let seen = if odd { Some(Context::default()) } else { append.seen };
        self.below.append(Append { seen, ..append })
    }
}

bug! {
    /// Forgets when the hub last told the time.
    ForgetsAnchors {}
    fn append(&mut self, append: Append) -> Result<Appended, StorageError> {
        let said = kend_log::Said { anchor: None, ..append.said };
        self.below.append(Append { said, ..append })
    }
}

bug! {
    /// Has the words of a text only as long as nobody has written another.
    ForgetsOldTexts {}
    fn history(&self, entity: EntityId) -> Vec<Chained> {
        let mut history = self.below.history(entity);
        let Some(state) = self.below.entity(entity) else { return history };
        for chained in &mut history {
            let dot = chained.dot();
            let old = |path: &kend_log::Path| state.live(path).iter().all(|live| live.dot != dot);
            chained.entry.slots.retain(|slot| {
                !matches!(slot, Slot::Kept { op: Op::Set { path, value: Value::Text(_) }, .. } if old(path))
            });
        }
        history
    }
}

/// A state with something wrong in it.
fn altered(state: &EntityState, history: &[Chained], alter: impl FnOnce(&mut Projection)) -> Arc<EntityState> {
    let mut projection = Projection {
        marks: Vec::new(),
        live: Vec::new(),
        elements: Vec::new(),
        judgements: state.judgements().to_vec(),
        erasures: state.erasures().cloned().collect(),
        waiting: state.waiting().cloned().collect(),
        contributors: state.contributors().collect(),
        first: state.first().copied(),
        last: state.last().copied(),
    };
    projection.marks = history
        .iter()
        .filter_map(|chained| Some((chained.dot(), state.mark_of(chained.dot())?)))
        .collect::<Vec<(_, Mark)>>();
    for path in state.paths("") {
        projection.live.extend(state.live(path).iter().map(|live: &Live| (path.clone(), live.clone())));
    }
    for path in state.sets() {
        for (element, dots) in state.elements(path) {
            projection.elements.extend(dots.into_iter().map(|dot| (path.clone(), element.clone(), dot)));
        }
    }
    alter(&mut projection);
    Arc::new(EntityState::restore(state.entity(), projection))
}

bug! {
    /// Keeps one of several values written apart.
    LastWriterWins {}
    fn entity(&self, entity: EntityId) -> Option<Arc<EntityState>> {
        let state = self.below.entity(entity)?;
        Some(altered(&state, &self.below.history(entity), |projection| {
            projection.live.dedup_by_key(|(path, _)| path.clone());
        }))
    }
}

bug! {
    /// Takes an approval to cover whatever is there.
    ForgetsPins {}
    fn entity(&self, entity: EntityId) -> Option<Arc<EntityState>> {
        let state = self.below.entity(entity)?;
        Some(altered(&state, &self.below.history(entity), |projection| {
            for judged in &mut projection.judgements {
                judged.pin = Context::default();
            }
        }))
    }
}

bug! {
    /// Has every entry as it first came.
    Revives { first: std::cell::RefCell<BTreeMap<ChainHash, Entry>> }
    fn history(&self, entity: EntityId) -> Vec<Chained> {
        let mut history = self.below.history(entity);
        for chained in &mut history {
            let entry = chained.entry.clone();
            chained.entry = self.first.borrow_mut().entry(chained.hash).or_insert(entry).clone();
        }
        history
    }
}

impl Revives {
    pub(crate) fn new(below: Box<dyn Storage>) -> Self {
        Self { below, first: std::cell::RefCell::default() }
    }
}

bug! {
    /// Tries the key of whoever comes along on every log.
    TrustsAnyKey { seed: u64 }
    fn receive(&mut self, bytes: &[u8], authority: &dyn Authority) -> Result<Received, StorageError> {
        let received = self.below.receive(bytes, authority)?;
        let Received::SetAside { log: Some(log), code: Code::BadSignature, .. } = &received else { return Ok(received) };
        for number in 1..12 {
            let (_, key) = keys(self.seed, number);
            let person = kend_domain::PersonId::from_bytes([number; 16]);
            let public_key = kend_log::public_key(&key);
            self.below.put_device(&Device { device: log.device, public_key, person, scopes: Vec::new() })?;
            let again = self.below.receive(bytes, authority)?;
            if matches!(again, Received::Appended { .. }) {
                return Ok(again);
            }
        }
        Ok(received)
    }
}

bug! {
    /// Drops the branch that comes second and says nothing.
    DropsBranches {}
    fn receive(&mut self, bytes: &[u8], authority: &dyn Authority) -> Result<Received, StorageError> {
        let mut trial = self.below.copy();
        Ok(match trial.receive(bytes, authority)? {
            Received::Fork { log, .. } => {
                let (seq, hash) = self.below.log_head(&log)?.unwrap_or((0, ChainHash::start(&log)));
                Received::Known { log, seq, prefix: hash.prefix() }
            }
            _ => self.below.receive(bytes, authority)?,
        })
    }
}

bug! {
    /// Sends what is in any scope with every scope.
    LeaksScopes {}
    fn after(
        &mut self,
        scope: &Scope,
        position: u64,
        except: Option<DeviceId>,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Page, StorageError> {
        let mut page = self.below.after(scope, position, except, budget_bytes, addressee)?;
        for other in SCOPES.iter().map(|scope| scope.parse::<Scope>().unwrap()).filter(|other| other != scope) {
            if except.is_some() {
                page.segments.extend(self.below.after(&other, 0, except, budget_bytes, addressee)?.segments);
            }
        }
        Ok(page)
    }
}

bug! {
    /// Calls everything safe that is in the log.
    CallsItSafe {}
    fn receipt(&self, log: &LogId) -> Result<Option<KeptReceipt>, StorageError> {
        let head = self.below.log_head(log)?;
        Ok(head.map(|(seq, _)| KeptReceipt { seq, epoch: [0; 16], server_ms: 0, bytes: Vec::new() }))
    }
}

bug! {
    /// Sends no more once it has sent something.
    StopsSending {}
    fn segments(
        &mut self,
        log: &LogId,
        after_seq: u64,
        budget_bytes: usize,
        addressee: Addressee,
    ) -> Result<Vec<Packed>, StorageError> {
        let segments = self.below.segments(log, after_seq, budget_bytes, addressee)?;
        Ok(if after_seq > 2 { Vec::new() } else { segments })
    }
}

bug! {
    /// Keeps all rubbish aside, however much.
    KeepsTooMuch { kept: Vec<Vec<u8>> }
    fn receive(&mut self, bytes: &[u8], authority: &dyn Authority) -> Result<Received, StorageError> {
        let received = self.below.receive(bytes, authority)?;
        if matches!(received, Received::SetAside { code: Code::Damaged, .. }) {
            self.kept.extend((0..3_000_u32).map(|copy| copy.to_le_bytes().to_vec()));
        }
        Ok(received)
    }
    fn aside(&self) -> Vec<Vec<u8>> {
        self.below.aside().into_iter().chain(self.kept.iter().cloned()).collect()
    }
}

bug! {
    /// Writes a key with every op instead of one salt.
    WritesItsOwnWay {}
    fn after(
        &mut self,
        scope: &Scope,
        position: u64,
        except: Option<DeviceId>,
        budget_bytes: usize,
        _: Addressee,
    ) -> Result<Page, StorageError> {
        let mut page = self.below.after(scope, position, except, budget_bytes, Addressee::Anybody)?;
        for Packed { bytes, .. } in &mut page.segments {
            let segment = Segment::from_bytes(bytes).unwrap();
            let (log, entries) = (segment.log().clone(), segment.entries().to_vec());
            let own = Segment::assemble(log, segment.prior(), entries, |_| None, *segment.signature()).unwrap();
            *bytes = own.to_bytes().unwrap();
        }
        Ok(page)
    }
}
