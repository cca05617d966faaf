//! The calculator on cells: what if, what would lift a cluster, how it stands among its peers, where it lags.

use kend_domain::{AreaCode, Dimension, ReadinessClass};

use super::{InterventionView, MergedView, crossing};

crossing! {
    /// A request about one cluster.
    pub struct OfCluster {
        /// Its id in the pack.
        pub cluster: String,
    }

    /// What must be said beside an indicator or a result.
    #[derive(Copy, Eq, PartialOrd, Ord)]
    #[serde(rename_all = "snake_case")]
    pub enum CautionWord {
        /// The indicator's direction or denominator is disputed.
        Contested,
        /// Its data are known to be thin.
        Weak,
        /// No village or rayon could change it.
        NotActionable,
        /// It has one value in a whole rayon, so that places outside the cluster would change too.
        RayonWide,
        /// It differs from cell to cell; the change is spread evenly over the cluster.
        SpreadEvenly,
        /// In some cells no more is known than the least that it comes to.
        AtLeast,
        /// Ways are laid over the map of the cluster, and times are rounded; ways around through elsewhere are not seen.
        WaysHere,
        /// Its measurement was lost in the report and is inferred.
        Reconstructed,
    }

    /// What can be tried in a cluster: its 53 indicators with their raw values. Needs cells.
    pub struct LeversView {
        /// The cluster.
        pub cluster: String,
        /// The pack is made up.
        pub synthetic: bool,
        /// The indicators, row 1 first.
        pub levers: Vec<LeverView>,
    }

    /// An indicator that can be tried.
    pub struct LeverView {
        /// Row of Annex I.
        pub row: u32,
        /// Its name in the session's language.
        pub name: String,
        /// Its dimension.
        pub dimension: Dimension,
        /// Its unit.
        pub unit: String,
        /// Weight in the index, 0 to 1.
        pub weight: f64,
        /// The cluster's raw value.
        pub value: Option<f64>,
        /// The cluster's mean score, 0 to 100.
        pub score: Option<f64>,
        /// The raw value that scores 0; null when it can't be changed here.
        pub worst: Option<f64>,
        /// The raw value that scores 100.
        pub best: Option<f64>,
        /// One value in each rayon: give the rayon, or none for all. Otherwise one for the whole cluster.
        pub by_rayon: bool,
        /// What can be put on the map for it; null where nothing can.
        pub takes: Option<TakesWord>,
        /// Its values in the cluster's rayons.
        pub zones: Vec<ZoneValueView>,
        /// What must be said beside it.
        pub cautions: Vec<CautionWord>,
    }

    /// What can be put on the map for an indicator that differs from cell to cell.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum TakesWord {
        /// A point of a density: a project, an attraction.
        Point,
        /// A destination of ways: a school, a bank.
        Destination,
        /// A mast, with the radius that it covers.
        Mast,
    }

    /// A raw value of a rayon.
    pub struct ZoneValueView {
        /// The rayon.
        pub zone: AreaCode,
        /// Its name.
        pub name: String,
        /// The value; null when missing.
        pub value: Option<f64>,
        /// Whether it was filled with the mean of the economic region.
        pub imputed: bool,
        /// The year it is of.
        pub year: Option<u32>,
        /// Who published it.
        pub source: Option<String>,
    }

    /// Try changes of indicators in a cluster. Needs cells.
    pub struct CalculateWhatIf {
        /// The cluster.
        pub cluster: String,
        /// What is changed; all at once. No row twice in one rayon; of new places as many as are there.
        pub changes: Vec<IndicatorChange>,
        /// Whether to say the class of each cell after.
        #[serde(default)]
        pub cells: bool,
    }

    /// One change: a value, or something new on the map.
    pub struct IndicatorChange {
        /// Row of Annex I.
        pub row: u32,
        /// The rayon, for indicators with one value a rayon; null for all of the cluster's. Null for all others.
        pub zone: Option<AreaCode>,
        /// The raw value to try; for indicators that differ from cell to cell the mean to be reached. Null with a place.
        pub value: Option<f64>,
        /// Something new, for indicators that take it. Null with a value.
        pub place: Option<NewPlace>,
    }

    /// Something new on the map, in the plane of maps.
    #[derive(Copy)]
    pub struct NewPlace {
        /// Metres east.
        pub x_m: f64,
        /// Metres north.
        pub y_m: f64,
        /// How far a mast reaches; null for all else.
        pub radius_km: Option<f64>,
    }

    /// A cluster before and after. Arithmetic of the index, not a forecast.
    pub struct WhatIfView {
        /// The cluster.
        pub cluster: String,
        /// The pack is made up.
        pub synthetic: bool,
        /// Before.
        pub before: StandingView,
        /// After.
        pub after: StandingView,
        /// What was changed; all new places of a row together.
        pub changes: Vec<ChangedView>,
        /// The class of each cell after, as `MapCellsView.classes` has it before; null where it was not asked for.
        pub classes: Option<Vec<u32>>,
        /// What must be said beside the result, each once.
        pub cautions: Vec<CautionWord>,
    }

    /// How a cluster stands.
    pub struct StandingView {
        /// The index from data alone, 0 to 100.
        pub index: f64,
        /// Its class.
        pub class: ReadinessClass,
        /// Merged with the voices, and its range.
        pub merged: Option<MergedView>,
        /// The five dimensions in their order, 0 to 100.
        pub dimensions: Vec<Option<f64>>,
        /// Square kilometres in each class, Activate first.
        pub area_km2: Vec<f64>,
        /// People in each class, Activate first.
        pub people: Vec<f64>,
    }

    /// A change as it was made.
    pub struct ChangedView {
        /// Row of Annex I.
        pub row: u32,
        /// Its name in the session's language.
        pub name: String,
        /// The rayon; null for the whole cluster.
        pub zone: Option<AreaCode>,
        /// The value before; null when missing.
        pub from: Option<f64>,
        /// The value tried; with new places the one that goes with the score after.
        pub to: f64,
        /// How many new places it has.
        pub places: u32,
        /// The unit.
        pub unit: String,
        /// Score before; null when missing.
        pub score_before: Option<f64>,
        /// Score after.
        pub score_after: f64,
        /// What must be said beside it.
        pub cautions: Vec<CautionWord>,
    }

    /// What would lift a cluster one class. Arithmetic of the index, not a forecast.
    pub struct LiftView {
        /// The cluster.
        pub cluster: String,
        /// The pack is made up.
        pub synthetic: bool,
        /// The index now, weighted with people, 0 to 100.
        pub index: f64,
        /// The class now.
        pub class: ReadinessClass,
        /// The class to get to; null in the highest.
        pub next: Option<ReadinessClass>,
        /// Where it begins.
        pub threshold: Option<f64>,
        /// The cheapest plan, or how far all gets that may be raised; null in the highest class.
        pub cheapest: Option<LiftPlanView>,
        /// The cheapest sets of at most three indicators that suffice, the cheapest first.
        pub sets: Vec<LiftPlanView>,
    }

    /// A plan.
    pub struct LiftPlanView {
        /// What is raised.
        pub raises: Vec<RaiseView>,
        /// Points in all: a point of any indicator costs the same until costs are known.
        pub cost: f64,
        /// Whether it gets to the next class; if not, `index` says how far it gets.
        pub enough: bool,
        /// The index it gets to, by the sums of the cluster.
        pub index: f64,
        /// The index it gets to cell by cell, where scores end at 100.
        pub index_of_cells: f64,
        /// Share of the area that rises a class or more, 0 to 1.
        pub area_share: f64,
        /// Share of the people there, 0 to 1.
        pub people_share: f64,
    }

    /// One indicator's part in a plan.
    pub struct RaiseView {
        /// Row of Annex I.
        pub row: u32,
        /// Its name in the session's language.
        pub name: String,
        /// Its dimension.
        pub dimension: Dimension,
        /// By how many points its score rises.
        pub points: f64,
        /// Its mean score now.
        pub score: f64,
        /// The raw value that goes with the score now; null without a rule.
        pub value: Option<f64>,
        /// The raw value that goes with the raised score.
        pub value_then: Option<f64>,
        /// The unit.
        pub unit: String,
        /// What must be said beside it.
        pub cautions: Vec<CautionWord>,
    }

    /// Every indicator of a cluster among cells of its class and of the next.
    pub struct PeersView {
        /// The cluster.
        pub cluster: String,
        /// The pack is made up.
        pub synthetic: bool,
        /// Its class.
        pub class: ReadinessClass,
        /// The next class; null in the highest.
        pub next: Option<ReadinessClass>,
        /// The indicators, row 1 first; those without peers are left out.
        pub indicators: Vec<PeerView>,
    }

    /// An indicator among its peers.
    pub struct PeerView {
        /// Row of Annex I.
        pub row: u32,
        /// Its name in the session's language.
        pub name: String,
        /// Its dimension.
        pub dimension: Dimension,
        /// The cluster's score, 0 to 100; null when missing.
        pub score: Option<f64>,
        /// Scores of its class.
        pub own: Option<PercentilesView>,
        /// Scores of the next class.
        pub next: Option<PercentilesView>,
    }

    /// Percentiles of scores over the area of a class.
    #[derive(Copy)]
    pub struct PercentilesView {
        /// 10th.
        pub p10: f64,
        /// 25th.
        pub p25: f64,
        /// Median.
        pub p50: f64,
        /// 75th.
        pub p75: f64,
        /// 90th.
        pub p90: f64,
    }

    /// Where classes and the cluster lag (method 5).
    pub struct GapsView {
        /// The cluster.
        pub cluster: String,
        /// The pack is made up.
        pub synthetic: bool,
        /// Its class.
        pub class: ReadinessClass,
        /// The cluster's own gaps, the five dimensions in their order.
        pub own: Vec<GapView>,
        /// Gaps of all classes, Activate first.
        pub classes: Vec<ClassGapsView>,
        /// What the report names for the cluster's significant gaps.
        pub interventions: Vec<InterventionView>,
    }

    /// Gaps of a class.
    pub struct ClassGapsView {
        /// The class.
        pub class: ReadinessClass,
        /// The five dimensions in their order.
        pub gaps: Vec<GapView>,
    }

    /// A gap.
    pub struct GapView {
        /// The dimension.
        pub dimension: Dimension,
        /// Share of the area that lags, weighted by indicator, percent; null where nothing is observed.
        pub percent: Option<f64>,
        /// The largest of its row, or within ten points of it.
        pub significant: bool,
    }
}
