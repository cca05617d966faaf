/** Patterns of one tile, drawn the same by SVG and for the map's own renderer, so that both can be told apart alike. */

import type { Fill, PatternName } from './data';

export const TILE_PX = 12;

/** Strokes within the tile; what leaves it at one side comes in at the other. */
export const STROKES: Record<PatternName, string> = {
  plain: '',
  dots: 'M3 3h.01M9 9h.01',
  horizontal: 'M0 3H12M0 9H12',
  vertical: 'M3 0V12M9 0V12',
  grid: 'M0 6H12M6 0V12',
  diagonal: 'M-3 3L3 -3M-3 15L15 -3M9 15L15 9',
  counter: 'M-3 9L3 15M-3 -3L15 15M9 -3L15 3',
  rings: 'M6 3a3 3 0 1 0 .01 0',
};

export function strokeWidth(pattern: PatternName): number {
  return pattern === 'dots' ? 3.5 : 1.6;
}

/** Whether the pattern of a fill is drawn in this look. */
export function patterned(fill: Fill, sunlight: boolean): boolean {
  return fill.pattern !== 'plain' && (sunlight || fill.always);
}

export function patternId(fill: Fill): string {
  return `${fill.pattern}${fill.ink.replaceAll(/[^a-z]/gu, '')}`;
}
