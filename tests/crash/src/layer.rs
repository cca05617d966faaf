//! The layer between `SQLite` and the system's files: hands everything on, records what changes files, refuses when told.
//!
//! It is `SQLite`'s default from [`watch`] on, so the store under test needs no word for it; files in folders that nobody
//! watches pass through untouched. A file of ours holds the system's own file right behind it, as `SQLite` lays them out:
//! shared memory and locks are the system's, so the write-ahead log works unchanged. Reading by memory map is not offered
//! (`iVersion` 2): no read may pass the layer by.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::size_of;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

use rusqlite::ffi;

use crate::{Event, Fault, FaultKind, Recording};

type Shared = Arc<Mutex<Recording>>;

static WATCHED: Mutex<Vec<(PathBuf, Shared)>> = Mutex::new(Vec::new());
static REGISTER: Once = Once::new();

/// A folder whose databases are watched until this is dropped.
#[derive(Debug)]
pub struct Watched {
    folder: PathBuf,
    recording: Shared,
}

/// Watches the databases of a folder.
pub fn watch(folder: &Path) -> std::io::Result<Watched> {
    REGISTER.call_once(register);
    let folder = folder.canonicalize()?;
    let recording = Arc::new(Mutex::new(Recording::of(&folder)?));
    locked(&WATCHED).push((folder.clone(), Arc::clone(&recording)));
    Ok(Watched { folder, recording })
}

impl Watched {
    /// Refuses from now on, or no more.
    pub fn refuse(&self, fault: Option<Fault>) {
        locked(&self.recording).set_fault(fault);
    }

    /// Does something that the disk neither refuses nor counts: what the test itself looks at.
    pub fn obeying<T>(&self, look: impl FnOnce() -> T) -> T {
        locked(&self.recording).set_paused(true);
        let seen = look();
        locked(&self.recording).set_paused(false);
        seen
    }

    /// Notes that the workload heard of a step that it is done.
    pub fn acknowledged(&self, steps: usize) {
        locked(&self.recording).events.push(Event::Acknowledged(steps));
    }

    /// What was recorded so far.
    pub fn recording(&self) -> MutexGuard<'_, Recording> {
        locked(&self.recording)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        locked(&WATCHED).retain(|(folder, _)| *folder != self.folder);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The recording of the folder that a file lies in, and the file's name there.
fn watched(name: *const c_char) -> Option<(Shared, String)> {
    if name.is_null() {
        return None;
    }
    // SAFETY: `SQLite` hands over a string that ends with a zero and lives as long as the call.
    let path = Path::new(unsafe { CStr::from_ptr(name) }.to_str().ok()?);
    let folder = path.parent()?;
    let all = locked(&WATCHED);
    let (_, recording) = all.iter().find(|(watched, _)| watched == folder)?;
    Some((Arc::clone(recording), path.file_name()?.to_str()?.to_owned()))
}

/// What is watched of an open file.
struct OpenFile {
    recording: Shared,
    file: usize,
    /// The system syncs the folder with the first sync of a journal that it created.
    syncs_folder: bool,
}

/// A file as `SQLite` sees it; the system's own follows right behind.
#[repr(C)]
struct LayerFile {
    base: ffi::sqlite3_file,
    /// From `Box::into_raw`, or null when nobody watches.
    open: *mut OpenFile,
}

const METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};
static METHODS_IN_PLACE: ffi::sqlite3_io_methods = METHODS;

fn register() {
    // The library sets itself up on the first connection; before that there is no default to stand on.
    drop(rusqlite::Connection::open_in_memory());
    // SAFETY: the library is set up, and asked for its default by a null name it hands out a pointer that stays valid.
    let system = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
    assert!(!system.is_null(), "SQLite has no default file system");
    // SAFETY: checked above; the struct is read only.
    let of_system = unsafe { *system };
    let own = size_of::<LayerFile>();
    let layer = Box::new(ffi::sqlite3_vfs {
        iVersion: of_system.iVersion,
        szOsFile: c_int::try_from(own).expect("a small struct") + of_system.szOsFile,
        pNext: ptr::null_mut(),
        zName: c"kend-crash".as_ptr(),
        pAppData: system.cast::<c_void>(),
        xOpen: Some(open),
        xDelete: Some(delete),
        // Everything else takes the layer's struct for its own only to find `pAppData`, which it does not read, or calls
        // by name: the functions of the system work on it as they are, but for these.
        xAccess: Some(access),
        xFullPathname: Some(full_pathname),
        ..of_system
    });
    // SAFETY: leaked, so the struct lives as long as the process, as `SQLite` asks.
    let registered = unsafe { ffi::sqlite3_vfs_register(Box::into_raw(layer), 1) };
    assert_eq!(registered, ffi::SQLITE_OK, "the layer can't be registered");
}

