/** Where the device is. Asked only on a tap, because the browser asks the person in turn. */

import type { Position } from './api';

const LONGEST_WAIT_MS = 15_000;
/** A fix of the last minute is near enough for choosing a village. */
const OLDEST_FIX_MS = 60_000;

export function whereAmI(): Promise<Position | null> {
  if (!('geolocation' in navigator)) return Promise.resolve(null);
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        resolve({ latitude: coords.latitude, longitude: coords.longitude });
      },
      () => {
        resolve(null);
      },
      { enableHighAccuracy: true, timeout: LONGEST_WAIT_MS, maximumAge: OLDEST_FIX_MS },
    );
  });
}
