//! Passing it on.

use super::{GivenView, crossing};

crossing! {
    /// Join a hub with the joining words that it gave (`kend://192.168.1.5:8470/#pin=...&code=...`), or with its address
    /// and code apart.
    pub struct JoinHub {
        /// The hub's joining words, or its address.
        pub address: String,
        /// The one-time code; may be empty when the joining words have it.
        pub code: String,
    }

    /// Replace the pack by one from a file. One of another signer than the pack in use is refused until a person has
    /// confirmed it; one that nobody signed, unless it is the demo that Kend ships.
    pub struct ImportPack {
        /// The file's content, base64.
        pub content_base64: String,
        /// A person has seen who signed it, and wants it.
        #[serde(default)]
        #[cfg_attr(feature = "bindings", ts(as = "Option<bool>", optional))]
        pub accept_signer: bool,
    }

    /// Who signed a pack.
    pub struct PackSignerView {
        /// The name they gave.
        pub name: String,
        /// What to compare the key by: four groups of four hex digits.
        pub key: String,
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
        /// Meetings with entries that no hub has acknowledged.
        pub waiting_meetings: u32,
        /// Entries among them.
        pub waiting_entries: u32,
        /// Size of what waits, compressed.
        pub waiting_bytes: u32,
        /// What of that is on a stick as it is now.
        pub given: Option<GivenView>,
        /// Interviews of which a hub has everything, and the server not yet.
        pub copied_interviews: u32,
        /// Interviews of which the server has signed that it has everything.
        pub safe_interviews: u32,
        /// How far an exchange under way is.
        pub progress: Option<SyncProgress>,
        /// The last exchange since the store was opened.
        pub last: Option<SyncOutcome>,
        /// The pack's version, e.g. `demo 2026-11`.
        pub pack: String,
        /// Who signed it; null for the demo that Kend ships.
        pub pack_signer: Option<PackSignerView>,
        /// The pack is made up.
        pub pack_synthetic: bool,
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

    /// How far an exchange is.
    pub struct SyncProgress {
        /// Entries that the hub has taken.
        pub entries_done: u32,
        /// All that were to be sent.
        pub entries_to_do: u32,
        /// Bytes that went over the line, both ways.
        pub bytes_done: u32,
        /// The same with what is left to be sent, as far as that can be told.
        pub bytes_to_do: u32,
        /// How long what is left takes at the measured rate; null before anything was measured.
        pub seconds_left: Option<u32>,
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
        /// All that could be sent was sent and all was received.
        pub complete: bool,
        /// Orders that were not the server's: somebody on the way made them up. Nothing was done of them.
        pub orders_refused: u32,
        /// Areas that are not this device's any more, whose content was removed.
        pub scopes_left: u32,
        /// Areas in which device and hub did not have the same, and which were made anew from the log.
        pub scopes_mended: u32,
    }
}
