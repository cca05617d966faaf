//! Cells give what the plain functions give, zone by zone: worked examples and properties.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "strategies build valid values only")]

#[path = "cells/addition.rs"]
mod addition;
#[path = "cells/cluster.rs"]
mod cluster;
#[path = "cells/gap.rs"]
mod gap;
#[path = "cells/lift.rs"]
mod lift;
#[path = "cells/quantile.rs"]
mod quantile;
#[path = "cells/scoring.rs"]
mod scoring;
