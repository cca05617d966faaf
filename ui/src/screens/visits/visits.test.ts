import { expect, it } from 'vitest';

import { kendOver } from '../../../tests/kend';
import { KendError } from '../../lib/api';
import { project } from './map';
import { VisitsState, parsePosition } from './visits.svelte';

async function visits() {
  const { core } = await kendOver({ villages: 12 });
  const state = new VisitsState(core);
  await state.load();
  return { core, state };
}

it('a village is found whatever case and keyboard its name is typed with', async () => {
  const { state } = await visits();
  for (const typed of ['İBRAHİM', 'ibrahim', 'quscu', 'QUŞÇU', '  elim']) {
    state.search = typed;
    expect([typed, state.found('az').length]).toEqual([typed, 1]);
  }
});

it('villages stand by name until the place is known, then as the core orders them', async () => {
  const { state } = await visits();
  expect(state.found('az')[0]!.name).toBe('Ağdam');
  await state.nearest({ latitude: 40.75, longitude: 45.4 });
  const distances = state.found('az').map((village) => village.distance_km!);
  expect(distances).toEqual([...distances].sort((one, other) => one - other));
});

it('a refused village leaves the list as it was and says why', async () => {
  const { core, state } = await visits();
  core.failing.set('addVillage', new KendError('bad_request', 'outside'));
  expect(await state.add('Yeni', { latitude: 0, longitude: 0 })).toBeNull();
  expect(state.error?.code).toBe('bad_request');
  expect(state.villages).toHaveLength(12);
});

it('degrees are read with a point or a comma and only where they are on the globe', () => {
  expect(parsePosition('40,99', ' 45.63 ')).toEqual({ latitude: 40.99, longitude: 45.63 });
  for (const [latitude, longitude] of [['', '45'], ['91', '45'], ['40', '181'], ['forty', '45']] as const) {
    expect(parsePosition(latitude, longitude)).toBeNull();
  }
});

it('the map keeps north up and everything inside its edge', () => {
  const points = project([{ latitude: 41, longitude: 45 }, { latitude: 40, longitude: 46 }], null, 600, 28);
  expect(points.at[0]!.y).toBeLessThan(points.at[1]!.y);
  expect(points.at[0]!.x).toBeLessThan(points.at[1]!.x);
  for (const point of points.at) {
    expect(point.x).toBeGreaterThanOrEqual(28);
    expect(point.y).toBeLessThanOrEqual(points.height - 27.9);
  }
});

it('a practice interview is started as an example, any other is not', async () => {
  const { core } = await kendOver();
  const visits = new VisitsState(core);
  const practice = await visits.start('village-1', 'fgd', 'az', true);
  const real = await visits.start('village-1', 'fgd', 'az', false);
  expect([practice?.summary.example, real?.summary.example]).toEqual([true, false]);
});
