import { screen } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { kendOver, show } from '../../../tests/kend';
import ReadinessScreen from './ReadinessScreen.svelte';
import { ReadinessState, classAt, dependsOnWeight, levelAt, rangeAbout, segments } from './readiness.svelte';

it('class positions are fifths, and level s lies at 20 s - 10', () => {
  expect([0, 19.9, 20, 59.9, 60, 99, 100].map(classAt)).toEqual([
    'activate',
    'activate',
    'accelerate_low',
    'accelerate_medium',
    'accelerate_high',
    'amplify',
    'amplify',
  ]);
  expect([10, 50, 90].map(levelAt)).toEqual([1, 3, 5]);
  expect(rangeAbout(5, 10)).toEqual({ low: 0, high: 5 + 16.45 });
  expect(segments([20, 30, 40, 60]).map((part) => part.to - part.from)).toEqual([20, 10, 10, 20, 40]);
});

it('a provisional class does not move the class of the data', async () => {
  const { core } = await kendOver({ interviews: 2 });
  const readiness = new ReadinessState(core);
  await readiness.open(null);
  expect(readiness.view!.merged!.provisional).toBe(true);
  expect(readiness.official).toBe('accelerate_high');
  expect(dependsOnWeight(readiness.view!.lambda_table)).toBe(true);
  expect(readiness.held_back_by).toBe('economic_potential');
});

it('a late answer about another cluster does not cover the one asked for last', async () => {
  const { core } = await kendOver({ interviews: 6 });
  const ask = core.readReadiness;
  let release: () => void = () => undefined;
  core.readReadiness = async (request) => {
    if (request.cluster === 'shamkir-tovuz') await new Promise<void>((resolve) => (release = resolve));
    return ask(request);
  };
  const readiness = new ReadinessState(core);
  const slow = readiness.open('shamkir-tovuz');
  await readiness.open('guba-gusar-khachmaz');
  release();
  await slow;
  expect(readiness.view!.cluster.cluster).toBe('guba-gusar-khachmaz');
});

it('every picture says in words what it shows, and the partial index says that it is one', async () => {
  const { kend } = await kendOver({ interviews: 6, language: 'en' });
  show(kend, ReadinessScreen, { cluster: null, path: [] });
  await screen.findByTestId('readiness-class');
  for (const picture of screen.getAllByRole('img')) expect(picture.getAttribute('aria-label')).toMatch(/\w/u);
  expect(screen.getByTestId('partial').textContent).toContain('4 of 53');
  expect(screen.getByTestId('dimension-economic_sources').textContent).toContain('Voices lower');
  expect(screen.getByTestId('dimension-table').querySelectorAll('tbody tr')).toHaveLength(5);
  expect(screen.getByTestId('theme-tourism').textContent).toContain('Not discussed');
});

it('a dimension without data is not named as if it were measured', async () => {
  const { core } = await kendOver({ interviews: 6 });
  const ask = core.readReadiness;
  core.readReadiness = async (request) => {
    const view = await ask(request);
    return { ...view, gaps: ['infrastructure', 'human_capital', 'economic_potential'] };
  };
  const readiness = new ReadinessState(core);
  await readiness.open(null);
  expect(readiness.voices_only('infrastructure')).toBe(true);
  expect(readiness.voices_only('economic_potential')).toBe(false);
  // The lowest of those with data, though the voices put infrastructure first among the gaps.
  expect(readiness.held_back_by).toBe('economic_potential');
});

it('a number that rests on invented examples says so beside it, and voices without data say that they stand alone', async () => {
  const { kend } = await kendOver({ interviews: 6, examples: 4, language: 'en' });
  show(kend, ReadinessScreen, { cluster: null, path: [] });
  expect((await screen.findByTestId('examples')).textContent).toContain('invented examples');
  expect(screen.getByTestId('examples').dataset.count).toBe('2');
  expect(screen.getByTestId('dimension-infrastructure').textContent).toContain('No data; voices only');
  expect(screen.getByTestId('dimension-governance').textContent).toContain('No data');
});

it('a number without examples says nothing about them', async () => {
  const { kend } = await kendOver({ interviews: 6, language: 'en' });
  show(kend, ReadinessScreen, { cluster: null, path: [] });
  await screen.findByTestId('readiness-class');
  expect(screen.queryByTestId('examples')).toBeNull();
});
