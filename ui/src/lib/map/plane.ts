/**
 * The plane that everything on a map lies in: metres east and north of the middle of the country, as the core sends them
 * (method 2.1). No screen projects what the core sends; only the place where the person stands comes in degrees.
 */

import type { Position } from '../api';
import type { Metres } from './data';

/** WGS 84, and the centre of the plane (as `EqualArea` in the core). */
const SEMI_MAJOR_M = 6_378_137;
const FLATTENING = 1 / 298.257223563;
const CENTRE = { longitude: 47.5, latitude: 40.2 };
const SQUARED = FLATTENING * (2 - FLATTENING);
const ECCENTRICITY = Math.sqrt(SQUARED);

const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Proportional to the area between the equator and a latitude (Snyder 1987, eq. 3-12). */
function q(sine: number): number {
  const part = ECCENTRICITY * sine;
  return (1 - SQUARED) * (sine / (1 - part * part) - (Math.log1p(-part) - Math.log1p(part)) / (2 * ECCENTRICITY));
}

/** Lambert's azimuthal equal-area projection on the ellipsoid (Snyder 1987, eq. 24-17 to 24-20). */
export function toMetres({ latitude, longitude }: Position): Metres {
  const pole = q(1);
  const radius_m = SEMI_MAJOR_M * Math.sqrt(pole / 2);
  const centre_sine = Math.sin(radians(CENTRE.latitude));
  const sine_1 = q(centre_sine) / pole;
  const cosine_1 = Math.sqrt(1 - sine_1 * sine_1);
  const m = Math.cos(radians(CENTRE.latitude)) / Math.sqrt(1 - SQUARED * centre_sine * centre_sine);
  const stretch = (SEMI_MAJOR_M * m) / (radius_m * cosine_1);
  const sine = q(Math.sin(radians(latitude))) / pole;
  const cosine = Math.sqrt(1 - sine * sine);
  const east = radians(longitude - CENTRE.longitude);
  const scale = radius_m * Math.sqrt(2 / (1 + sine_1 * sine + cosine_1 * cosine * Math.cos(east)));
  return [
    scale * stretch * cosine * Math.sin(east),
    (scale / stretch) * (cosine_1 * sine - sine_1 * cosine * Math.cos(east)),
  ];
}

/** A line as the core writes it: a first point, then steps to each next one. */
export function lineOf(steps: readonly number[]): Metres[] {
  const points: Metres[] = [];
  let [x, y] = [0, 0];
  for (let index = 0; index + 1 < steps.length; index += 2) {
    x += steps[index] ?? 0;
    y += steps[index + 1] ?? 0;
    points.push([x, y]);
  }
  return points;
}

/** Runs as pairs of a value and how many follow, spread out. */
export function spread(runs: readonly number[], length: number): Uint8Array {
  const values = new Uint8Array(length);
  let at = 0;
  for (let index = 0; index + 1 < runs.length; index += 2) {
    const end = Math.min(length, at + (runs[index + 1] ?? 0));
    values.fill(runs[index] ?? 0, at, end);
    at = end;
  }
  return values;
}
