//! A disk that is really full: what was kept stays, the error says so, and with room again the work goes on.

use std::path::Path;

use kend_store::{Store, StoreError};

use crate::work::{self, entry, file, interview, key, note, person, set};

const SIZE: &std::ffi::CStr = c"size=1m";

/// A file system of one megabyte at a folder, gone when it is dropped.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path) -> Option<Self> {
        rustix::mount::mount("kend-crash", at, "tmpfs", rustix::mount::MountFlags::empty(), Some(SIZE))
            .ok()
            .map(|()| Self(at))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        rustix::mount::unmount(self.0, rustix::mount::UnmountFlags::DETACH).ok();
    }
}

#[test]
fn on_a_full_disk_what_was_kept_stays_the_error_says_so_and_with_room_again_work_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_disk) = SmallDisk::mount(folder.path()) else {
        println!("left out: this process may not mount a file system of its own");
        return;
    };
    let path = file(folder.path());
    let mut store = Store::create(&path, &key(), &work::phone(), &[]).unwrap();
    let notes: kend_log::Path = "a/notes".parse().unwrap();
    store.keep_draft(interview(10), &notes, person(), "what is being typed").unwrap();
    let at = |number: usize| format!("a/question_{number}");
    let mut kept = 0;
    let error = loop {
        match store.append(entry(interview(10), vec![set(&at(kept), &note(kept, 4_000))])) {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::DiskFull(_)) && error.is_retryable(), "{error:?}");
    assert!(kept > 20, "{kept}");
    let refused = store.keep_draft(interview(10), &notes, person(), &note(1, 30_000));
    assert!(matches!(refused, Err(StoreError::DiskFull(_))), "{refused:?}");

    let holds = |store: &Store, kept: usize| {
        let state = store.entity(interview(10)).unwrap().unwrap();
        assert!((0..kept).all(|number| state.value(at(number)) == Some(&kend_log::Value::text(note(number, 4_000)))));
        assert_eq!(store.drafts(interview(10)).unwrap().first().unwrap().text, "what is being typed");
        store.check().unwrap();
    };
    holds(&store, kept);
    drop(store);
    // Closed and opened on the full disk: read, or told that there is no room to open.
    match Store::open(&path, &key(), &[]) {
        Ok(store) => holds(&store, kept),
        Err(error) => assert!(error.is_retryable(), "{error:?}"),
    }
    // Room again.
    let flags = rustix::mount::MountFlags::empty();
    rustix::mount::mount_remount(folder.path(), flags, c"size=4m").unwrap();
    let mut store = Store::open(&path, &key(), &[]).unwrap();
    holds(&store, kept);
    store.append(entry(interview(10), vec![set(&at(kept), &note(kept, 4_000))])).unwrap();
    holds(&store, kept + 1);
}
