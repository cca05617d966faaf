/**
 * Degrees that MapLibre draws our plane with. It knows the globe's Mercator plane only, so the plane in metres is laid on
 * that one as it is, around longitude 0 and latitude 0; these are no degrees of the earth.
 */

import type { Metres } from './data';

/** Metres of the whole Mercator plane. */
const ROUND_M = 40_075_016.68;

export function degreesOf([x, y]: Metres): [number, number] {
  const latitude = (360 / Math.PI) * Math.atan(Math.exp((2 * Math.PI * y) / ROUND_M)) - 90;
  return [(x / ROUND_M) * 360, latitude];
}

export function metresOf([longitude, latitude]: readonly [number, number]): Metres {
  const north = Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360));
  return [(longitude / 360) * ROUND_M, (north / (2 * Math.PI)) * ROUND_M];
}