/// The system's file system under the layer.
///
/// # Safety
/// `vfs` is the layer's own.
unsafe fn system<'a>(vfs: *mut ffi::sqlite3_vfs) -> (&'a ffi::sqlite3_vfs, *mut ffi::sqlite3_vfs) {
    // SAFETY: `register` put the system's pointer there, which is valid for ever.
    unsafe {
        let system = (*vfs).pAppData.cast::<ffi::sqlite3_vfs>();
        (&*system, system)
    }
}

/// The system's file behind one of ours.
///
/// # Safety
/// `file` is a file that `SQLite` made room for with the layer's `szOsFile`.
unsafe fn inner(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: the room holds a `LayerFile`, whose size keeps the alignment of 8, and the system's file.
    unsafe { file.cast::<u8>().add(size_of::<LayerFile>()).cast() }
}

/// The methods of the system's file.
///
/// # Safety
/// `file` is open.
unsafe fn methods<'a>(file: *mut ffi::sqlite3_file) -> &'a ffi::sqlite3_io_methods {
    // SAFETY: the system set `pMethods` when it opened its file, to a static table.
    unsafe { &*(*inner(file)).pMethods }
}

/// What is watched of a file.
///
/// # Safety
/// `file` is open. `SQLite` uses a file from one thread at a time.
unsafe fn of<'a>(file: *mut ffi::sqlite3_file) -> Option<&'a mut OpenFile> {
    // SAFETY: `open` is null or from `Box::into_raw`, and freed in `close` only.
    unsafe { (*file.cast::<LayerFile>()).open.as_mut() }
}

macro_rules! hand_on {
    ($name:ident($($argument:ident: $kind:ty),*) -> $method:ident) => {
        unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file $(, $argument: $kind)*) -> c_int {
            // SAFETY: `SQLite` calls with a file that `open` opened, and with arguments that are the system's to check.
            unsafe {
                methods(file).$method.map_or(ffi::SQLITE_ERROR, |method| method(inner(file) $(, $argument)*))
            }
        }
    };
}

