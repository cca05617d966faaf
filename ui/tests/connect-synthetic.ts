/** SYNTHETIC. Takes the place of `src/connect.ts` in `vite --mode synthetic` only; options come from the address. */

import type { Language, Role, SessionState, Place } from '../src/lib/api';
import { FakeCore } from './fake-api';

export function connect(): FakeCore {
  const query = new URLSearchParams(window.location.search);
  return new FakeCore({
    place: (query.get('place') ?? 'app') as Place,
    state: (query.get('state') ?? 'open') as SessionState,
    role: (query.get('role') ?? 'enumerator') as Role,
    language: (query.get('language') ?? 'az') as Language,
    villages: Number(query.get('villages') ?? 12),
    interviews: Number(query.get('interviews') ?? 6),
    examples: Number(query.get('examples') ?? 0),
    filled: query.get('filled') !== 'no',
  });
}
