/**
 * Bytes on their way into the store: piece after piece, one request at a time, so that what is durable is always a whole
 * beginning. A piece that fails is given again; the core knows one that it has already.
 */

import type { Api } from '../api';
import { KendError } from '../api';

/** Where the bytes belong. */
export interface Target {
  interview: string;
  path: string;
}

/** Largest piece that is sent: small enough to be durable within a moment on a slow disk. */
export const PIECE_BYTES = 256 * 1024;
/** First pause after a failure; doubles up to the longest. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;

export type Wait = (delay_ms: number) => Promise<void>;

export const wait: Wait = (delay_ms) => new Promise((resolve) => setTimeout(resolve, delay_ms));

/** Bytes as base64, without a string of the whole in between for each byte. */
export function base64Of(bytes: Uint8Array): string {
  const STEP = 0x8000;
  let binary = '';
  for (let at = 0; at < bytes.length; at += STEP) binary += String.fromCharCode(...bytes.subarray(at, at + STEP));
  return btoa(binary);
}

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/** Pieces of a recording: they come when they come, and wait here while the store can't take them. */
export class PieceLine {
  kept_bytes = 0;
  waiting_bytes = 0;
  /** Why the last piece is not durable, while it is tried again; or why none ever will be. */
  error: KendError | null = null;
  readonly #api: Api;
  readonly #target: Target;
  readonly #changed: () => void;
  readonly #wait: Wait;
  readonly #waiting: Uint8Array[] = [];
  #sending: Promise<void> | null = null;
  #refused = false;

  constructor(api: Api, target: Target, changed: () => void, pause: Wait = wait) {
    this.#api = api;
    this.#target = target;
    this.#changed = changed;
    this.#wait = pause;
  }

  /** Whether the store will never take what comes: consent was withdrawn, or the largest size is reached. */
  get refused(): boolean {
    return this.#refused;
  }

  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && !this.#refused; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      this.#waiting.push(piece);
      this.waiting_bytes += piece.length;
    }
    this.#sending ??= this.#send();
  }

  /** Resolves when nothing waits any more. */
  async end(): Promise<void> {
    while (this.#sending !== null) await this.#sending;
  }

  async #send(): Promise<void> {
    let retry_ms = FIRST_RETRY_MS;
    for (let piece = this.#waiting[0]; piece !== undefined; piece = this.#waiting[0]) {
      try {
        await this.#api.keepPiece({ ...this.#target, at_bytes: this.kept_bytes, content_base64: base64Of(piece) });
        this.#waiting.shift();
        this.kept_bytes += piece.length;
        this.waiting_bytes -= piece.length;
        this.error = null;
        retry_ms = FIRST_RETRY_MS;
      } catch (thrown) {
        this.error = KendError.from(thrown);
        if (!this.error.retryable) {
          this.#refused = true;
          this.#waiting.length = 0;
          this.waiting_bytes = 0;
        } else {
          this.#changed();
          await this.#wait(retry_ms);
          retry_ms = Math.min(2 * retry_ms, LONGEST_RETRY_MS);
        }
      }
      this.#changed();
    }
    this.#sending = null;
  }
}

/** Keeps a file that was chosen, a piece in memory at a time. Throws what the core refuses; what was kept then stays. */
export async function keepFile(
  api: Api,
  target: Target,
  file: Blob,
  told: (kept_bytes: number) => void,
  stopped: AbortSignal,
): Promise<boolean> {
  for (let at_bytes = 0; at_bytes < file.size; at_bytes += PIECE_BYTES) {
    if (stopped.aborted) return false;
    const piece = new Uint8Array(await file.slice(at_bytes, at_bytes + PIECE_BYTES).arrayBuffer());
    await api.keepPiece({ ...target, at_bytes, content_base64: base64Of(piece) });
    told(at_bytes + piece.length);
  }
  return !stopped.aborted;
}
