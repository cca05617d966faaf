//! The villages to visit.

use kend_domain::{AreaCode, EntityId, Position};

use super::crossing;

crossing! {
    /// The villages of the person's areas: nearest first when a position is given, else by name of the language.
    pub struct ListVillages {
        /// Where the person is.
        pub near: Option<Position>,
    }

    /// A village missing from the list, added on the spot.
    pub struct AddVillage {
        /// Its name, 1 to 80 characters.
        pub name: String,
        /// Where it lies. Must be inside a rayon of the pack.
        pub position: Position,
    }

    /// A village.
    pub struct VillageView {
        /// Its id.
        pub village: EntityId,
        /// Its name in the session's language.
        pub name: String,
        /// The rayon's code.
        pub rayon: AreaCode,
        /// The rayon's name.
        pub rayon_name: String,
        /// The priority cluster it lies in.
        pub cluster: Option<String>,
        /// The cluster's name.
        pub cluster_name: Option<String>,
        /// Inhabitants, where a source says.
        pub population: Option<u32>,
        /// Where it lies.
        pub position: Position,
        /// Kilometres from the position in the request, along the great circle.
        pub distance_km: Option<f64>,
        /// Added in the field, not from the pack.
        pub added_here: bool,
        /// Its interviews by kind and state.
        pub fgd: InterviewCounts,
        /// Key informants.
        pub kii: InterviewCounts,
    }

    /// Interviews of one kind, by state.
    #[derive(Default, Copy, Eq)]
    pub struct InterviewCounts {
        /// Being recorded.
        pub draft: u32,
        /// Signed off, waiting for a supervisor.
        pub complete: u32,
        /// Sent back.
        pub returned: u32,
        /// Accepted.
        pub approved: u32,
    }
}
