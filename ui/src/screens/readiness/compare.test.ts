import { expect, it } from 'vitest';

import { EVERYTHING, compared, tally, type Compared } from './compare';
import { sharesOf } from './shares';

function row(name: string, value: number | null, more: Partial<Compared> = {}): Compared {
  const base = { id: name, kind: 'rayon', name, value, class: null, low: null, high: null, dimensions: [], population: null, villages: null, visited: null } as const;
  return { ...base, ...more };
}
const ROWS = [
  row('Şəmkir', 44, { class: 'accelerate_high', population: 220_000, dimensions: [{ dimension: 'governance', value: 60 }] }),
  row('Xaçmaz', null, { population: 180_000 }),
  row('İsmayıllı', 31, { class: 'accelerate_low', dimensions: [{ dimension: 'governance', value: 70 }] }),
  row('Şəmkir–Tovuz', 52, { kind: 'cluster', class: 'amplify', population: 400_000 }),
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
