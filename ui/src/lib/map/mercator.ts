/** Web Mercator, the plane that both ways of drawing use: 0 to 1 from the west and from the north. */

import type { Position } from '../api';
import type { LonLat } from './data';

export interface Point {
  x: number;
  y: number;
}

/** Latitudes beyond this do not fit the square. */
const HIGHEST_LATITUDE = 85.051129;

export function toPlane([longitude, latitude]: LonLat): Point {
  const bounded = Math.max(-HIGHEST_LATITUDE, Math.min(HIGHEST_LATITUDE, latitude));
  const sine = Math.sin((bounded * Math.PI) / 180);
  return { x: longitude / 360 + 0.5, y: 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI) };
}

export function toLonLat({ x, y }: Point): LonLat {
  const latitude = (360 / Math.PI) * Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) - 90;
  return [(x - 0.5) * 360, latitude];
}

export function lonLatOf(position: Position): LonLat {
  return [position.longitude, position.latitude];
}
