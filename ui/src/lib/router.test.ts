import { expect, it } from 'vitest';

import { hrefOf, parseRoute } from './router.svelte';

it('an address is read back as the place and the id it was made of', () => {
  expect(parseRoute(hrefOf('readiness', 'şəmkir/tovuz'))).toEqual({ place: 'readiness', id: 'şəmkir/tovuz', path: [] });
  expect(parseRoute(hrefOf('sync'))).toEqual({ place: 'sync', id: null, path: [] });
  for (const id of [null, 'shamkir-tovuz']) {
    expect(parseRoute(hrefOf('readiness', id, ['profile', 'a/b']))).toEqual({ place: 'readiness', id, path: ['profile', 'a/b'] });
  }
});

it('an unknown address opens the visits', () => {
  for (const hash of ['', '#', '#/nowhere/1', '#/__proto__']) {
    expect(parseRoute(hash)).toEqual({ place: 'visits', id: null, path: [] });
  }
});

it('an address that was cut short in the middle of a letter opens its place all the same', () => {
  expect(parseRoute('#/readiness/%C5')).toEqual({ place: 'readiness', id: '%C5', path: [] });
});
