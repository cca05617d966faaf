/** The window onto the plane that a map looks through: a middle and a scale. Plain arithmetic, tested without a page. */

import type { Bounds, Metres } from './data';

export interface Point {
  x: number;
  y: number;
}

export interface View {
  middle: Metres;
  pixels_per_m: number;
}

export interface Size {
  width: number;
  height: number;
}

/** Room between what is shown and the edge of the map. */
export const EDGE_PX = 24;
const ZOOM_STEP = 1.6;
/** From 2,000 km across a phone to single cells as large as a thumb. */
const SCALES = { least: 0.000_2, most: 0.5 };

export function fitted(bounds: Bounds, { width, height }: Size): View {
  const room = { width: Math.max(1, width - 2 * EDGE_PX), height: Math.max(1, height - 2 * EDGE_PX) };
  const scale = Math.min(room.width / (bounds.east - bounds.west), room.height / (bounds.north - bounds.south));
  return { middle: [(bounds.west + bounds.east) / 2, (bounds.south + bounds.north) / 2], pixels_per_m: bounded(scale) };
}

export function zoomed(view: View, steps: number, size: Size, about: Point | null = null): View {
  const pixels_per_m = bounded(view.pixels_per_m * ZOOM_STEP ** steps);
  const at = about ?? { x: size.width / 2, y: size.height / 2 };
  const [x, y] = metresAt(view, size, at);
  return { pixels_per_m, middle: [x - (at.x - size.width / 2) / pixels_per_m, y + (at.y - size.height / 2) / pixels_per_m] };
}

/** The steps that make a view so many times larger. */
export function stepsOf(times: number): number {
  return Math.log(times) / Math.log(ZOOM_STEP);
}

export function panned(view: View, right_px: number, down_px: number): View {
  const [x, y] = view.middle;
  return { ...view, middle: [x + right_px / view.pixels_per_m, y - down_px / view.pixels_per_m] };
}

export function pixelOf({ middle, pixels_per_m }: View, { width, height }: Size, [x, y]: Metres): Point {
  return { x: width / 2 + (x - middle[0]) * pixels_per_m, y: height / 2 - (y - middle[1]) * pixels_per_m };
}

export function metresAt({ middle, pixels_per_m }: View, { width, height }: Size, pixel: Point): Metres {
  return [middle[0] + (pixel.x - width / 2) / pixels_per_m, middle[1] - (pixel.y - height / 2) / pixels_per_m];
}

function bounded(scale: number): number {
  return Math.min(SCALES.most, Math.max(SCALES.least, scale));
}

/** A length in kilometres that people say aloud, and its pixels: the longest that is at most so wide. */
export function scaleBar(pixels_per_m: number, most_px: number): { km: number; width_px: number } | null {
  if (!(pixels_per_m > 0)) return null;
  const most_km = most_px / pixels_per_m / 1_000;
  const power = 10 ** Math.floor(Math.log10(most_km));
  const km = Number(((most_km / power >= 5 ? 5 : most_km / power >= 2 ? 2 : 1) * power).toPrecision(3));
  return { km, width_px: km * 1_000 * pixels_per_m };
}
