/**
 * The cells of a map as one picture that a renderer stretches over their grid. Patterns are to keep their size on the
 * screen, so the picture has about as many pixels for a cell as the screen gives it, up to a limit of memory.
 */

import type { MapData } from './data';
import { patterned } from './patterns';
import { tileOf, type Colours } from './style';

/** Pixels of the longer side at most; 16 MB of colours. */
const LONGEST_PX = 2_048;

export function patternedAtAll(data: MapData, sunlight: boolean): boolean {
  return data.layers.some((layer) => patterned(layer.fill, sunlight));
}

/** Pixels of the picture for a cell that has so many on the screen. Without patterns one is enough. */
export function pixelsOfCell(data: MapData, sunlight: boolean, on_screen_px: number): number {
  if (data.grid === null || !patternedAtAll(data, sunlight)) return 1;
  const most = Math.max(1, Math.floor(LONGEST_PX / Math.max(data.grid.columns, data.grid.rows)));
  return Math.min(most, Math.max(1, Math.ceil(on_screen_px)));
}

/** Paints the layers in their order. `tile_ratio`: pixels of the picture for one unit of a pattern's tile. */
export function paintCells(canvas: HTMLCanvasElement, { grid, layers }: MapData, colours: Colours, ratio: number, tile_ratio: number): void {
  const pen = canvas.getContext('2d');
  if (grid === null || pen === null) return;
  [canvas.width, canvas.height] = [grid.columns * ratio, grid.rows * ratio];
  for (const { fill, rects } of layers) {
    const tile = patterned(fill, colours.sunlight) ? tileOf(fill, colours, tile_ratio) : null;
    const pattern = tile && pen.createPattern(tile.canvas, 'repeat');
    for (const style of [fill.colour === 'transparent' ? null : colours.of(fill.colour), pattern]) {
      if (style === null) continue;
      pen.fillStyle = style;
      for (const { column, row, columns, rows } of rects) pen.fillRect(column * ratio, row * ratio, columns * ratio, rows * ratio);
    }
  }
}
