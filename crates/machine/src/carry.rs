//! Carrying bundles between the device and a stick: the device hands over records piece by piece and is free while a
//! slow card is written or read.

use std::cell::Cell;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kend_app::api::{ApiError, ErrorCode, FileProgressView, PassOnByFile, PassedOnView, TakeInFile, TakenInView};
use kend_app::{Device, PassingOn, TakingIn, not_opened};
use kend_bundle::limits::MAX_BLOB_PIECE_BYTES;
use kend_bundle::{BlobPiece, ReadError, Reader, Record, SealKey, WriteError, Writer, name};
use kend_stick::{Progress, Stick, StickError};
use kend_store::{Blob, BlobError};

use crate::sticks;

/// The one piece of work with a stick that is under way, if any.
#[derive(Debug, Default)]
pub(crate) struct Carrying(Mutex<Option<Arc<Progress>>>);

impl Carrying {
    /// How far it has come.
    pub(crate) fn view(&self) -> FileProgressView {
        let kilobytes = |bytes: u64| u32::try_from(bytes / 1024).unwrap_or(u32::MAX);
        match self.lock().as_ref() {
            Some(progress) => {
                let (done_bytes, total_bytes) = progress.bytes();
                FileProgressView { working: true, done_kb: kilobytes(done_bytes), total_kb: kilobytes(total_bytes) }
            }
            None => FileProgressView { working: false, done_kb: 0, total_kb: 0 },
        }
    }

    /// Stops it.
    pub(crate) fn stop(&self) -> FileProgressView {
        if let Some(progress) = self.lock().as_ref() {
            progress.cancel();
        }
        self.view()
    }

    fn begin(&self) -> Result<Turn<'_>, ApiError> {
        let mut held = self.lock();
        if held.is_some() {
            return Err(ApiError::with(ErrorCode::WrongState, "a stick is being written or read"));
        }
        let progress = Arc::new(Progress::default());
        *held = Some(Arc::clone(&progress));
        Ok(Turn { carrying: self, progress })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Progress>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Work under way; ends with its owner.
struct Turn<'a> {
    carrying: &'a Carrying,
    progress: Arc<Progress>,
}

impl Turn<'_> {
    /// What was stopped says so, whatever broke off by that.
    fn fail(&self, error: ApiError) -> ApiError {
        if self.progress.is_cancelled() { ApiError::new(ErrorCode::FileStopped) } else { error }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.carrying.lock() = None;
    }
}

/// Writes what the server has not signed for to a folder.
pub(crate) fn pass_on(
    device: &Mutex<Device>,
    carrying: &Carrying,
    request: &PassOnByFile,
) -> Result<PassedOnView, ApiError> {
    let turn = carrying.begin()?;
    write(device, &turn, Path::new(&request.folder)).map_err(|error| turn.fail(error))
}

fn write(device: &Mutex<Device>, turn: &Turn<'_>, folder: &Path) -> Result<PassedOnView, ApiError> {
    let mut passing = lock(device).begin_passing_on()?;
    let name = name::of(&passing.bundle.project, &passing.bundle.id);
    let stick = Stick::new(folder, &name, passing.content_bytes, Arc::clone(&turn.progress)).map_err(stick_failed)?;
    // A store that was locked meanwhile signs nothing: such a bundle is none, and is not kept.
    let unsigned = Cell::new(None);
    let sign = |purpose: &str, message: &[u8]| match lock(device).sign(purpose, message) {
        Ok(signature) => signature,
        Err(error) => {
            unsigned.set(Some(error));
            [0; 64]
        }
    };
    let mut writer = Writer::new(passing.bundle.clone(), &sign, stick).map_err(not_written)?;
    loop {
        let records = lock(device).more_to_pass_on(&mut passing)?;
        if records.is_empty() {
            break;
        }
        for record in &records {
            writer.put(record).map_err(not_written)?;
        }
    }
    put_attachments(device, &mut passing, |record| writer.put(record).map_err(not_written))?;
    let (_, stick) = writer.finish().map_err(not_written)?;
    if let Some(error) = unsigned.take() {
        return Err(error);
    }
    let paths = stick.finish().map_err(stick_failed)?;
    lock(device).passed_on(&passing, paths.iter().map(|path| file_name(path)).collect())
}

