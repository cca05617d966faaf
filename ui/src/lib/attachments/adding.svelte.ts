/** A chosen file on its way to become an answer. */

import type { Api, TakesView } from '../api';
import { KendError } from '../api';
import { smaller } from './picture';
import { keepFile, type Target } from './pieces';

export class Adding {
  done_bytes = $state(0);
  all_bytes = $state(0);
  busy = $state(false);
  error = $state.raw<KendError | null>(null);
  readonly #api: Api;
  #stopper = new AbortController();

  constructor(api: Api) {
    this.#api = api;
  }

  /** Keeps a file and makes it the answer. What is not taken leaves nothing behind. */
  async add(target: Target, file: File, takes: TakesView, duration_ms: number | null = null): Promise<boolean> {
    if (this.busy) return false;
    [this.busy, this.error, this.done_bytes] = [true, null, 0];
    this.#stopper = new AbortController();
    try {
      const { content, media_type } = await smaller(file, takes.most_pixels);
      this.all_bytes = content.size;
      if (content.size > takes.most_bytes) throw new KendError('too_large', null);
      if (content.size === 0) throw new KendError('bad_request', null);
      // What broke off before is no beginning of this one.
      await this.#api.dropPieces(target);
      const told = (kept_bytes: number) => { this.done_bytes = kept_bytes; };
      if (!(await keepFile(this.#api, target, content, told, this.#stopper.signal))) {
        await this.#api.dropPieces(target);
        return false;
      }
      const file_name = nameOf(file.name);
      await this.#api.attach({ ...target, media_type: media_type || typeByName(file.name), file_name, duration_ms });
      return true;
    } catch (thrown) {
      this.error = KendError.from(thrown);
      await this.#api.dropPieces(target).catch(() => undefined);
      return false;
    } finally {
      this.busy = false;
    }
  }

  stop(): void {
    this.#stopper.abort();
  }
}

/** A name as the log takes it: without a folder, not too long. */
function nameOf(name: string): string {
  const plain = name.replace(/[/\\\p{Cc}]/gu, ' ').trim();
  const ending = /\.[^.]{1,8}$/u.exec(plain)?.[0] ?? '';
  return [...plain].length > 60 ? `${[...plain].slice(0, 50).join('')}${ending}` : plain;
}

/** Types of files that some systems do not know. */
const TYPES: Record<string, string> = {
  amr: 'audio/amr', m4a: 'audio/mp4', mp3: 'audio/mpeg', ogg: 'audio/ogg', opus: 'audio/ogg', wav: 'audio/wav', flac: 'audio/flac', aac: 'audio/aac',
  jpg: 'image/jpeg', jpeg: 'image/jpeg', png: 'image/png', heic: 'image/heic', webp: 'image/webp', pdf: 'application/pdf',
};

function typeByName(name: string): string {
  return TYPES[name.split('.').pop()?.toLowerCase() ?? ''] ?? 'application/octet-stream';
}
