import { expect, it } from 'vitest';

import type { CompareRow } from '../../lib/api';
import { EVERYTHING, compared, tally } from './compare';
import { sharesOf } from './shares';

function row(name: string, index: number | null, more: Partial<CompareRow> = {}): CompareRow {
  return {
    id: name, kind: 'rayon', name, index, class: null, index_of_values: null, merged: null, dimensions: [], class_shares: [],
    area_km2: null, people: null, villages: 0, villages_visited: 0, interviews: 0, ...more,
  };
}
const ROWS = [
  row('Şəmkir', 44, { class: 'accelerate_high', people: 220_000, dimensions: [null, null, null, null, 60] }),
  row('Xaçmaz', null, { people: 180_000 }),
  row('İsmayıllı', 31, { class: 'accelerate_low', dimensions: [null, null, null, null, 70] }),
  row('Şəmkir–Tovuz', 52, { kind: 'cluster', class: 'amplify', people: 400_000 }),
];
const names = (wanted: Partial<typeof EVERYTHING>) => compared(ROWS, { ...EVERYTHING, ...wanted }, 'az').map(({ name }) => name);

it('the most ready stands first, and what has no index stands last whichever way is asked', () => {
  expect(names({})).toEqual(['Şəmkir–Tovuz', 'Şəmkir', 'İsmayıllı', 'Xaçmaz']);
  expect(names({ descending: false })).toEqual(['İsmayıllı', 'Şəmkir', 'Şəmkir–Tovuz', 'Xaçmaz']);
});

it('names go by the alphabet, dimensions by their value', () => {
  expect(names({ sort: 'name', descending: false })).toEqual(['Xaçmaz', 'İsmayıllı', 'Şəmkir', 'Şəmkir–Tovuz']);
  expect(names({ sort: 'governance' }).slice(0, 2)).toEqual(['İsmayıllı', 'Şəmkir']);
});

it('a search is forgiving, and kinds and classes leave the others out', () => {
  expect(names({ search: 'semkir' })).toEqual(['Şəmkir–Tovuz', 'Şəmkir']);
  expect(names({ search: 'semkir', kind: 'rayon' })).toEqual(['Şəmkir']);
  expect(names({ class: 'amplify' })).toEqual(['Şəmkir–Tovuz']);
});

it('classes are counted from the most ready', () => {
  expect(tally(ROWS)).toEqual([
    { class: 'amplify', count: 1 },
    { class: 'accelerate_high', count: 1 },
    { class: 'accelerate_low', count: 1 },
  ]);
});

it('shares of nothing are nothing', () => {
  expect(sharesOf([0, 0])).toEqual([0, 0]);
  expect(sharesOf([1, 3])).toEqual([0.25, 0.75]);
});
