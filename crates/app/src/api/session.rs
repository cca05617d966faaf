//! Who is here, and is the store open.

use kend_domain::{AreaCode, Language, PersonId, Role};

use super::crossing;

crossing! {
    /// A request without content.
    #[derive(Default)]
    pub struct Nothing {}

    /// Where the UI runs.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum Place {
        /// In the app's window, on the device's own store.
        App,
        /// In a browser, on a hub.
        Browser,
    }

    /// Whether anything can be read yet.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum SessionState {
        /// App: no store yet, create one.
        New,
        /// App: a store, locked. Browser: nobody signed in.
        Locked,
        /// Open.
        Open,
    }

    /// How the store on this device fares; nothing but `sound` needs anybody's hand.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum StoreState {
        /// As it should be.
        Sound,
        /// The disk is full or refuses to write: all can be read, nothing new is kept. The next status tries again.
        ReadOnly,
        /// Damage was found: `repair` reads out what can be read.
        Damaged,
        /// It was damaged and is whole again; the damaged file is kept beside.
        Mended,
        /// As `mended`, but a part could not be read; what a hub has comes back with the next exchanges.
        MendedInPart,
        /// As `mended_in_part`, and the device goes on under a new name: it must join its hub again.
        MendedAsNew,
    }

    /// The state of the session; always answered, also when locked.
    pub struct StatusView {
        /// Window or browser.
        pub place: Place,
        /// New, locked or open.
        pub state: SessionState,
        /// The language of the session.
        pub language: Language,
        /// Who it is; null unless open.
        pub person: Option<PersonView>,
        /// The project; null unless open.
        pub project: Option<ProjectView>,
        /// How the store fares.
        pub store: StoreState,
        /// Interviews with entries that no hub has acknowledged.
        pub waiting_interviews: u32,
        /// Meetings with entries that no hub has acknowledged.
        pub waiting_meetings: u32,
        /// The device's clock is before 2024 (ISO date it says), so times shown are not to be trusted; order is.
        pub clock_says: Option<String>,
        /// An address and code that the app was started with, to fill in the form for joining a hub.
        pub suggested_hub: Option<String>,
        /// The code that goes with it.
        pub suggested_code: Option<String>,
    }

    /// A person.
    pub struct PersonView {
        /// Their id.
        pub person: PersonId,
        /// The name they chose for their colleagues.
        pub name: String,
        /// Their role.
        pub role: Role,
        /// The areas they are responsible for.
        pub areas: Vec<AreaCode>,
    }

    /// The project on this device.
    pub struct ProjectView {
        /// Its title in the session's language.
        pub title: String,
        /// The demo project: says so on every screen.
        pub demo: bool,
        /// Made up, not even a demo of facts: says so on every screen.
        pub synthetic: bool,
        /// Lines of attribution for the data that the screens show.
        pub attribution: Vec<String>,
    }

    /// App only: make an encrypted store with a passphrase of at least eight characters.
    pub struct CreateStore {
        /// The passphrase; kept nowhere.
        pub passphrase: String,
        /// The name of the person.
        pub name: String,
        /// Their language.
        pub language: Language,
    }

    /// App only: open the store.
    pub struct Unlock {
        /// The passphrase.
        pub passphrase: String,
    }

    /// Browser only: sign in at the hub.
    pub struct SignIn {
        /// The name given at the hub.
        pub name: String,
        /// The password.
        pub password: String,
        /// The code of the second factor, or a recovery code, once it was asked for.
        #[serde(default)]
        #[cfg_attr(feature = "bindings", ts(optional))]
        pub code: Option<String>,
    }

    /// Browser only: change the own password. Whoever else is signed in as this person is signed out.
    pub struct ChangePassword {
        /// The password until now.
        pub password: String,
        /// The new one, of at least ten characters.
        pub new_password: String,
    }

    /// Change the language, at any moment.
    pub struct SetLanguage {
        /// The language.
        pub language: Language,
    }
}
