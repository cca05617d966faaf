/** Positions on a small flat map: an equirectangular projection about the middle latitude, true enough for rayons. */

import type { Position } from '../../lib/api';

export interface Point {
  x: number;
  y: number;
}

export interface Projected {
  at: Point[];
  near: Point | null;
  height: number;
}

const LOWEST_SPAN_DEGREES = 0.05;

export function project(positions: Position[], near: Position | null, side: number, edge: number): Projected {
  const all = near === null ? positions : [...positions, near];
  if (all.length === 0) return { at: [], near: null, height: side / 2 };
  const latitudes = all.map((position) => position.latitude);
  const longitudes = all.map((position) => position.longitude);
  const [south, north] = [Math.min(...latitudes), Math.max(...latitudes)];
  const [west, east] = [Math.min(...longitudes), Math.max(...longitudes)];
  const narrowing = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const width_degrees = Math.max((east - west) * narrowing, LOWEST_SPAN_DEGREES);
  const height_degrees = Math.max(north - south, LOWEST_SPAN_DEGREES);
  const scale = (side - 2 * edge) / Math.max(width_degrees, height_degrees);
  const left = (side - width_degrees * scale) / 2;
  const point = (position: Position): Point => ({
    x: left + (position.longitude - west) * narrowing * scale,
    y: edge + (north - position.latitude) * scale,
  });
  return {
    at: positions.map(point),
    near: near === null ? null : point(near),
    height: height_degrees * scale + 2 * edge,
  };
}
