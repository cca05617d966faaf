/** The place that a tap meant: the nearest within a finger's breadth. */

import type { Drawn, Metres, Place } from './data';

const FINGER_PX = 24;

export function nearestPlace(places: readonly Place[], tapped: Metres, drawn: Pick<Drawn, 'project'>): Place | null {
  const tap = drawn.project(tapped);
  let found: Place | null = null;
  let least = FINGER_PX;
  for (const place of places) {
    const at = drawn.project(place.at);
    const distance = Math.hypot(at.x - tap.x, at.y - tap.y);
    if (distance <= least) [found, least] = [place, distance];
  }
  return found;
}
