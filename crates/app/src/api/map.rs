//! What maps are drawn from. Everything lies in one plane, in metres east and north of its middle, so that a screen draws
//! without a projection; lines are a first point and then steps (`[x, y, dx, dy, dx, dy, ...]`).

use kend_domain::{AreaCode, EntityId, Position, ReadinessClass};

use super::crossing;

crossing! {
    /// The map of a cluster.
    pub struct MapView {
        /// The cluster.
        pub cluster: String,
        /// Its name in the session's language.
        pub name: String,
        /// The pack is made up.
        pub synthetic: bool,
        /// What to show: west, south, east, north, metres.
        pub extent_m: Vec<f64>,
        /// Outer and inner rings of the cluster's outline; empty where it is a list of rayons.
        pub outline: Vec<Vec<i32>>,
        /// Its cells; null where the pack has none of it.
        pub cells: Option<MapCellsView>,
        /// The villages in it.
        pub places: Vec<MapPlaceView>,
        /// The rayons that the map touches.
        pub rayons: Vec<MapRayonView>,
        /// Roads, the most important first.
        pub roads: Vec<MapRoadView>,
        /// Lakes and seas.
        pub water: Vec<Vec<i32>>,
        /// Settlements to name, the largest first.
        pub settlements: Vec<MapSettlementView>,
    }

    /// Cells as runs, row by row from the north-western corner.
    pub struct MapCellsView {
        /// Western edge, metres.
        pub west_m: f64,
        /// Northern edge, metres.
        pub north_m: f64,
        /// Side of a cell, metres.
        pub cell_m: f64,
        /// Columns.
        pub columns: u32,
        /// Rows.
        pub rows: u32,
        /// What follows each other, as pairs: 0 for outside, 1 to 5 for the classes from Activate to Amplify, 6 for no
        /// class; then how many cells. They fill the grid.
        pub classes: Vec<u32>,
        /// The same for how sure the class is: 0 for outside or not known, 1 for at least 70 % of the draws, 2 for less
        /// (hatched).
        pub doubtful: Vec<u32>,
        /// Square kilometres in each class, Activate first.
        pub area_km2: Vec<f64>,
        /// People in each class, Activate first.
        pub people: Vec<f64>,
    }

    /// A village on the map.
    pub struct MapPlaceView {
        /// Its id.
        pub village: EntityId,
        /// Its name.
        pub name: String,
        /// Metres east.
        pub x_m: f64,
        /// Metres north.
        pub y_m: f64,
        /// Inhabitants, where a source says.
        pub population: Option<u32>,
        /// Class of the cell it lies in.
        pub class: Option<ReadinessClass>,
        /// Interviews that count.
        pub interviews: u32,
    }

    /// A rayon on the map.
    pub struct MapRayonView {
        /// Its code.
        pub rayon: AreaCode,
        /// Its name.
        pub name: String,
        /// Rings of its outline.
        pub outline: Vec<Vec<i32>>,
        /// Metres east of its label.
        pub x_m: f64,
        /// Metres north of its label.
        pub y_m: f64,
    }

    /// How important a road is.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum RoadWord {
        /// Motorways and trunk roads.
        Motorway,
        /// Primary roads.
        Primary,
        /// Secondary roads.
        Secondary,
        /// All others.
        Other,
    }

    /// A road.
    pub struct MapRoadView {
        /// How important.
        pub class: RoadWord,
        /// Its course.
        pub line: Vec<i32>,
    }

    /// A settlement to name.
    pub struct MapSettlementView {
        /// Its name in the session's language.
        pub name: String,
        /// Metres east.
        pub x_m: f64,
        /// Metres north.
        pub y_m: f64,
        /// Inhabitants, where known.
        pub population: Option<u32>,
    }

    /// Which cluster a position lies in.
    pub struct LocateCluster {
        /// The position.
        pub position: Position,
    }

    /// Where a position lies.
    pub struct LocatedView {
        /// The cluster; null outside all.
        pub cluster: Option<String>,
        /// Its name in the session's language.
        pub name: Option<String>,
        /// By a cell of the cluster, not only by the rayon.
        pub by_cell: bool,
        /// Class of the cell.
        pub class: Option<ReadinessClass>,
        /// The rayon.
        pub rayon: Option<AreaCode>,
    }

    /// The zones of agriculture and tourism in a cluster. Needs cells.
    pub struct ReadSector {
        /// The cluster.
        pub cluster: String,
        /// Words of the crops to look at; empty for all.
        pub crops: Vec<String>,
    }

    /// Agriculture and tourism in a cluster (report 5.7): zones are the cells in the top fifth.
    pub struct SectorView {
        /// The cluster.
        pub cluster: String,
        /// The pack is made up.
        pub synthetic: bool,
        /// All crops that one can ask for.
        pub crops: Vec<CropView>,
        /// The zones of the crops asked for and of tourism.
        pub zones: Vec<SectorZoneView>,
        /// Ways between zones.
        pub travel: Vec<ZoneTravelView>,
        /// What the zones say together.
        pub finding: SectorFinding,
        /// Western edge of the grid that zones are told on, metres.
        pub west_m: f64,
        /// Northern edge, metres.
        pub north_m: f64,
        /// Side of a cell, metres.
        pub cell_m: f64,
        /// Columns.
        pub columns: u32,
        /// Rows.
        pub rows: u32,
    }

    /// A crop.
    pub struct CropView {
        /// Its word.
        pub crop: String,
        /// Its name in the session's language.
        pub name: String,
    }

    /// A kind of zone.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum SectorZoneWord {
        /// Where a crop is grown.
        Production,
        /// Where it is processed.
        Processing,
        /// Where it is sold.
        Commercialisation,
        /// Attractions and lodging.
        TourismSupply,
        /// Visitors.
        TourismDemand,
        /// Supply and demand together.
        TourismOptimised,
        /// A crop and optimised tourism together.
        Agritourism,
    }

    /// Where a zone lies in its cluster.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum Side {
        /// In the middle.
        Middle,
        /// North of it.
        North,
        /// North-east.
        NorthEast,
        /// East.
        East,
        /// South-east.
        SouthEast,
        /// South.
        South,
        /// South-west.
        SouthWest,
        /// West.
        West,
        /// North-west.
        NorthWest,
    }

    /// A zone.
    pub struct SectorZoneView {
        /// Which kind.
        pub zone: SectorZoneWord,
        /// Of which crop; null for tourism.
        pub crop: Option<String>,
        /// Its area, square kilometres.
        pub area_km2: f64,
        /// People in it.
        pub people: f64,
        /// Where in the cluster; null where it has no cell.
        pub side: Option<Side>,
        /// The village nearest to its middle.
        pub near: Option<String>,
        /// Its cells as pairs: 0 for outside or 1 for inside, then how many, row by row.
        pub cells: Vec<u32>,
    }

    /// The way from one zone to another.
    pub struct ZoneTravelView {
        /// Of which crop; null for tourism.
        pub crop: Option<String>,
        /// From.
        pub from: SectorZoneWord,
        /// To.
        pub to: SectorZoneWord,
        /// Minutes.
        pub minutes: f64,
    }

    /// What the zones say together; the screen has a sentence for each.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum SectorFinding {
        /// Optimised tourism and crops overlap: agritourism can grow there.
        Overlap,
        /// Both are there and do not overlap: what is missing is a way between them.
        Apart,
        /// There is no optimised tourism.
        NoTourism,
        /// There is no crop of those asked for.
        NoCrops,
    }
}
