//! Passing it on.

use super::{GivenView, crossing};

crossing! {
    /// Join a hub with the code that it gave (address like `http://192.168.1.5:8470`).
    pub struct JoinHub {
        /// The hub's address.
        pub address: String,
        /// The one-time code.
        pub code: String,
    }

    /// Replace the pack by one from a file.
    pub struct ImportPack {
        /// The file's content, base64.
        pub content_base64: String,
    }

    /// Replace an instrument by one from its three `XLSForm` sheets (CSV). Interviews keep their answers.
    pub struct ImportInstrument {
        /// The `survey` sheet.
        pub survey: String,
        /// The `choices` sheet.
        pub choices: String,
        /// The `settings` sheet.
        pub settings: String,
    }

    /// The state of passing it on.
    pub struct SyncView {
        /// The hub, once joined.
        pub hub: Option<HubView>,
        /// Interviews with entries that no hub has acknowledged.
        pub waiting_interviews: u32,
        /// Entries among them.
        pub waiting_entries: u32,
        /// Size of what waits, compressed.
        pub waiting_bytes: u32,
        /// What of that is on a stick as it is now.
        pub given: Option<GivenView>,
        /// The last exchange since the store was opened.
        pub last: Option<SyncOutcome>,
        /// The pack's version, e.g. `demo 2026-11`.
        pub pack: String,
        /// The instruments and versions on this device.
        pub instruments: Vec<String>,
    }

    /// The hub of this device.
    pub struct HubView {
        /// What it calls itself.
        pub name: String,
        /// Where it is.
        pub address: String,
        /// When the device's clock said the last full exchange was (ISO).
        pub last_at: Option<String>,
    }

    /// What an exchange did.
    pub struct SyncOutcome {
        /// Entries sent and acknowledged as durable.
        pub sent: u32,
        /// Entries received.
        pub received: u32,
        /// Entries that the hub set aside for a person to look at.
        pub set_aside: u32,
        /// Bytes up.
        pub bytes_up: u32,
        /// Bytes down.
        pub bytes_down: u32,
    }
}
