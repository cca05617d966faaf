import { expect, it } from 'vitest';

import { Preferences } from './preferences.svelte';

function storage(held: Record<string, string> = {}): Storage {
  const map = new Map(Object.entries(held));
  return {
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
  } as Storage;
}

it('look and text size outlive the page, and what is not known is not taken', () => {
  const kept = storage({ 'kend-look': 'sunlight', 'kend-text-size-percent': '700' });
  const root = document.createElement('div');
  const preferences = new Preferences({ root, storage: kept, prefers_dark: true, width_px: () => 412 });
  expect([preferences.look, preferences.text_size_percent]).toEqual(['sunlight', 100]);
  preferences.look = 'light';
  preferences.text_size_percent = 150;
  const again = new Preferences({ root, storage: kept, prefers_dark: true, width_px: () => 412 });
  expect([again.look, again.text_size_percent]).toEqual(['light', 150]);
});

it('large text on a phone counts as a narrow screen', () => {
  const root = document.createElement('div');
  let width_px = 412;
  const preferences = new Preferences({ root, storage: null, prefers_dark: false, width_px: () => width_px });
  expect([root.dataset.look, root.hasAttribute('data-narrow')]).toEqual(['light', false]);
  preferences.text_size_percent = 200;
  expect(root.hasAttribute('data-narrow')).toBe(true);
  width_px = 1366;
  preferences.fit();
  expect(root.hasAttribute('data-narrow')).toBe(false);
});

it('large text in a wide window leaves no room for things side by side', () => {
  const root = document.createElement('div');
  const preferences = new Preferences({ root, storage: null, prefers_dark: false, width_px: () => 1366 });
  expect(root.hasAttribute('data-tight')).toBe(false);
  preferences.text_size_percent = 150;
  expect(root.hasAttribute('data-tight')).toBe(false);
  preferences.text_size_percent = 200;
  expect([root.hasAttribute('data-tight'), root.hasAttribute('data-narrow')]).toEqual([true, false]);
});
