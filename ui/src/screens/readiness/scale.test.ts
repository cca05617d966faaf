import { expect, it } from 'vitest';

import { niceStep, parseNumber, scaleOf } from './scale';

it('steps are numbers that people say aloud, about a hundred of them', () => {
  expect([100, 50, 7, 0.3, 1234, 0].map(niceStep)).toEqual([1, 0.5, 0.1, 0.005, 20, 1]);
});

it('what is there lies on the scale even where it is worse or better than the index counts', () => {
  expect(scaleOf(0, 100, 120)).toEqual({ low: 0, high: 120, step: 2 });
  expect(Object.is(scaleOf(250, -0, 108).low, 0)).toBe(true);
  const { low, high } = scaleOf(3.2, 41.7, -1);
  expect(low <= -1 && high >= 41.7).toBe(true);
});

it('numbers are read as each language writes them, and words are no numbers', () => {
  expect(parseNumber('1.234,5', 'az')).toBe(1234.5);
  expect(parseNumber('1 234,5', 'ru')).toBe(1234.5);
  expect(parseNumber('1,234.5', 'en')).toBe(1234.5);
  expect(parseNumber('12.5', 'en')).toBe(12.5);
  expect(parseNumber('−3', 'az')).toBe(-3);
  for (const text of ['', 'on', '1e9', '1..2', '--4']) expect(parseNumber(text, 'az')).toBeNull();
});
