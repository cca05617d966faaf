/**
 * The words of the screens. They live in `schema/words/`, one file a language with the same keys; a key that is not
 * there does not compile. The language is one reactive value, so every screen changes its words in place.
 */

import az from '$words/az.json';
import en from '$words/en.json';
import ru from '$words/ru.json';

import type { ErrorCode, Language } from '../api';
import { formatNumber, localeOf } from '../format/format';

export type WordKey = keyof typeof en;
type CountedKey<Key> = Key extends `${infer Stem}.other` ? (`${Stem}.one` extends WordKey ? Stem : never) : never;
/** Keys that come in plural forms; the form follows the count by the rules of the language. */
export type CountKey = CountedKey<WordKey>;
export type Params = Record<string, string | number>;

const WORDS: Record<Language, Record<WordKey, string>> = { az, en, ru };
export const LANGUAGES: readonly Language[] = ['az', 'en', 'ru'];

let current = $state<Language>('az');

export function currentLanguage(): Language {
  return current;
}

export function speak(language: Language): void {
  current = language;
  document.documentElement.lang = language;
}

/** The words of a key, with `{name}` filled in. */
export function t(key: WordKey, params: Params = {}): string {
  return WORDS[current][key].replace(/\{(\w+)\}/gu, (slot, name: string) => String(params[name] ?? slot));
}

/** The words about an error. A code of the bridge without words in `schema/words/` does not compile. */
export function errorWords(code: ErrorCode): string {
  const key: WordKey = `error.${code}`;
  return t(key);
}

/** The words of a key for a count: *1 interview*, *2 interviews*. */
export function tCount(key: CountKey, count: number, params: Params = {}): string {
  const form = new Intl.PluralRules(localeOf(current)).select(count);
  const full = `${key}.${form === 'zero' || form === 'two' ? 'other' : form}` as WordKey;
  return t(full, { count: formatNumber(count, current), ...params });
}

/** Whether the key of a closed vocabulary's word is there; words of an instrument need not be. */
export function hasWords(key: string): key is WordKey {
  return key in en;
}
