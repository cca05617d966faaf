import { expect, it } from 'vitest';

import { hrefOf, parseRoute } from './router.svelte';

it('an address is read back as the place and the id it was made of', () => {
  expect(parseRoute(hrefOf('readiness', 'şəmkir/tovuz'))).toEqual({ place: 'readiness', id: 'şəmkir/tovuz' });
  expect(parseRoute(hrefOf('sync'))).toEqual({ place: 'sync', id: null });
});

it('an unknown address opens the visits', () => {
  for (const hash of ['', '#', '#/nowhere/1', '#/__proto__']) {
    expect(parseRoute(hash)).toEqual({ place: 'visits', id: null });
  }
});
