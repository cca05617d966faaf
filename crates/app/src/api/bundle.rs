//! Passing on by file and taking in a file: sticks, cards, and what was on them.

use super::crossing;

crossing! {
    /// A stick, card or folder that a bundle can be written to.
    pub struct StickView {
        /// Its folder.
        pub folder: String,
        /// What the person knows it by.
        pub name: String,
        /// Free room in megabytes; none when it can't be told.
        pub free_mb: Option<u32>,
        /// The bundles that lie on it, by the paths of their volumes.
        pub bundles: Vec<BundleFileView>,
    }

    /// One volume that lies on a stick.
    pub struct BundleFileView {
        /// Its path.
        pub path: String,
        /// Its name.
        pub name: String,
    }

    /// Write everything that the server has not signed for to a folder.
    pub struct PassOnByFile {
        /// The folder.
        pub folder: String,
    }

    /// Take in volumes that a hub made for this device.
    pub struct TakeInFile {
        /// Their paths, or those of folders with them.
        pub paths: Vec<String>,
    }

    /// What was written.
    pub struct PassedOnView {
        /// The files, by their names.
        pub files: Vec<String>,
        /// Interviews in them.
        pub interviews: u32,
        /// Entries of these.
        pub entries: u32,
        /// Attached files.
        pub attachments: u32,
        /// Size of all of it in kilobytes.
        pub size_kb: u32,
    }

    /// What was taken in.
    pub struct TakenInView {
        /// Interviews of which something was in it.
        pub interviews: u32,
        /// Entries that were new here.
        pub entries_new: u32,
        /// Receipts of the server for what is here.
        pub receipts: u32,
        /// Orders of the server that were carried out.
        pub orders: u32,
        /// Pieces that can't be taken in before another volume.
        pub early: u32,
        /// Pieces that did not count, and why is for who mends things.
        pub refused: u32,
        /// Whether every volume was whole.
        pub whole: bool,
        /// Interviews that wait still.
        pub waiting_interviews: u32,
    }

    /// How far writing or reading has come.
    pub struct FileProgressView {
        /// Whether something is being written or read.
        pub working: bool,
        /// Done, in kilobytes.
        pub done_kb: u32,
        /// To do, in kilobytes.
        pub total_kb: u32,
    }

    /// What was last written to a stick and waits still.
    pub struct GivenView {
        /// When the device's clock said that was (ISO).
        pub at: String,
        /// Waiting interviews that are on it as they are now.
        pub interviews: u32,
    }
}
