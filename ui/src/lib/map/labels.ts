/** Which places find room on the map: all points in sight, and names from the weightiest while they cover no other. */

import type { Place } from './data';
import type { Point } from './view';

export interface Placed {
  place: Place;
  at: Point;
  named: boolean;
}

/** What a letter takes, about; the font is not measured for a map that moves. */
const LETTER_PX = 8;
const LINE_PX = 22;
const POINT_PX = 12;

export function placed(all: { place: Place; at: Point }[], size: { width: number; height: number }, chosen: string | null): Placed[] {
  const weight = (place: Place) => (place.id === chosen ? Infinity : place.weight);
  const inSight = all
    .filter(({ at }) => at.x >= 0 && at.y >= 0 && at.x <= size.width && at.y <= size.height)
    .sort((one, other) => weight(other.place) - weight(one.place) || (one.place.id < other.place.id ? -1 : 1));
  const taken: { left: number; right: number; top: number; bottom: number }[] = [];
  return inSight.map(({ place, at }) => {
    const box = {
      left: at.x - POINT_PX / 2,
      right: at.x + POINT_PX + place.name.length * LETTER_PX,
      top: at.y - LINE_PX / 2,
      bottom: at.y + LINE_PX / 2,
    };
    const free = taken.every(
      (other) => other.right < box.left || other.left > box.right || other.bottom < box.top || other.top > box.bottom,
    );
    const named = place.id === chosen || (free && box.right <= size.width);
    if (named) taken.push(box);
    return { place, at, named };
  });
}
