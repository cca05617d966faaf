//! The readiness of a cluster: data, voices, merged.

use kend_domain::{AreaCode, Dimension, InterviewKind, ReadinessClass, Relation, Tag, Theme};

use super::crossing;

crossing! {
    /// Work out the readiness of a cluster; null for the cluster of the latest interview, else the first.
    pub struct ReadReadiness {
        /// The cluster.
        pub cluster: Option<String>,
    }

    /// A cluster one can ask for.
    pub struct ClusterView {
        /// Its id in the pack.
        pub cluster: String,
        /// Its name in the session's language.
        pub name: String,
        /// Its rayons.
        pub rayons: Vec<AreaCode>,
        /// Inhabitants of its rayons, and the year.
        pub population: Option<u32>,
        /// Villages it holds.
        pub villages: u32,
        /// Villages with a signed-off interview.
        pub villages_visited: u32,
    }

    /// Everything the readiness screen shows.
    pub struct ReadinessView {
        /// The cluster.
        pub cluster: ClusterView,
        /// All clusters of the pack.
        pub clusters: Vec<ClusterView>,
        /// The data are incomplete: what is there. Said beside every number.
        pub partial: Option<PartialView>,
        /// The pack is made up.
        pub synthetic: bool,
        /// The pack has cells of the cluster: what if, what would lift it and the sectors can be asked for.
        pub cells: bool,
        /// How often the class of the data is each class under changes of the method, shares from Activate to Amplify;
        /// empty where not known.
        pub class_frequencies: Vec<f64>,
        /// Years between the data and the visits.
        pub years: f64,
        /// Signed-off interviews that count.
        pub interviews: u32,
        /// Focus groups among them.
        pub focus_groups: u32,
        /// Invented examples among them.
        pub examples: u32,
        /// The index from data alone; null without any data.
        pub data: Option<IndexView>,
        /// The merged index; null without any data.
        pub merged: Option<MergedView>,
        /// The five dimensions in their order.
        pub dimensions: Vec<DimensionView>,
        /// The nine themes in their order.
        pub themes: Vec<ThemeView>,
        /// Dimensions below the highest class, the weakest first.
        pub gaps: Vec<Dimension>,
        /// Kinds of intervention that fit (Table 6).
        pub interventions: Vec<InterventionView>,
        /// How the class depends on the weight of the voices.
        pub lambda_table: Vec<LambdaRow>,
        /// Names the inputs: equal on two devices when they show the same numbers.
        pub fingerprint: String,
    }

    /// What a partial index rests on.
    pub struct PartialView {
        /// Indicators present.
        pub indicators_present: u32,
        /// Of 53.
        pub indicators_total: u32,
        /// Dimensions without any data.
        pub dimensions_without_data: Vec<Dimension>,
    }

    /// The index from data alone.
    pub struct IndexView {
        /// 0 to 100.
        pub value: f64,
        /// Its class.
        pub class: ReadinessClass,
        /// The four thresholds between the classes.
        pub thresholds: Vec<f64>,
    }

    /// The merged index.
    pub struct MergedView {
        /// 0 to 100.
        pub value: f64,
        /// Its standard error, index points.
        pub se: f64,
        /// Its class, at most one from the class of the data.
        pub class: ReadinessClass,
        /// Lower end of the 90 % range.
        pub range_low: f64,
        /// Upper end.
        pub range_high: f64,
        /// The classes that the range touches.
        pub range_classes: Vec<ReadinessClass>,
        /// The probability of each class, Activate first.
        pub probabilities: Vec<f64>,
        /// Fewer than two villages or no focus group: the class of the data stays official.
        pub provisional: bool,
    }

    /// One dimension.
    pub struct DimensionView {
        /// Which.
        pub dimension: Dimension,
        /// 0 to 100 from data; null without data.
        pub value: Option<f64>,
        /// Class of the data.
        pub class: Option<ReadinessClass>,
        /// Class position of the data, 0 to 100 (20 a class).
        pub position: Option<f64>,
        /// Standard deviation of the position of the data.
        pub position_sd: Option<f64>,
        /// What the voices say; null when silent.
        pub voices: Option<VoicesView>,
        /// Merged position, 0 to 100.
        pub merged_position: Option<f64>,
        /// Standard deviation of the merged position.
        pub merged_sd: Option<f64>,
        /// Merged value, index points.
        pub merged: Option<f64>,
        /// How voices relate to data.
        pub relation: Relation,
        /// The share of the themes' weight that was heard, 0 to 1.
        pub coverage: f64,
        /// Its indicators.
        pub indicators: Vec<IndicatorView>,
    }

    /// What the voices say about a dimension, as class position.
    pub struct VoicesView {
        /// 0 to 100.
        pub position: f64,
        /// Standard deviation.
        pub sd: f64,
        /// The weight they get in the merge, 0 to 0.5.
        pub weight: f64,
    }

    /// One of the 53 indicators.
    pub struct IndicatorView {
        /// Row of Annex I, 1 to 53.
        pub row: u32,
        /// Its name in the session's language.
        pub name: String,
        /// The value for the cluster, in `unit`; null when missing.
        pub value: Option<f64>,
        /// The unit.
        pub unit: String,
        /// Score 0 to 100; null when missing.
        pub score: Option<f64>,
        /// The median score of all rayons.
        pub norm: Option<f64>,
        /// Period of the value.
        pub period: Option<String>,
        /// Publisher and remark.
        pub source: Option<String>,
    }

    /// One theme.
    pub struct ThemeView {
        /// Which.
        pub theme: Theme,
        /// Class position of the voices; null when not discussed.
        pub position: Option<f64>,
        /// Standard deviation of the position.
        pub sd: Option<f64>,
        /// Villages that spoke about it.
        pub villages: u32,
        /// Focus groups.
        pub fgd: u32,
        /// Key informants.
        pub kii: u32,
        /// Tags and how often.
        pub tags: Vec<TagCount>,
        /// Quotes that may be shown.
        pub quotes: Vec<QuoteView>,
    }

    /// A tag and how many interviews gave it.
    pub struct TagCount {
        /// The tag.
        pub tag: Tag,
        /// Interviews.
        pub interviews: u32,
    }

    /// A quote with consent.
    pub struct QuoteView {
        /// The words.
        pub text: String,
        /// The village's name.
        pub village_name: String,
        /// Focus group or key informant.
        pub kind: InterviewKind,
    }

    /// A kind of intervention (Table 6 of the report).
    pub struct InterventionView {
        /// Its id in the table.
        pub intervention: String,
        /// The gap it closes.
        pub dimension: Dimension,
        /// Its text in the session's language.
        pub text: String,
        /// The source in the report.
        pub source: String,
        /// In the row of the cluster's own class, not only of the dimension.
        pub typical: bool,
    }

    /// The merged class at one weight of the voices.
    pub struct LambdaRow {
        /// 0 is data alone.
        pub lambda: f64,
        /// Merged index.
        pub value: f64,
        /// Its class.
        pub class: ReadinessClass,
    }
}
