/** Clusters and rayons in a list: found, filtered by class, and in the order somebody asks for. */

import type { Dimension, Language, ReadinessClass } from '../../lib/api';
import { compareNames, foldForSearch } from '../../lib/format/format';
import { CLASSES } from './readiness.svelte';

export interface Compared {
  id: string;
  kind: 'cluster' | 'rayon';
  name: string;
  class: ReadinessClass | null;
  value: number | null;
  low: number | null;
  high: number | null;
  dimensions: readonly { dimension: Dimension; value: number | null }[];
  population: number | null;
  villages: number | null;
  visited: number | null;
}

export type SortKey = 'name' | 'value' | 'population' | 'visited' | Dimension;

export interface Wanted {
  search: string;
  kind: Compared['kind'] | null;
  class: ReadinessClass | null;
  sort: SortKey;
  descending: boolean;
}

export const EVERYTHING: Wanted = { search: '', kind: null, class: null, sort: 'value', descending: true };

export function numberOf(row: Compared, key: Exclude<SortKey, 'name'>): number | null {
  if (key === 'value' || key === 'population' || key === 'visited') return row[key];
  return row.dimensions.find((each) => each.dimension === key)?.value ?? null;
}

/** What is not known goes last in either direction; equals go by name. */
export function compared(rows: readonly Compared[], wanted: Wanted, language: Language): Compared[] {
  const folded = foldForSearch(wanted.search, language);
  const byName = compareNames(language);
  const { sort } = wanted;
  const direction = wanted.descending ? -1 : 1;
  return rows
    .filter(
      (row) =>
        (wanted.kind === null || row.kind === wanted.kind) &&
        (wanted.class === null || row.class === wanted.class) &&
        (folded === '' || foldForSearch(row.name, language).includes(folded)),
    )
    .sort((one, other) => {
      if (sort === 'name') return direction * byName(one.name, other.name);
      const [mine, theirs] = [numberOf(one, sort), numberOf(other, sort)];
      if (mine === null || theirs === null) return Number(mine === null) - Number(theirs === null) || byName(one.name, other.name);
      return direction * (mine - theirs) || byName(one.name, other.name);
    });
}

/** How many rows have each class, the most ready first; classes that nobody has are left out. */
export function tally(rows: readonly Compared[]): { class: ReadinessClass; count: number }[] {
  return [...CLASSES]
    .reverse()
    .map((each) => ({ class: each, count: rows.filter((row) => row.class === each).length }))
    .filter(({ count }) => count > 0);
}
