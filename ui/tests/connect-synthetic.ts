/** SYNTHETIC. Takes the place of `src/connect.ts` in `vite --mode synthetic` only; options come from the address. */

import type { Language, Role, SessionState, Place } from '../src/lib/api';
import { FakeCore, type FakeOptions } from './fake-api';

/** A photo with its words, and a sheet. */
function addFiles(core: FakeCore): void {
  for (const of of core.interviews) {
    of.instances.set('photo', ['photo-1']);
    const target = { interview: of.id, path: 'photo/photo-1/photo_picture' };
    const file = { file_name: 'Dondar yolu.jpg', media_type: 'image/jpeg', duration_ms: null };
    of.answers.set(target.path, core.files.put(target, file, new Uint8Array(1_200_000)));
    of.answers.set('photo/photo-1/photo_words', 'Körpünün yanında yol yuyulub.');
    const sheet = { file_name: 'qeydlər.pdf', media_type: 'application/pdf', duration_ms: null };
    of.answers.set('paper_notes', core.files.put({ interview: of.id, path: 'paper_notes' }, sheet, new Uint8Array(300_000)));
  }
}

export function connect(): FakeCore {
  const query = new URLSearchParams(window.location.search);
  const core = new FakeCore({
    place: (query.get('place') ?? 'app') as Place,
    state: (query.get('state') ?? 'open') as SessionState,
    role: (query.get('role') ?? 'enumerator') as Role,
    language: (query.get('language') ?? 'az') as Language,
    villages: Number(query.get('villages') ?? 12),
    interviews: Number(query.get('interviews') ?? 6),
    examples: Number(query.get('examples') ?? 0),
    filled: query.get('filled') !== 'no',
    cells: query.get('cells') === 'yes',
    meetings: (query.get('meetings') ?? 'none') as NonNullable<FakeOptions['meetings']>,
  });
  if (query.get('files') === 'yes') addFiles(core);
  return core;
}
