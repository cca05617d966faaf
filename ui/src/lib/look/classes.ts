/** The tokens of `tokens.css` that a readiness class is shown in. */

import type { ReadinessClass } from '../api';

/** The colour of a class; with `-ink` what stands on it, with `-mark` what stands under its name. */
export function classToken(of: ReadinessClass): string {
  return `--class-${of.replaceAll('_', '-')}`;
}
