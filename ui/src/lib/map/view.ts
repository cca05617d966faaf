/** The window onto the plane that the SVG map looks through: a middle and a scale. Plain arithmetic, tested without a page. */

import type { Bounds } from './data';
import { toLonLat, toPlane, type Point } from './mercator';

export interface View {
  middle: Point;
  /** Pixels for the whole plane. */
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

const EDGE_PX = 24;
const ZOOM_STEP = 1.6;
/** About 30 m a pixel out to 1,000 km a screen; nothing here is drawn finer or wider. */
const SCALES = { least: 20_000, most: 12_000_000 };

export function fitted(bounds: Bounds, { width, height }: Size): View {
  const [one, other] = [toPlane([bounds.west, bounds.north]), toPlane([bounds.east, bounds.south])];
  const room = { width: Math.max(1, width - 2 * EDGE_PX), height: Math.max(1, height - 2 * EDGE_PX) };
  const scale = Math.min(room.width / (other.x - one.x), room.height / (other.y - one.y));
  return { middle: { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 }, scale: bounded(scale) };
}

export function zoomed(view: View, steps: number, size: Size, about: Point | null = null): View {
  const scale = bounded(view.scale * ZOOM_STEP ** steps);
  const at = about ?? { x: size.width / 2, y: size.height / 2 };
  const kept = planeAt(view, size, at);
  return { scale, middle: { x: kept.x - (at.x - size.width / 2) / scale, y: kept.y - (at.y - size.height / 2) / scale } };
}

/** The steps that make a view so many times larger. */
export function stepsOf(times: number): number {
  return Math.log(times) / Math.log(ZOOM_STEP);
}

export function panned(view: View, right_px: number, down_px: number): View {
  return { ...view, middle: { x: view.middle.x + right_px / view.scale, y: view.middle.y + down_px / view.scale } };
}

export function pixelOf(view: View, { width, height }: Size, { x, y }: Point): Point {
  return { x: width / 2 + (x - view.middle.x) * view.scale, y: height / 2 + (y - view.middle.y) * view.scale };
}

export function planeAt(view: View, { width, height }: Size, pixel: Point): Point {
  return {
    x: view.middle.x + (pixel.x - width / 2) / view.scale,
    y: view.middle.y + (pixel.y - height / 2) / view.scale,
  };
}

export function lonLatAt(view: View, size: Size, pixel: Point) {
  return toLonLat(planeAt(view, size, pixel));
}

function bounded(scale: number): number {
  return Math.min(SCALES.most, Math.max(SCALES.least, scale));
}
