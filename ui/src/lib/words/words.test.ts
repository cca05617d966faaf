import { afterEach, expect, it } from 'vitest';

import az from '$words/az.json';
import en from '$words/en.json';
import ru from '$words/ru.json';

import { speak, t, tCount } from './words.svelte';

afterEach(() => {
  speak('az');
});

it('the three languages have the same keys with the same slots', () => {
  const slots = (text: string) => [...new Set(text.match(/\{\w+\}/gu) ?? [])].sort();
  for (const words of [az, ru] as Record<string, string>[]) {
    expect(Object.keys(words).sort()).toEqual(Object.keys(en).sort());
    for (const [key, text] of Object.entries(en)) expect([key, slots(words[key]!)]).toEqual([key, slots(text)]);
  }
});

it('words change with the language, and so does the language of the page', () => {
  speak('en');
  expect(t('place.visits')).toBe('Visits');
  speak('ru');
  expect(t('place.visits')).toBe(ru['place.visits']);
  expect(document.documentElement.lang).toBe('ru');
});

it('a count takes the form of its language', () => {
  speak('ru');
  expect([1, 3, 5, 21].map((count) => tCount('participant.count', count))).toEqual([
    '1 участник',
    '3 участника',
    '5 участников',
    '21 участник',
  ]);
  speak('en');
  expect(tCount('participant.count', 1)).toBe('1 participant');
});

it('a slot without a value stays visible', () => {
  speak('en');
  expect(t('interview.started', {})).toBe('Started {date}');
});
