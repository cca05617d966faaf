/** The scale of a slider: from the worst to the best that the index knows, and steps that people would say aloud. */

import type { Language } from '../../lib/api';

export interface Scale {
  low: number;
  high: number;
  step: number;
}

/** About as many steps as a thumb can tell apart. */
const STEPS = 100;

/** A scale that holds what is there too, where that lies outside. */
export function scaleOf(low: number, high: number, value: number | null): Scale {
  const ends = [low, high, ...(value === null ? [] : [value])];
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const step = niceStep(most - least);
  return { low: rounded(Math.floor(least / step) * step), high: rounded(Math.ceil(most / step) * step), step };
}

/** 1, 2 or 5 times a power of ten, the smallest that needs no more than `STEPS`. */
export function niceStep(span: number): number {
  if (!(span > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(span / STEPS));
  const step = [1, 2, 5, 10].find((each) => span / (each * power) <= STEPS * (1 + Number.EPSILON)) ?? 10;
  return rounded(step * power);
}

const DIGITS = 12;
/** 0.1 + 0.2 is 0.3 to people. */
function rounded(value: number): number {
  // Without the sign of a zero.
  return Number(value.toPrecision(DIGITS)) + 0;
}

/** A number as people write it: `1.234,5` and `1234.5` in their languages, spaces anywhere. */
export function parseNumber(text: string, language: Language): number | null {
  const plain = text.replaceAll(/[\s\u00a0\u202f]/gu, '');
  const thousands = language === 'en' ? /,(?=\d{3}(\D|$))/gu : /\.(?=\d{3}(\D|$))/gu;
  const written = plain.replace(thousands, '').replace(',', '.').replace('−', '-');
  if (!/^-?\d+(\.\d*)?$|^-?\.\d+$/u.test(written)) return null;
  return Number(written);
}
