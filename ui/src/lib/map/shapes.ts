/** Paths of a map in kilometres from the middle of the plane, south downwards: short to write, finer than any screen. */

import { cornersOf } from './cells';
import type { CellGrid, Metres, Rect, Ring } from './data';

/** Metres of a unit of the paths. */
export const UNIT_M = 1_000;
const DIGITS = 3;

function written([x, y]: Metres): string {
  return `${Number((x / UNIT_M).toFixed(DIGITS))} ${Number((-y / UNIT_M).toFixed(DIGITS))}`;
}

export function pathOfRects(grid: CellGrid, rects: readonly Rect[]): string {
  return rects.map((rect) => `${pathOfLine(cornersOf(grid, rect))}Z`).join('');
}

export function pathOfRings(rings: readonly Ring[]): string {
  return rings.map((ring) => `${pathOfLine(ring)}Z`).join('');
}

export function pathOfLine(points: Ring): string {
  return points.length === 0 ? '' : `M${points.map(written).join('L')}`;
}
