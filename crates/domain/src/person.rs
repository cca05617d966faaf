//! The people.

use crate::vocabulary;

vocabulary! {
    /// What a person does in a project. With their areas it decides what their devices hold and what they may write.
    Role, "role" {
        /// Builds the index, publishes packs, sees the whole country.
        National = "national",
        /// Runs a priority cluster that may cross rayons.
        ClusterUnit = "cluster_unit",
        /// Receives, checks, returns and approves the interviews of a rayon.
        Supervisor = "supervisor",
        /// Holds interviews.
        Enumerator = "enumerator",
        /// Reads results of its own village and cluster, gives its verdict.
        Committee = "committee",
        /// Reads de-identified data.
        Analyst = "analyst",
    }
}

impl Role {
    /// Whether the role records interviews.
    pub const fn records(self) -> bool {
        matches!(self, Self::Enumerator | Self::Supervisor | Self::ClusterUnit)
    }

    /// Whether the role holds meetings of a committee: says its verdict on cards and ranks its priorities.
    pub const fn meets(self) -> bool {
        self.records() || matches!(self, Self::Committee)
    }

    /// Whether the role returns and approves interviews.
    pub const fn reviews(self) -> bool {
        matches!(self, Self::Supervisor | Self::ClusterUnit | Self::National)
    }

    /// Whether the role reads what people said, interview by interview. Others read results.
    pub const fn reads_interviews(self) -> bool {
        self.records() || self.reviews()
    }
}
