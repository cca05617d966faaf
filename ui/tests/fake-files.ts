/** SYNTHETIC. The files of the core in memory: pieces, and what became of them. Never part of a build for use. */

import type { Attach, FileView, AttachmentPartView, KeepPiece, PiecesKeptView, ReadAttachment } from '../src/lib/api';
import { KendError } from '../src/lib/api';
import { base64Of, bytesOf, type Target } from '../src/lib/attachments/pieces';
import type { FilesOf } from './fake-form';

export class FakeFiles {
  readonly #pieces = new Map<string, Uint8Array>();
  readonly #files = new Map<string, { view: FileView; bytes: Uint8Array }>();
  #next = 1;

  keep({ interview, path, at_bytes, content_base64 }: KeepPiece): PiecesKeptView {
    const [before, piece] = [this.pieces({ interview, path }), bytesOf(content_base64)];
    if (at_bytes !== before.length) throw new KendError('wrong_state');
    const whole = new Uint8Array(before.length + piece.length);
    whole.set(before);
    whole.set(piece, before.length);
    this.#pieces.set(`${interview} ${path}`, whole);
    return { size_bytes: whole.length };
  }

  pieces({ interview, path }: Target): Uint8Array {
    return this.#pieces.get(`${interview} ${path}`) ?? new Uint8Array();
  }

  attach(request: Attach): string {
    const bytes = this.pieces(request);
    if (bytes.length === 0) throw new KendError('not_found');
    return this.put(request, { ...request, media_type: request.media_type?.split(';')[0] ?? 'audio/webm' }, bytes);
  }

  /** A file as the answer that a question has; gives the answer. */
  put(target: Target, of: Pick<FileView, 'file_name' | 'media_type' | 'duration_ms'>, bytes: Uint8Array): string {
    const attachment = `file-${this.#next++}`;
    const { file_name, media_type, duration_ms } = of;
    const view: FileView = { attachment, file_name, media_type, duration_ms, size_bytes: bytes.length, here: true, kept: 'kept' };
    this.#files.set(attachment, { view, bytes });
    this.drop(target);
    return attachment;
  }

  drop({ interview, path }: Target): void {
    this.#pieces.delete(`${interview} ${path}`);
  }

  erase(target: Target): void {
    this.drop(target);
  }

  read({ attachment, at_bytes, most_bytes }: ReadAttachment): AttachmentPartView {
    const file = this.#files.get(attachment);
    if (file === undefined) throw new KendError('not_found');
    const part = file.bytes.slice(at_bytes, at_bytes + Math.min(most_bytes, 1024));
    return { at_bytes, content_base64: base64Of(part), size_bytes: file.bytes.length };
  }

  of(interview: string): FilesOf {
    return {
      attachment: (value) => this.#files.get(value)?.view ?? null,
      unfinished: (path) => {
        const { length } = this.pieces({ interview, path });
        return length === 0 ? null : { size_bytes: length, media_type: path.includes('sound') ? 'audio/webm' : null };
      },
    };
  }
}
