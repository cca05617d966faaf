/**
 * What a map shows, whoever draws it: cells of a grid, areas, lines, places and the person. Colours are names of tokens,
 * so that one map reads in every look; each has a pattern beside it, because colour alone says nothing in the sun.
 */

import { gridCorners } from './cells';

/** Metres east and north of the middle of the plane. */
export type Metres = readonly [number, number];
export type Ring = readonly Metres[];

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
  west_m: number;
  north_m: number;
  cell_m: number;
  columns: number;
  rows: number;
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
  at: Metres;
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
  /** Places that are named and cannot be chosen. */
  names: Place[];
  here: Metres | null;
  /** What to show at first; null for all that is there. */
  extent: Bounds | null;
}

export const EMPTY_MAP: MapData = { legend: [], grid: null, layers: [], areas: [], lines: [], places: [], names: [], here: null, extent: null };

/** What a drawn map can be asked for. */
export interface Drawn {
  fit(bounds: Bounds): void;
  zoomBy(steps: number): void;
  panBy(right_px: number, down_px: number): void;
  project(at: Metres): { x: number; y: number };
}

/** Metres. */
export interface Bounds {
  west: number;
  south: number;
  east: number;
  north: number;
}

/** All that is on the map; null for an empty one. */
export function boundsOf({ extent, grid, areas, places }: MapData): Bounds | null {
  if (extent !== null) return extent;
  const corners = grid === null ? [] : gridCorners(grid);
  return boundsOfPoints([...corners, ...areas.flatMap((area) => area.rings.flat()), ...places.map((place) => place.at)]);
}

/** Less than this many metres and a single place would fill the map with nothing. */
const LEAST_SPAN_M = 4_000;

export function boundsOfPoints(points: readonly Metres[]): Bounds | null {
  if (points.length === 0) return null;
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    west = Math.min(west, x);
    east = Math.max(east, x);
    south = Math.min(south, y);
    north = Math.max(north, y);
  }
  const wider = Math.max(0, LEAST_SPAN_M - (east - west)) / 2;
  const higher = Math.max(0, LEAST_SPAN_M - (north - south)) / 2;
  return { west: west - wider, east: east + wider, south: south - higher, north: north + higher };
}
