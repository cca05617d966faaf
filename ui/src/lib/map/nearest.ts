/** The place that a tap meant: the nearest within a finger's breadth. */

import type { Drawn, LonLat, Place } from './data';

const FINGER_PX = 24;

export function nearestPlace(places: readonly Place[], [longitude, latitude]: LonLat, drawn: Pick<Drawn, 'project'>): Place | null {
  const tap = drawn.project({ longitude, latitude });
  let found: Place | null = null;
  let least = FINGER_PX;
  for (const place of places) {
    const at = drawn.project(place.position);
    const distance = Math.hypot(at.x - tap.x, at.y - tap.y);
    if (distance <= least) [found, least] = [place, distance];
  }
  return found;
}
