//! Geometry from a file, checked and brought to the plane: points, lines or areas, never another kind in their place.

use gdal::{
    cpl::CslStringList,
    vector::{Geometry as OfFile, ToGdal as _},
};
use geo::{
    Area as _, BoundingRect as _, Coord, CoordsIter as _, Geometry, InteriorPoint as _, LineString, MultiLineString,
    MultiPoint, MultiPolygon, Point, Rect, coord,
};

use super::{LayerFault, REACH_M, open::said_text, reference::Reference};
use crate::project::GeometryUse;

/// What a feature is, whole: of one part or several.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Points(Vec<Point>),
    Lines(MultiLineString),
    Areas(MultiPolygon),
}

impl Shape {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Points(_) => "a point",
            Self::Lines(_) => "a line",
            Self::Areas(_) => "an area",
        }
    }

    /// The least rectangle about it.
    pub(super) fn extent(&self) -> Option<Rect> {
        match self {
            Self::Points(points) => MultiPoint::new(points.clone()).bounding_rect(),
            Self::Lines(lines) => lines.bounding_rect(),
            Self::Areas(areas) => areas.bounding_rect(),
        }
    }

    /// One geometry for each feature to be: several points are several.
    pub(super) fn into_geometries(self) -> Vec<Geometry> {
        match self {
            Self::Points(points) => points.into_iter().map(Geometry::Point).collect(),
            Self::Lines(lines) => vec![Geometry::MultiLineString(lines)],
            Self::Areas(areas) => vec![Geometry::MultiPolygon(areas)],
        }
    }

    /// The shape for a use; another kind is a fault.
    pub(super) fn for_use(self, takes: GeometryUse, areas_as_points: bool) -> Result<Self, LayerFault> {
        let wanted = match takes {
            GeometryUse::Points => "a point is",
            GeometryUse::Lines => "a line is",
            GeometryUse::Areas => "an area is",
            GeometryUse::LinesOrAreas => "a line or an area is",
            GeometryUse::PointsOrAreas => "a point or an area is",
        };
        match (self, takes) {
            (Self::Areas(areas), GeometryUse::Points | GeometryUse::PointsOrAreas) if areas_as_points => {
                let inside = areas.interior_point();
                inside.map(|point| Self::Points(vec![point])).ok_or_else(|| LayerFault::geometry("has no inside"))
            }
            (shape @ Self::Points(_), GeometryUse::Points | GeometryUse::PointsOrAreas)
            | (shape @ Self::Lines(_), GeometryUse::Lines | GeometryUse::LinesOrAreas)
            | (shape @ Self::Areas(_), GeometryUse::Areas | GeometryUse::LinesOrAreas | GeometryUse::PointsOrAreas) => {
                Ok(shape)
            }
            (Self::Areas(_), GeometryUse::Points) => Err(LayerFault::geometry(
                "is an area where a point is wanted; `areas_as_points` takes a point inside it",
            )),
            (shape, _) => Err(LayerFault::geometry(format!("is {} where {wanted} wanted", shape.kind()))),
        }
    }

    /// Refuses lines without length and areas without a clear inside.
    pub(super) fn check(&self) -> Result<(), LayerFault> {
        match self {
            Self::Points(_) => Ok(()),
            Self::Lines(lines) => {
                let has_length = |line: &LineString| line.lines().any(|piece| piece.start != piece.end);
                let all = lines.iter().all(has_length);
                if all { Ok(()) } else { Err(LayerFault::geometry("is a line without length")) }
            }
            Self::Areas(areas) => {
                kend_cells::check_polygons(areas)?;
                let all = areas.iter().all(|polygon| polygon.unsigned_area() > 0.0);
                if all { Ok(()) } else { Err(LayerFault::geometry("is an area without size")) }
            }
        }
    }

    /// The area that outlines go round, as `MakeValid` of GEOS has it.
    pub(super) fn repaired(self) -> Result<Self, LayerFault> {
        let Self::Areas(areas) = self else { return Ok(self) };
        let failed = |_| LayerFault::geometry(format!("can't be repaired: {}", said_text()));
        let valid = areas.to_gdal().and_then(|areas| areas.make_valid(&CslStringList::new())).map_err(failed)?;
        let valid = valid.to_geo().map_err(failed)?;
        let mut polygons = Vec::new();
        collect_polygons(valid, &mut polygons);
        let repaired = Self::Areas(MultiPolygon::new(polygons));
        repaired.check()?;
        if matches!(&repaired, Self::Areas(areas) if areas.0.is_empty()) {
            return Err(LayerFault::geometry("is an area without size"));
        }
        Ok(repaired)
    }
}

