/** Clusters and rayons in a list: found, filtered by class, and in the order somebody asks for. */

import type { AreaKind, CompareRow, Dimension, Language, ReadinessClass } from '../../lib/api';
import { compareNames, foldForSearch } from '../../lib/format/format';
import { CLASSES } from './readiness.svelte';
import { DIMENSIONS } from './sections';

export type SortKey = 'name' | 'index' | 'people' | 'villages_visited' | Dimension;

export const SORT_KEYS: readonly SortKey[] = ['index', 'name', 'people', 'villages_visited', ...DIMENSIONS];

export interface Wanted {
  search: string;
  kind: AreaKind | null;
  class: ReadinessClass | null;
  sort: SortKey;
  descending: boolean;
}

export const EVERYTHING: Wanted = { search: '', kind: null, class: null, sort: 'index', descending: true };

/** The number a row is sorted by: the index with the voices where there is one, as the screen shows it. */
export function numberOf(row: CompareRow, key: Exclude<SortKey, 'name'>): number | null {
  if (key === 'index') return row.merged?.value ?? row.index;
  if (key === 'people' || key === 'villages_visited') return row[key];
  return row.dimensions[DIMENSIONS.indexOf(key)] ?? null;
}

/** Digits that a number is shown with: people and villages are whole. */
export function digitsOf(key: Exclude<SortKey, 'name'>): number {
  return key === 'people' || key === 'villages_visited' ? 0 : 1;
}

/** The class a row is shown and filtered by. */
export function classOf(row: CompareRow): ReadinessClass | null {
  return row.merged && !row.merged.provisional ? row.merged.class : row.class;
}

/** What is not known goes last in either direction; equals go by name. */
export function compared(rows: readonly CompareRow[], wanted: Wanted, language: Language): CompareRow[] {
  const folded = foldForSearch(wanted.search, language);
  const byName = compareNames(language);
  const { sort } = wanted;
  const direction = wanted.descending ? -1 : 1;
  return rows
    .filter(
      (row) =>
        (wanted.kind === null || row.kind === wanted.kind) &&
        (wanted.class === null || classOf(row) === wanted.class) &&
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
export function tally(rows: readonly CompareRow[]): { class: ReadinessClass; count: number }[] {
  return [...CLASSES]
    .reverse()
    .map((each) => ({ class: each, count: rows.filter((row) => classOf(row) === each).length }))
    .filter(({ count }) => count > 0);
}
