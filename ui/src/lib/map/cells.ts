/**
 * Cells as rectangles: neighbours of one kind are drawn as one, so that a cluster of 200,000 cells is some thousands of
 * shapes.
 */

import type { CellGrid, Metres, Rect } from './data';

/** A cell that is not there. */
export const NO_CELL = 0;

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

/** The cell at a place, or null outside the grid. */
export function cellAt(grid: CellGrid, [x, y]: Metres): { column: number; row: number } | null {
  const [column, row] = [Math.floor((x - grid.west_m) / grid.cell_m), Math.floor((grid.north_m - y) / grid.cell_m)];
  return column >= 0 && column < grid.columns && row >= 0 && row < grid.rows ? { column, row } : null;
}

/** The four corners of a rectangle, from the north-west against the clock. */
export function cornersOf(grid: CellGrid, rect: Rect): [Metres, Metres, Metres, Metres] {
  const west = grid.west_m + rect.column * grid.cell_m;
  const east = grid.west_m + (rect.column + rect.columns) * grid.cell_m;
  const north = grid.north_m - rect.row * grid.cell_m;
  const south = grid.north_m - (rect.row + rect.rows) * grid.cell_m;
  return [[west, north], [west, south], [east, south], [east, north]];
}

/** The four corners of all of a grid, in the same order. */
export function gridCorners(grid: CellGrid): [Metres, Metres, Metres, Metres] {
  return cornersOf(grid, { column: 0, row: 0, columns: grid.columns, rows: grid.rows });
}
