import { describe, expect, it } from 'vitest';

import { compareNames, foldForSearch, formatDate, formatNumber, formatOrDash, sizeParts } from './format';

describe('names', () => {
  it('are found whatever case and keyboard they are typed with', () => {
    for (const typed of ['İSMAYILLI', 'ismayıllı', 'Ismayilli', 'ismayilli']) {
      expect(foldForSearch('İsmayıllı', 'az')).toContain(foldForSearch(typed, 'az'));
    }
    expect(foldForSearch('Şəmkir', 'az')).toBe(foldForSearch('semkir', 'az'));
    expect(foldForSearch('Ёлкино', 'ru')).toBe(foldForSearch('елкино', 'ru'));
  });

  it('sort by the alphabet of the language', () => {
    const names = ['Zaqatala', 'İsmayıllı', 'Çobanlı', 'Əliabad', 'Daşbulaq', 'Cəfərli', 'Xaçmaz', 'Əli Bayramlı'];
    expect(names.sort(compareNames('az'))).toEqual([
      'Cəfərli',
      'Çobanlı',
      'Daşbulaq',
      'Əli Bayramlı',
      'Əliabad',
      'Xaçmaz',
      'İsmayıllı',
      'Zaqatala',
    ]);
  });
});

describe('numbers, sizes and dates', () => {
  it('that are not known are a dash, and zero is a number', () => {
    expect([formatOrDash(null, 'az'), formatOrDash(0, 'az'), formatOrDash(1234.5, 'az', 1)]).toEqual(['–', '0', '1.234,5']);
  });

  it('are written as the language writes them', () => {
    expect(formatNumber(1234.5, 'az', 1)).toBe('1.234,5');
    expect(formatDate('2026-11-20T09:00:00Z', 'az')).toBe('20 noy 2026');
    expect(formatNumber(1234.5, 'en', 1)).toBe('1,234.5');
    expect(sizeParts(1536, 'ru')).toEqual({ value: '1,5', unit: 'kb' });
    expect(sizeParts(12, 'en')).toEqual({ value: '12', unit: 'b' });
  });

  it('that cannot be read are shown as they came', () => {
    expect(formatDate('yesterday', 'en')).toBe('yesterday');
  });
});
