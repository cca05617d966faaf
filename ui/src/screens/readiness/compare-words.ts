/** The words of the columns of the comparison. */

import type { WordKey } from '../../lib/words/words.svelte';
import type { SortKey } from './compare';

export function wordOfSort(key: SortKey): WordKey {
  switch (key) {
    case 'name':
      return 'readiness.compare.name';
    case 'index':
      return 'readiness.index';
    case 'people':
      return 'readiness.try.people';
    case 'villages_visited':
      return 'readiness.profile.visited';
    default:
      return `dimension.${key}`;
  }
}