hand_on!(file_size(size: *mut ffi::sqlite3_int64) -> xFileSize);
hand_on!(lock(level: c_int) -> xLock);
hand_on!(unlock(level: c_int) -> xUnlock);
hand_on!(check_reserved_lock(held: *mut c_int) -> xCheckReservedLock);
hand_on!(file_control(operation: c_int, argument: *mut c_void) -> xFileControl);
hand_on!(sector_size() -> xSectorSize);
hand_on!(device_characteristics() -> xDeviceCharacteristics);
hand_on!(shm_map(page: c_int, size: c_int, extend: c_int, mapped: *mut *mut c_void) -> xShmMap);
hand_on!(shm_lock(offset: c_int, count: c_int, flags: c_int) -> xShmLock);
hand_on!(shm_unmap(delete: c_int) -> xShmUnmap);

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    // SAFETY: as in `hand_on`.
    unsafe {
        if let Some(method) = methods(file).xShmBarrier {
            method(inner(file));
        }
    }
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: `SQLite` made room of `szOsFile` bytes at `file`, so both files fit; the name is the system's to use.
    unsafe {
        let layer = file.cast::<LayerFile>();
        (*layer).base.pMethods = ptr::null();
        (*layer).open = ptr::null_mut();
        let watched = watched(name);
        let created = match &watched {
            Some(_) => !Path::new(CStr::from_ptr(name).to_str().unwrap_or_default()).exists(),
            None => false,
        };
        let (table, system) = system(vfs);
        let Some(system_open) = table.xOpen else { return ffi::SQLITE_CANTOPEN };
        let outcome = system_open(system, name, inner(file), flags, out_flags);
        if outcome != ffi::SQLITE_OK {
            if let Some(close) = (*inner(file)).pMethods.as_ref().and_then(|methods| methods.xClose) {
                close(inner(file));
            }
            return outcome;
        }
        (*layer).base.pMethods = &raw const METHODS_IN_PLACE;
        if let Some((recording, name)) = watched {
            let journal = ffi::SQLITE_OPEN_WAL | ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL;
            let syncs_folder = flags & ffi::SQLITE_OPEN_CREATE != 0 && flags & journal != 0;
            let number = locked(&recording).opened(&name, created);
            (*layer).open = Box::into_raw(Box::new(OpenFile { recording, file: number, syncs_folder }));
        }
        ffi::SQLITE_OK
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: `SQLite` closes an open file once; `open` holds a box of `open` or null, and is not used afterwards.
    unsafe {
        let layer = file.cast::<LayerFile>();
        if !(*layer).open.is_null() {
            drop(Box::from_raw((*layer).open));
            (*layer).open = ptr::null_mut();
        }
        methods(file).xClose.map_or(ffi::SQLITE_OK, |method| method(inner(file)))
    }
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    buffer: *mut c_void,
    size: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: `buffer` has room for `size` bytes; the file is open.
    unsafe {
        let refused =
            of(file).and_then(|open| locked(&open.recording).refuses(&[FaultKind::Read, FaultKind::ShortRead]));
        let outcome = if refused == Some(FaultKind::Read) {
            ffi::SQLITE_IOERR_READ
        } else {
            methods(file).xRead.map_or(ffi::SQLITE_IOERR_READ, |method| method(inner(file), buffer, size, offset))
        };
        if refused == Some(FaultKind::ShortRead) && outcome == ffi::SQLITE_OK {
            // As the rules say: what was not read is zero.
            let size = usize::try_from(size).unwrap_or(0);
            ptr::write_bytes(buffer.cast::<u8>().add(size / 2), 0, size - size / 2);
            return ffi::SQLITE_IOERR_SHORT_READ;
        }
        outcome
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    buffer: *const c_void,
    size: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: `buffer` holds `size` bytes; the file is open.
    unsafe {
        if let Some(open) = of(file) {
            let mut recording = locked(&open.recording);
            match recording.refuses(&[FaultKind::Write, FaultKind::Full]) {
                Some(FaultKind::Full) => return ffi::SQLITE_FULL,
                Some(_) => return ffi::SQLITE_IOERR_WRITE,
                None => (),
            }
            let bytes = std::slice::from_raw_parts(buffer.cast::<u8>(), usize::try_from(size).unwrap_or(0)).to_vec();
            let offset = usize::try_from(offset).unwrap_or(0);
            recording.events.push(Event::Write { file: open.file, offset, bytes });
        }
        methods(file).xWrite.map_or(ffi::SQLITE_IOERR_WRITE, |method| method(inner(file), buffer, size, offset))
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    // SAFETY: the file is open.
    unsafe {
        if let Some(open) = of(file) {
            let mut recording = locked(&open.recording);
            if recording.refuses(&[FaultKind::Write]).is_some() {
                return ffi::SQLITE_IOERR_TRUNCATE;
            }
            let size_bytes = usize::try_from(size).unwrap_or(0);
            recording.events.push(Event::Truncate { file: open.file, size_bytes });
        }
        methods(file).xTruncate.map_or(ffi::SQLITE_IOERR_TRUNCATE, |method| method(inner(file), size))
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: the file is open.
    unsafe {
        if let Some(open) = of(file) {
            let mut recording = locked(&open.recording);
            if recording.refuses(&[FaultKind::Sync]).is_some() {
                recording.events.push(Event::FailedSync { file: open.file });
                return ffi::SQLITE_IOERR_FSYNC;
            }
            recording.events.push(Event::Sync { file: open.file });
            if std::mem::take(&mut open.syncs_folder) {
                recording.events.push(Event::SyncFolder);
            }
        }
        methods(file).xSync.map_or(ffi::SQLITE_IOERR_FSYNC, |method| method(inner(file), flags))
    }
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: `vfs` is the layer's, the name is the system's to use.
    unsafe {
        let (table, system) = system(vfs);
        let outcome = table.xDelete.map_or(ffi::SQLITE_ERROR, |method| method(system, name, sync_folder));
        if outcome == ffi::SQLITE_OK
            && let Some((recording, name)) = watched(name)
        {
            locked(&recording).deleted(&name, sync_folder != 0);
        }
        outcome
    }
}

unsafe extern "C" fn access(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    outcome: *mut c_int,
) -> c_int {
    // SAFETY: `vfs` is the layer's, the rest is the system's to use.
    unsafe {
        let (table, system) = system(vfs);
        table.xAccess.map_or(ffi::SQLITE_ERROR, |method| method(system, name, flags, outcome))
    }
}

unsafe extern "C" fn full_pathname(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    size: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: `vfs` is the layer's, the rest is the system's to use.
    unsafe {
        let (table, system) = system(vfs);
        table.xFullPathname.map_or(ffi::SQLITE_ERROR, |method| method(system, name, size, out))
    }
}
