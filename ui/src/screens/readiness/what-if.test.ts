import { expect, it } from 'vitest';

import { KendError } from '../../lib/api';
import { settle } from '../../../tests/kend';
import { WhatIf, type Tried } from './what-if.svelte';

function desk(answer: (changes: readonly Tried[]) => Promise<number> = (changes) => Promise.resolve(changes.length)) {
  const asked: (readonly Tried[])[] = [];
  const frames: (() => void)[] = [];
  const what_if = new WhatIf<number>(
    (changes) => {
      asked.push(changes);
      return answer(changes);
    },
    (run) => frames.push(run),
  );
  const frame = async () => {
    for (const run of frames.splice(0)) run();
    await settle();
  };
  return { what_if, asked, frame };
}
const of = (row: number, value: number, zone: string | null = null): Tried => ({ row, zone, value, place: null });

it('a slider that moves often within a frame asks once, with its last value', async () => {
  const { what_if, asked, frame } = desk();
  for (const value of [1, 2, 3]) what_if.try(of(8, value));
  await frame();
  expect(asked).toEqual([[of(8, 3)]]);
  expect(what_if.answer).toBe(1);
});

it('while an answer is on its way nothing is asked, and the last value is asked after it', async () => {
  let release: () => void = () => undefined;
  const { what_if, asked, frame } = desk(async (changes) => {
    if (changes[0]?.value === 1) await new Promise<void>((resolve) => (release = resolve));
    return changes[0]?.value ?? 0;
  });
  what_if.try(of(8, 1));
  await frame();
  what_if.try(of(8, 2));
  await frame();
  what_if.try(of(8, 3));
  await frame();
  expect(asked).toHaveLength(1);
  release();
  await settle();
  expect(asked.map(([change]) => change!.value)).toEqual([1, 3]);
  expect(what_if.answer).toBe(3);
});

it('several changes stand together, and each slide is one step back', async () => {
  const { what_if, frame } = desk();
  what_if.try(of(8, 1));
  what_if.try(of(8, 2));
  what_if.rest();
  what_if.try(of(9, 5, 'AZ-TOV'));
  what_if.rest();
  what_if.try(of(9, 7, 'AZ-TOV'));
  expect(what_if.changes).toEqual([of(8, 2), of(9, 7, 'AZ-TOV')]);
  what_if.undo();
  expect(what_if.valueOf(9, 'AZ-TOV')).toBe(5);
  what_if.undo();
  expect(what_if.changed(9)).toBe(false);
  what_if.undo();
  await frame();
  expect(what_if.changes).toEqual([]);
  expect(what_if.answer).toBeNull();
  expect(what_if.canUndo).toBe(false);
});

it('a value for the whole cluster takes the place of those of its rayons, and the reverse', () => {
  const { what_if } = desk();
  what_if.try(of(9, 5, 'AZ-TOV'));
  what_if.try(of(9, 6, 'AZ-SKR'));
  expect(what_if.changes).toHaveLength(2);
  what_if.try(of(9, 7));
  expect(what_if.changes).toEqual([of(9, 7)]);
  what_if.try(of(9, 8, 'AZ-TOV'));
  expect(what_if.changes).toEqual([of(9, 8, 'AZ-TOV')]);
});

it('a reset and a plan that is tried can be taken back', () => {
  const { what_if } = desk();
  what_if.try(of(8, 1));
  what_if.tryAll([of(20, 60), of(21, 40)]);
  what_if.reset();
  expect(what_if.changes).toEqual([]);
  what_if.undo();
  expect(what_if.changes).toEqual([of(20, 60), of(21, 40)]);
  what_if.drop(20);
  expect(what_if.changes).toEqual([of(21, 40)]);
  what_if.undo();
  what_if.undo();
  expect(what_if.changes).toEqual([of(8, 1)]);
});

it('an error stands until the next answer, and the numbers before it stay', async () => {
  const { what_if, frame } = desk((changes) => (changes[0]?.value === 2 ? Promise.reject(new KendError('bad_request')) : Promise.resolve(7)));
  what_if.try(of(8, 1));
  await frame();
  what_if.try(of(8, 2));
  await frame();
  expect(what_if.error?.code).toBe('bad_request');
  expect(what_if.answer).toBe(7);
  what_if.try(of(8, 3));
  await frame();
  expect(what_if.error).toBeNull();
});

it('new places stand side by side, each a step back, and take the place of a value of their row', async () => {
  const { what_if, asked, frame } = desk();
  const at = (x_m: number, radius_km: number | null = null) => ({ x_m, y_m: 0, radius_km });
  what_if.try(of(43, 10));
  what_if.add(43, at(1));
  what_if.add(43, at(2));
  what_if.add(20, at(3, 5));
  expect(what_if.placesOf(43)).toEqual([at(1), at(2)]);
  expect(what_if.valueOf(43, null)).toBeNull();
  await frame();
  expect(asked.at(-1)).toEqual([
    { row: 43, zone: null, value: null, place: at(1) },
    { row: 43, zone: null, value: null, place: at(2) },
    { row: 20, zone: null, value: null, place: at(3, 5) },
  ]);
  what_if.remove(43, 0);
  expect([what_if.placesOf(43), what_if.placesOf(20)]).toEqual([[at(2)], [at(3, 5)]]);
  what_if.remove(43, 7);
  what_if.undo();
  expect(what_if.placesOf(43)).toEqual([at(1), at(2)]);
  what_if.try(of(43, 12));
  expect([what_if.placesOf(43), what_if.valueOf(43, null)]).toEqual([[], 12]);
  what_if.drop(20);
  expect(what_if.changed(20)).toBe(false);
});

it('all masts of a row reach as far, and a slide of that is one step', () => {
  const { what_if } = desk();
  what_if.reach(20, 9);
  expect([what_if.canUndo, what_if.changes]).toEqual([false, []]);
  what_if.add(20, { x_m: 0, y_m: 0, radius_km: 5 });
  what_if.add(20, { x_m: 9, y_m: 0, radius_km: 5 });
  for (const reach of [6, 7, 8]) what_if.reach(20, reach);
  expect(what_if.placesOf(20).map((place) => place.radius_km)).toEqual([8, 8]);
  what_if.undo();
  expect(what_if.placesOf(20).map((place) => place.radius_km)).toEqual([5, 5]);
});