/// Hands out attachments piece by piece, with the device free. One that is damaged is none: it is told, not passed on.
fn put_attachments(
    device: &Mutex<Device>,
    passing: &mut PassingOn,
    mut put: impl FnMut(&Record) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    let folder = lock(device).attachment_folder()?;
    for Blob { id, size_bytes, .. } in passing.attachments.clone() {
        match folder.check(&id) {
            Ok(()) => {}
            // Erased meanwhile.
            Err(BlobError::NotHere) => continue,
            Err(BlobError::Damaged) => {
                lock(device).attachment_damaged(&id)?;
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        let mut offset_bytes = 0;
        while offset_bytes < size_bytes {
            let bytes = match folder.read_at(&id, offset_bytes, MAX_BLOB_PIECE_BYTES as u64) {
                Ok(bytes) if !bytes.is_empty() => bytes,
                Ok(_) | Err(BlobError::NotHere) => break,
                Err(error) => return Err(error.into()),
            };
            let length = bytes.len() as u64;
            let record = Record::Blob(BlobPiece { blob: id.0, offset_bytes, size_bytes, bytes });
            put(&record)?;
            passing.note_written(&record);
            offset_bytes += length;
        }
    }
    Ok(())
}

/// Takes in what the hub gave by file.
pub(crate) fn take_in(
    device: &Mutex<Device>,
    carrying: &Carrying,
    request: &TakeInFile,
) -> Result<TakenInView, ApiError> {
    let turn = carrying.begin()?;
    read(device, &turn, request).map_err(|error| turn.fail(error))
}

fn read(device: &Mutex<Device>, turn: &Turn<'_>, request: &TakeInFile) -> Result<TakenInView, ApiError> {
    let (key, mut taking) = {
        let mut device = lock(device);
        (device.seal_key()?, device.begin_taking_in()?)
    };
    let volumes = volumes_for_here(&request.paths, &key, &taking)?;
    let sizes = volumes.iter().filter_map(|(_, _, path)| Some(path.metadata().ok()?.len()));
    turn.progress.expect(sizes.sum());
    for (_, _, path) in &volumes {
        take_volume(device, turn, open(path, &key)?, &mut taking)?;
    }
    lock(device).taken_in(taking)
}

/// The volumes at these paths, a folder's own among them: all are looked at before any is taken in, and a later one comes
/// after an earlier one. On a stick lie others' bundles too, this device's own among them: they are passed over, unless
/// there is nothing else.
fn volumes_for_here(
    paths: &[String],
    key: &SealKey,
    taking: &TakingIn,
) -> Result<Vec<([u8; 16], u32, PathBuf)>, ApiError> {
    let mut volumes = Vec::new();
    let mut others = Err(ApiError::new(ErrorCode::NotABundle));
    for path in paths.iter().map(PathBuf::from).flat_map(|path| sticks::volumes(&path)) {
        let checked = open(&path, key).and_then(|reader| taking.check(reader.header()).map(|()| reader));
        match checked {
            Ok(reader) => volumes.push((reader.header().bundle, reader.header().volume, path)),
            Err(error) if error.code == ErrorCode::BundleForOthers => others = Err(error),
            Err(error) => return Err(error),
        }
    }
    if volumes.is_empty() {
        return others;
    }
    volumes.sort();
    Ok(volumes)
}

fn take_volume(
    device: &Mutex<Device>,
    turn: &Turn<'_>,
    mut reader: Reader<BufReader<File>>,
    taking: &mut TakingIn,
) -> Result<(), ApiError> {
    loop {
        match reader.next_record() {
            Ok(Some(record)) => {
                turn.progress.add(record.size_bytes());
                lock(device).take_in(taking, record)?;
            }
            Ok(None) => return Ok(()),
            Err(ReadError::CutOff { .. } | ReadError::Damaged { .. } | ReadError::Io(_)) => {
                taking.note_broken();
                return Ok(());
            }
        }
        // What was taken in stays: the rest comes when the file is taken in again.
        if turn.progress.is_cancelled() {
            return Err(ApiError::new(ErrorCode::FileStopped));
        }
    }
}

fn open(path: &Path, key: &SealKey) -> Result<Reader<BufReader<File>>, ApiError> {
    let file = File::open(path).map_err(|error| ApiError::with(ErrorCode::StickFailed, error))?;
    Reader::open(BufReader::new(file), key).map_err(|error| not_opened(&error))
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn stick_failed(error: StickError) -> ApiError {
    match error {
        StickError::NoRoom { .. } => ApiError::with(ErrorCode::StickFull, error),
        StickError::NotReadBack(_) | StickError::File { .. } => ApiError::with(ErrorCode::StickFailed, error),
    }
}

fn not_written(error: WriteError) -> ApiError {
    match error {
        WriteError::Io(ref cause) if cause.kind() == std::io::ErrorKind::StorageFull => {
            ApiError::with(ErrorCode::StickFull, error)
        }
        WriteError::Io(_) => ApiError::with(ErrorCode::StickFailed, error),
        WriteError::Recipients | WriteError::BadRecipient | WriteError::TooLarge => {
            ApiError::with(ErrorCode::Internal, error)
        }
    }
}

/// A use case that failed half-way changed nothing (each is one transaction), so its lock may be taken over.
pub(crate) fn lock(device: &Mutex<Device>) -> MutexGuard<'_, Device> {
    device.lock().unwrap_or_else(PoisonError::into_inner)
}