/// Repairing may leave lines and points of what had no area: these are dropped.
fn collect_polygons(geometry: Geometry, polygons: &mut Vec<geo::Polygon>) {
    match geometry {
        Geometry::Polygon(polygon) => polygons.push(polygon),
        Geometry::MultiPolygon(several) => polygons.extend(several),
        Geometry::GeometryCollection(parts) => parts.into_iter().for_each(|part| collect_polygons(part, polygons)),
        _ => {}
    }
}

/// Whether it reaches into the square about the centre of the plane.
pub(super) fn is_near(extent: &Rect) -> bool {
    let (low, high) = (extent.min(), extent.max());
    low.x <= REACH_M && low.y <= REACH_M && high.x >= -REACH_M && high.y >= -REACH_M
}

/// The geometry of a feature in the plane, metres, and how many corners it has. Heights are dropped; they mean nothing here.
pub(super) fn shape(geometry: &OfFile, reference: &Reference) -> Result<(Shape, usize), LayerFault> {
    let mut flat = geometry.clone();
    flat.flatten_to_2d();
    if has_empty_part(&flat) {
        return Err(LayerFault::geometry("is empty, or has an empty part"));
    }
    let unknown = |_| LayerFault::geometry(format!("is of a kind that is not read: {}", geometry.geometry_name()));
    let mut shape = match flat.to_geo().map_err(unknown)? {
        Geometry::Point(point) => Shape::Points(vec![point]),
        Geometry::MultiPoint(points) => Shape::Points(points.0),
        Geometry::LineString(line) => Shape::Lines(MultiLineString::new(vec![line])),
        Geometry::MultiLineString(lines) => Shape::Lines(lines),
        Geometry::Polygon(area) => Shape::Areas(MultiPolygon::new(vec![area])),
        Geometry::MultiPolygon(areas) => Shape::Areas(areas),
        _ => return Err(LayerFault::geometry("is a collection of several kinds")),
    };
    let corners = to_plane(&mut shape, reference)?;
    Ok((shape, corners))
}

/// GDAL takes an empty part for the point (0, 0).
fn has_empty_part(geometry: &OfFile) -> bool {
    geometry.is_empty() || (0..geometry.geometry_count()).any(|part| has_empty_part(&geometry.get_geometry(part)))
}

fn to_plane(shape: &mut Shape, reference: &Reference) -> Result<usize, LayerFault> {
    let coordinates: Vec<Coord> = match shape {
        Shape::Points(points) => points.iter().map(|point| point.0).collect(),
        Shape::Lines(lines) => lines.coords_iter().collect(),
        Shape::Areas(areas) => areas.coords_iter().collect(),
    };
    let (mut x, mut y): (Vec<f64>, Vec<f64>) = coordinates.iter().map(|at| (at.x, at.y)).unzip();
    if let Some(at) = coordinates.iter().find(|at| !(at.x.is_finite() && at.y.is_finite())) {
        return Err(LayerFault::geometry(format!("has the coordinate ({}, {}), which is no place", at.x, at.y)));
    }
    reference.to_plane(&mut x, &mut y);
    let nowhere = coordinates.iter().zip(x.iter().zip(&y)).find(|(_, (x, y))| !(x.is_finite() && y.is_finite()));
    if let Some((at, _)) = nowhere {
        let problem = format!("has the coordinate ({}, {}), which is no place of {}", at.x, at.y, reference.name);
        return Err(LayerFault::geometry(problem));
    }
    let mut moved = x.into_iter().zip(y).map(|(x, y)| coord! { x: x, y: y });
    let mut next = |at: &mut Coord| {
        if let Some(there) = moved.next() {
            *at = there;
        }
    };
    match shape {
        Shape::Points(points) => points.iter_mut().for_each(|point| next(&mut point.0)),
        Shape::Lines(lines) => lines.iter_mut().flat_map(|line| &mut line.0).for_each(next),
        Shape::Areas(areas) => {
            for area in areas.iter_mut() {
                area.exterior_mut(|ring| ring.0.iter_mut().for_each(&mut next));
                area.interiors_mut(|rings| rings.iter_mut().flat_map(|ring| &mut ring.0).for_each(&mut next));
            }
        }
    }
    Ok(coordinates.len())
}
