//! Clusters, rayons and villages side by side and one by one.

use kend_domain::{AreaCode, Dimension, EntityId, Position, ReadinessClass};

use super::{InterviewCounts, MergedView, ZoneValueView, crossing};

crossing! {
    /// All clusters and rayons of the person's areas.
    pub struct CompareView {
        /// The pack is made up.
        pub synthetic: bool,
        /// The four thresholds of the index.
        pub thresholds: Vec<f64>,
        /// Clusters by index, the highest first, then rayons likewise; what has none comes last.
        pub rows: Vec<CompareRow>,
    }

    /// What a row is about.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum AreaKind {
        /// A cluster.
        Cluster,
        /// A rayon.
        Rayon,
    }

    /// A cluster or rayon beside others.
    pub struct CompareRow {
        /// Which.
        pub kind: AreaKind,
        /// Id of the cluster, or code of the rayon.
        pub id: String,
        /// Its name in the session's language.
        pub name: String,
        /// The index from data alone; null without one.
        pub index: Option<f64>,
        /// Its class.
        pub class: Option<ReadinessClass>,
        /// Rayons: the index of the rayon's own values, which differs.
        pub index_of_values: Option<f64>,
        /// Merged with the voices; null for rayons.
        pub merged: Option<MergedView>,
        /// The five dimensions in their order.
        pub dimensions: Vec<Option<f64>>,
        /// Share of its area in each class, Activate first; empty where not known.
        pub class_shares: Vec<f64>,
        /// Square kilometres.
        pub area_km2: Option<f64>,
        /// Inhabitants.
        pub people: Option<u32>,
        /// Villages it holds.
        pub villages: u32,
        /// Villages with a signed-off interview.
        pub villages_visited: u32,
        /// Signed-off interviews.
        pub interviews: u32,
    }

    /// Ask for the profile of one of these.
    #[serde(rename_all = "snake_case")]
    pub enum ReadProfile {
        /// A village.
        Village(EntityId),
        /// A cluster.
        Cluster(String),
        /// A rayon.
        Rayon(AreaCode),
    }

    /// The profile of a village, a cluster or a rayon (Table 7 of the report).
    pub struct ProfileView {
        /// Its name in the session's language.
        pub name: String,
        /// The pack is made up.
        pub synthetic: bool,
        /// The rayons it lies in or holds.
        pub rayons: Vec<RayonName>,
        /// The cluster: itself, or the one that a village lies in.
        pub cluster: Option<String>,
        /// The cluster's name.
        pub cluster_name: Option<String>,
        /// Where it is; null for a cluster.
        pub position: Option<Position>,
        /// Inhabitants.
        pub people: Option<u32>,
        /// The year of that, where known.
        pub people_year: Option<u32>,
        /// Square kilometres.
        pub area_km2: Option<f64>,
        /// Towns and villages in it; null for a village.
        pub villages: Option<u32>,
        /// Further numbers.
        pub numbers: Vec<ProfileNumberView>,
        /// Minutes to services; villages only.
        pub travel: Vec<TravelView>,
        /// The index from data alone: its own, or of the cell that a village lies in.
        pub index: Option<f64>,
        /// Its class.
        pub class: Option<ReadinessClass>,
        /// The five dimensions in their order; empty where not known.
        pub dimensions: Vec<Option<f64>>,
        /// Raw values known just here.
        pub values: Vec<ProfileValueView>,
        /// Villages with a signed-off interview; null for a village.
        pub villages_visited: Option<u32>,
        /// Focus groups by state.
        pub fgd: InterviewCounts,
        /// Key informants by state.
        pub kii: InterviewCounts,
    }

    /// A rayon by name.
    pub struct RayonName {
        /// Its code.
        pub rayon: AreaCode,
        /// Its name in the session's language.
        pub name: String,
    }

    /// A number of a profile.
    pub struct ProfileNumberView {
        /// What is counted or measured.
        pub name: String,
        /// How many or how much.
        pub value: f64,
        /// The unit; null for a count.
        pub unit: Option<String>,
    }

    /// How long the way to a service is.
    pub struct TravelView {
        /// The service.
        pub to: String,
        /// Minutes.
        pub minutes: f64,
    }

    /// A raw value.
    pub struct ProfileValueView {
        /// Row of Annex I.
        pub row: u32,
        /// Its name in the session's language.
        pub name: String,
        /// Its dimension.
        pub dimension: Dimension,
        /// The unit.
        pub unit: String,
        /// Where it is of, and the value.
        pub of: Vec<ZoneValueView>,
        /// The value, for one place.
        pub value: Option<f64>,
    }
}
