/** What can be put on the map for which indicator, in words, and how far masts reach. */

import type { NewPlace, TakesWord } from '../../lib/api';
import type { Metres } from '../../lib/map/data';
import { hasWords, t } from '../../lib/words/words.svelte';

/** Kilometres. The farthest is that of the largest cells of a mobile network in use. */
export const REACH_KM = { least: 0.5, most: 35, usual: 5 } as const;
/** As many as the core takes at once. */
export const MOST_PLACES = 50;

/** What is new for a row: *clinic*. */
export function whatOf(row: number): string {
  const key = `readiness.place.what.${row}`;
  return hasWords(key) ? t(key) : t('readiness.place.what.other');
}

/** At the beginning of a sentence. */
export function capitalised(words: string, language: string): string {
  const [first = '', ...rest] = words;
  return first.toLocaleUpperCase(language) + rest.join('');
}

/** A place of a map as the core takes it, to a metre. */
export function placeAt([x, y]: Metres, takes: TakesWord, reach_km: number): NewPlace {
  return { x_m: Math.round(x), y_m: Math.round(y), radius_km: takes === 'mast' ? reach_km : null };
}
