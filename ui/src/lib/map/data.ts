/**
 * What a map shows, whoever draws it: cells of a grid, areas, lines, places and the person. Colours are names of tokens,
 * so that one map reads in every look; each has a pattern beside it, because colour alone says nothing in the sun.
 */

import type { Position } from '../api';

/** Longitude and latitude in degrees, as GeoJSON writes them. */
export type LonLat = readonly [number, number];
export type Ring = readonly LonLat[];

export type PatternName = 'plain' | 'dots' | 'horizontal' | 'vertical' | 'grid' | 'diagonal' | 'counter' | 'rings';

/** How one kind of thing is filled. */
export interface Fill {
  /** A token of `tokens.css`. */
  colour: string;
  /** The token of what stands on it. */
  ink: string;
  pattern: PatternName;
  /** Patterns of layers that may lie over each other are drawn in every look; those of classes only in sunlight. */
  always: boolean;
}

/** Cells beside and below each other that are of one kind, in columns and rows of the grid from its north-west corner. */
export interface Rect {
  column: number;
  row: number;
  columns: number;
  rows: number;
}

export interface CellGrid {
  columns: number;
  rows: number;
  /** North-west, north-east, south-east, south-west. */
  corners: readonly [LonLat, LonLat, LonLat, LonLat];
}

export interface CellLayer {
  key: string;
  /** As the legend says it. */
  label: string;
  fill: Fill;
  rects: Rect[];
}

export interface Area {
  id: string;
  name: string;
  fill: Fill | null;
  /** Outer rings and holes, even-odd. */
  rings: Ring[];
  /** Whether it can be opened by a tap. */
  tappable: boolean;
}

export interface MapLine {
  kind: 'road' | 'water';
  points: Ring;
}

export interface Place {
  id: string;
  name: string;
  position: Position;
  /** Larger first where names do not all find room. */
  weight: number;
  marked: boolean;
}

/** What a fill means. */
export interface LegendEntry {
  key: string;
  label: string;
  fill: Fill;
}

export interface MapData {
  /** The fills of areas in words; layers of cells say theirs themselves. */
  legend: LegendEntry[];
  grid: CellGrid | null;
  layers: CellLayer[];
  areas: Area[];
  lines: MapLine[];
  places: Place[];
  here: Position | null;
}

export const EMPTY_MAP: MapData = { legend: [], grid: null, layers: [], areas: [], lines: [], places: [], here: null };

/** What a drawn map can be asked for. */
export interface Drawn {
  fit(bounds: Bounds): void;
  zoomBy(steps: number): void;
  panBy(right_px: number, down_px: number): void;
  project(position: Position): { x: number; y: number };
}

export interface Bounds {
  west: number;
  south: number;
  east: number;
  north: number;
}

/** All that is on the map; null for an empty one. */
export function boundsOf(data: MapData): Bounds | null {
  const points: LonLat[] = [
    ...(data.grid?.corners ?? []),
    ...data.areas.flatMap((area) => area.rings.flat()),
    ...data.places.map(({ position }): LonLat => [position.longitude, position.latitude]),
  ];
  return boundsOfPoints(points);
}

/** Less than this many degrees and a single place would fill the map with nothing. */
const LEAST_SPAN_DEGREES = 0.04;

export function boundsOfPoints(points: readonly LonLat[]): Bounds | null {
  if (points.length === 0) return null;
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [longitude, latitude] of points) {
    west = Math.min(west, longitude);
    east = Math.max(east, longitude);
    south = Math.min(south, latitude);
    north = Math.max(north, latitude);
  }
  const wider = Math.max(0, LEAST_SPAN_DEGREES - (east - west)) / 2;
  const higher = Math.max(0, LEAST_SPAN_DEGREES - (north - south)) / 2;
  return { west: west - wider, east: east + wider, south: south - higher, north: north + higher };
}
