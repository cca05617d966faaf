/** Paths of a map in a square of 1,000 units around what is on it: fine enough for any screen, short to write. */

import { cornersOf } from './cells';
import { boundsOf, type CellGrid, type MapData, type Rect, type Ring } from './data';
import { toPlane, type Point } from './mercator';

const SIDE = 1_000;
const DIGITS = 2;

/** Where the square lies in the plane. */
export interface Frame {
  origin: Point;
  /** Units for the whole plane. */
  scale: number;
}

export function frameOf(data: MapData): Frame {
  const bounds = boundsOf(data);
  if (bounds === null) return { origin: { x: 0, y: 0 }, scale: SIDE };
  const [one, other] = [toPlane([bounds.west, bounds.north]), toPlane([bounds.east, bounds.south])];
  return { origin: one, scale: SIDE / Math.max(other.x - one.x, other.y - one.y) };
}

function written(frame: Frame, { x, y }: Point): string {
  return `${((x - frame.origin.x) * frame.scale).toFixed(DIGITS)} ${((y - frame.origin.y) * frame.scale).toFixed(DIGITS)}`;
}

export function pathOfRects(frame: Frame, grid: CellGrid, rects: readonly Rect[]): string {
  const place = cornersOf(grid);
  return rects
    .map(({ column, row, columns, rows }) => {
      const [left, top, right, bottom] = [column, row, column + columns, row + rows];
      const corners = [place(left, top), place(right, top), place(right, bottom), place(left, bottom)];
      return `M${corners.map((corner) => written(frame, corner)).join('L')}Z`;
    })
    .join('');
}

export function pathOfRings(frame: Frame, rings: readonly Ring[]): string {
  return rings.map((ring) => `${pathOfLine(frame, ring)}Z`).join('');
}

export function pathOfLine(frame: Frame, points: Ring): string {
  return points.length === 0 ? '' : `M${points.map((point) => written(frame, toPlane(point))).join('L')}`;
}
