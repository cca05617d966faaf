/**
 * Cells as rectangles: neighbours of one kind are drawn as one, so that a cluster of 200,000 cells is some thousands of
 * shapes. Places within the grid follow its four corners in the plane of the map, which is nearer than a cell for any
 * cluster a pack holds.
 */

import type { CellGrid, LonLat, Rect } from './data';
import { toLonLat, toPlane, type Point } from './mercator';

/** A cell that is not there. */
export const NO_CELL = 255;

/** The rectangles of every value, each row's runs joined with equal runs below. `NO_CELL` has none. */
export function rectsByValue(values: ArrayLike<number>, columns: number, rows: number): Map<number, Rect[]> {
  const found = new Map<number, Rect[]>();
  let above = new Map<number, { value: number; rect: Rect }>();
  for (let row = 0; row < rows; row += 1) {
    const open = new Map<number, { value: number; rect: Rect }>();
    let column = 0;
    while (column < columns) {
      const value = values[row * columns + column] ?? NO_CELL;
      let end = column + 1;
      while (end < columns && (values[row * columns + end] ?? NO_CELL) === value) end += 1;
      if (value !== NO_CELL) {
        const over = above.get(column);
        if (over && over.value === value && over.rect.columns === end - column) {
          over.rect.rows += 1;
          open.set(column, over);
        } else {
          const rect = { column, row, columns: end - column, rows: 1 };
          const all = found.get(value);
          if (all) all.push(rect);
          else found.set(value, [rect]);
          open.set(column, { value, rect });
        }
      }
      column = end;
    }
    above = open;
  }
  return found;
}

/** A corner of cells in the plane of the map. */
export function cornerAt(grid: CellGrid, column: number, row: number): Point {
  const [nw, ne, se, sw] = grid.corners.map(toPlane) as [Point, Point, Point, Point];
  return between(nw, ne, se, sw, column / grid.columns, row / grid.rows);
}

/** The same for many cells: the corners are worked out once. */
export function cornersOf(grid: CellGrid): (column: number, row: number) => Point {
  const [nw, ne, se, sw] = grid.corners.map(toPlane) as [Point, Point, Point, Point];
  return (column, row) => between(nw, ne, se, sw, column / grid.columns, row / grid.rows);
}

function between(nw: Point, ne: Point, se: Point, sw: Point, right: number, down: number): Point {
  const mix = (one: number, two: number, three: number, four: number) =>
    one * (1 - right) * (1 - down) + two * right * (1 - down) + three * right * down + four * (1 - right) * down;
  return { x: mix(nw.x, ne.x, se.x, sw.x), y: mix(nw.y, ne.y, se.y, sw.y) };
}

/** Steps of Newton's method that bring any place in a nearly square grid to less than a thousandth of a cell. */
const STEPS = 4;

/** The cell at a place, or null outside the grid. */
export function cellAt(grid: CellGrid, at: LonLat): { column: number; row: number } | null {
  const wanted = toPlane(at);
  const place = cornersOf(grid);
  const [nw, ne, sw] = [place(0, 0), place(grid.columns, 0), place(0, grid.rows)];
  const [ax, ay, bx, by] = [ne.x - nw.x, ne.y - nw.y, sw.x - nw.x, sw.y - nw.y];
  const determinant = ax * by - ay * bx;
  if (determinant === 0) return null;
  let [right, down] = [0, 0];
  for (let step = 0; step < STEPS; step += 1) {
    const now = place(right * grid.columns, down * grid.rows);
    const [dx, dy] = [wanted.x - now.x, wanted.y - now.y];
    right += (dx * by - dy * bx) / determinant;
    down += (dy * ax - dx * ay) / determinant;
  }
  const [column, row] = [Math.floor(right * grid.columns), Math.floor(down * grid.rows)];
  return column >= 0 && column < grid.columns && row >= 0 && row < grid.rows ? { column, row } : null;
}

/** Renderers round corners, and where a long side meets two short ones the ground would shine through: cells reach so far
 *  over their neighbours, in cells. */
const OVERLAP = 0.08;

/** The four corners of a rectangle in degrees, closed. */
export function ringOf(place: (column: number, row: number) => Point, rect: Rect): LonLat[] {
  const corner = (column: number, row: number) => toLonLat(place(column, row));
  const [left, top] = [rect.column - OVERLAP, rect.row - OVERLAP];
  const [right, bottom] = [rect.column + rect.columns + OVERLAP, rect.row + rect.rows + OVERLAP];
  const first = corner(left, top);
  return [first, corner(left, bottom), corner(right, bottom), corner(right, top), first];
}
