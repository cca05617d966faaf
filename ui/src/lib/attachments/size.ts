/** Sizes and times of files in words. */

import { sizeParts } from '../format/format';
import { currentLanguage, t } from '../words/words.svelte';

export function sizeWords(size_bytes: number): string {
  const { value, unit } = sizeParts(size_bytes, currentLanguage());
  return t(`sync.bytes.${unit}`, { value });
}

/** Minutes and seconds, with hours where there are any: `1:02:03`. */
export function clockWords(duration_ms: number): string {
  const seconds = Math.floor(duration_ms / 1000);
  const digits = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = digits(seconds % 60);
  return hours > 0 ? `${hours}:${digits(minutes)}:${rest}` : `${minutes}:${rest}`;
}
