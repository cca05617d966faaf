/** What lies under a tap. */

import { cellAt } from './cells';
import type { Area, CellLayer, Metres, MapData, Ring } from './data';

export interface Hit {
  at: Metres;
  area: Area | null;
  /** The layers that have a cell there. */
  layers: CellLayer[];
}

export function hitOf(data: MapData, at: Metres): Hit {
  // What is drawn last lies on top.
  const area = data.areas.filter((each) => each.tappable).findLast((each) => inside(each.rings, at)) ?? null;
  const cell = data.grid === null ? null : cellAt(data.grid, at);
  const layers =
    cell === null
      ? []
      : data.layers.filter((layer) =>
          layer.rects.some(
            ({ column, row, columns, rows }) =>
              cell.column >= column && cell.column < column + columns && cell.row >= row && cell.row < row + rows,
          ),
        );
  return { at, area, layers };
}

/** Even-odd rule over all rings, so a hole is outside. */
export function inside(rings: readonly Ring[], [x, y]: Metres): boolean {
  let within = false;
  for (const ring of rings) {
    for (let index = 0; index < ring.length; index += 1) {
      const [x1, y1] = ring[index] ?? [0, 0];
      const [x2, y2] = ring[(index + 1) % ring.length] ?? [0, 0];
      if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) within = !within;
    }
  }
  return within;
}
