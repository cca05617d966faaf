/** How classes are filled on every map: the ramp, and in sunlight a pattern each. */

import type { ReadinessClass } from '../api';
import { classToken } from '../look/classes';
import type { Fill, PatternName } from './data';

const PATTERNS: Record<ReadinessClass, PatternName> = {
  activate: 'plain',
  accelerate_low: 'dots',
  accelerate_medium: 'horizontal',
  accelerate_high: 'vertical',
  amplify: 'grid',
};

export function classFill(of: ReadinessClass): Fill {
  const token = classToken(of);
  return { colour: token, ink: `${token}-ink`, pattern: PATTERNS[of], always: false };
}

/** Cells that change their class easily when weights do: hatched over their class (method 3). */
export const UNSURE_FILL: Fill = { colour: 'transparent', ink: '--ink', pattern: 'diagonal', always: true };

/** The colour behind a fill; a token, or nothing. */
export function colourOf(fill: Fill): string {
  return fill.colour.startsWith('--') ? `var(${fill.colour})` : fill.colour;
}
