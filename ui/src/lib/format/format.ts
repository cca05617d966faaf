/**
 * Numbers, dates, sizes and names as people of each language write, sort and search them. Azerbaijani has a dotless ı
 * and a dotted İ, so case is folded by locale and never by `toLowerCase` alone.
 */

import type { Language } from '../api';

/** The plural rules, case and spelling of a language. */
const LOCALES: Record<Language, string> = { az: 'az-Latn-AZ', en: 'en-GB', ru: 'ru-RU' };
/** Browsers often lack the number formats of Azerbaijani; German writes numbers the same way (1.234,5). */
const NUMBER_LOCALES: Record<Language, string> = { ...LOCALES, az: 'de-DE' };
/** Browsers often lack these names and this order too. */
const AZ_MONTHS = ['yan', 'fev', 'mar', 'apr', 'may', 'iyn', 'iyl', 'avq', 'sen', 'okt', 'noy', 'dek'] as const;
const AZ_ALPHABET = 'abcçdeəfgğhxıijkqlmnoöprsştuüvwyz';

export function localeOf(language: Language): string {
  return LOCALES[language];
}

/** Text for comparing what someone types with a name: case folded by locale, letters without a key of their own on
 *  many keyboards (ə ı ğ ö ü ş ç) as their neighbours. */
export function foldForSearch(text: string, language: Language): string {
  const plain: Record<string, string> = { ə: 'e', ı: 'i', ё: 'е' };
  return text
    .trim()
    .toLocaleLowerCase(LOCALES[language])
    .replace(/[əıё]/gu, (letter) => plain[letter] ?? letter)
    .normalize('NFD')
    .replace(/\p{M}/gu, '');
}

export function compareNames(language: Language): (one: string, other: string) => number {
  const collator = new Intl.Collator(LOCALES[language], { numeric: true, sensitivity: 'variant' });
  if (language !== 'az') return collator.compare;
  return (one, other) => {
    const [left, right] = [one, other].map((name) => [...name.toLocaleLowerCase(LOCALES.az)]) as [string[], string[]];
    for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
      const [mine, theirs] = [left[index] ?? '', right[index] ?? ''];
      const [at, there] = [AZ_ALPHABET.indexOf(mine), AZ_ALPHABET.indexOf(theirs)];
      if (mine === theirs) continue;
      // What is no letter of the alphabet (a space, a digit) goes first, in the collator's order.
      return at === -1 && there === -1 ? collator.compare(one, other) : at - there;
    }
    return left.length - right.length;
  };
}

export function formatNumber(value: number, language: Language, digits = 0): string {
  return new Intl.NumberFormat(NUMBER_LOCALES[language], {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

/** A number, or a dash where it is not known. */
export function formatOrDash(value: number | null, language: Language, digits = 0): string {
  return value === null ? '–' : formatNumber(value, language, digits);
}

/** A value of an indicator: as many digits as say something. */
export function formatValue(value: number, language: Language): string {
  return new Intl.NumberFormat(NUMBER_LOCALES[language], { maximumSignificantDigits: 4 }).format(value);
}

export function formatShare(share: number, language: Language): string {
  return new Intl.NumberFormat(NUMBER_LOCALES[language], { style: 'percent', maximumFractionDigits: 0 }).format(share);
}

export function formatDate(iso: string, language: Language): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  if (language === 'az') return `${date.getDate()} ${AZ_MONTHS[date.getMonth()] ?? ''} ${date.getFullYear()}`;
  return new Intl.DateTimeFormat(LOCALES[language], { day: 'numeric', month: 'short', year: 'numeric' }).format(date);
}

export function formatDateTime(iso: string, language: Language): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const digits = (value: number) => String(value).padStart(2, '0');
  return `${formatDate(iso, language)}, ${digits(date.getHours())}:${digits(date.getMinutes())}`;
}

const KIB = 1024;

/** A size as a number and the word for its unit. */
export function sizeParts(size_bytes: number, language: Language): { value: string; unit: 'b' | 'kb' | 'mb' } {
  if (size_bytes < KIB) return { value: formatNumber(size_bytes, language), unit: 'b' };
  if (size_bytes < KIB * KIB) return { value: formatNumber(size_bytes / KIB, language, 1), unit: 'kb' };
  return { value: formatNumber(size_bytes / KIB / KIB, language, 1), unit: 'mb' };
}
