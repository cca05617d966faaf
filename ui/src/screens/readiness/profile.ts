/** Whose profile an address asks for: `profile`, `profile/village/ID`, `profile/rayon/CODE`. */

import type { ReadProfile } from '../../lib/api';

export function profileOf(path: readonly string[], cluster: string): ReadProfile {
  const [, kind, id] = path;
  if (kind === 'village' && id) return { village: id };
  if (kind === 'rayon' && id) return { rayon: id };
  return { cluster };
}
