/**
 * Keeps what is being typed. Each question has a lane; a lane sends one request at a time, always with the newest text,
 * so a late answer can never put an older text over a newer one, and a draft can never arrive after the answer that
 * ended it. A failed request is tried again with growing pauses; the text on the screen is never touched by that.
 *
 * Plain timers and functions come in as arguments: the class knows no clock, no network and no screen.
 */

import type { KendError } from '../api';

/** A pause this long while typing sends the text. */
export const PAUSE_MS = 300;
/** Someone who never pauses is sent this often. */
export const LONGEST_WAIT_MS = 1000;
/** First pause after a failure; doubles up to the longest. */
export const FIRST_RETRY_MS = 500;
export const LONGEST_RETRY_MS = 8000;

export interface Timers {
  now(): number;
  start(run: () => void, delay_ms: number): number;
  stop(timer: number): void;
}

export interface Keeping {
  /** Makes the text durable as a draft; answers how many characters are durable. */
  keep(path: string, text: string): Promise<number>;
  /** Makes the text the answer and ends the draft. */
  record(path: string, text: string): Promise<void>;
  /** What a rejected promise means. */
  errorOf(thrown: unknown): KendError;
  /** Called after every change of a lane. */
  changed(path: string): void;
}

/** What a field shows of its lane. */
export interface Mark {
  /** What stands on the screen. */
  text: string;
  /** Whether exactly that is durable. */
  kept: boolean;
  /** How many characters are durable. */
  kept_characters: number;
  /** Why it is not, while it is being tried again or after it was refused. */
  error: KendError | null;
}

interface Lane {
  text: string;
  durable: string;
  durable_characters: number;
  answer: string;
  leaving: boolean;
  busy: boolean;
  timer: number | null;
  unsent_since: number | null;
  failures: number;
  error: KendError | null;
  waiting: (() => void)[];
}

/** Characters as the core counts them: Unicode scalar values. */
export function countCharacters(text: string): number {
  return Array.from(text).length;
}

export class DraftKeeper {
  readonly #lanes = new Map<string, Lane>();
  readonly #keeping: Keeping;
  readonly #timers: Timers;

  constructor(keeping: Keeping, timers: Timers) {
    this.#keeping = keeping;
    this.#timers = timers;
  }

  /** What the core says about a question. Text that is not yet durable stays as it is on the screen. */
  take(path: string, answer: string, draft: string | null): void {
    const durable = draft ?? answer;
    const lane = this.#lanes.get(path);
    if (lane === undefined) {
      this.#lanes.set(path, {
        text: durable,
        durable,
        durable_characters: countCharacters(durable),
        answer,
        leaving: false,
        busy: false,
        timer: null,
        unsent_since: null,
        failures: 0,
        error: null,
        waiting: [],
      });
    } else {
      // A view may be older than the last keystroke: text that is not yet the answer is never taken off the screen.
      if (lane.busy || lane.leaving || lane.text !== lane.durable || lane.text !== lane.answer) return;
      lane.text = durable;
      lane.durable = durable;
      lane.durable_characters = countCharacters(durable);
      lane.answer = answer;
    }
    this.#keeping.changed(path);
  }

  /** The text of a field after a keystroke. */
  type(path: string, text: string): void {
    const lane = this.#lane(path);
    if (lane.text === text) return;
    lane.text = text;
    lane.error = null;
    lane.failures = 0;
    lane.unsent_since ??= this.#timers.now();
    this.#schedule(path, lane);
    this.#keeping.changed(path);
  }

  /** The field is being left: its text becomes the answer. Resolves when that is durable or was refused. */
  leave(path: string): Promise<void> {
    const lane = this.#lanes.get(path);
    if (lane === undefined || (lane.text === lane.answer && lane.text === lane.durable && !lane.busy)) {
      return Promise.resolve();
    }
    lane.leaving = true;
    this.#stopTimer(lane);
    return new Promise((resolve) => {
      lane.waiting.push(resolve);
      this.#send(path, lane);
    });
  }

  /** Leaves every field. */
  async leaveAll(): Promise<void> {
    await Promise.all([...this.#lanes.keys()].map((path) => this.leave(path)));
  }

  /** Whether anything on the screen is not durable. */
  get unkept(): boolean {
    return [...this.#lanes.values()].some((lane) => lane.text !== lane.durable);
  }

  /** What the field of a question shows; null before anything is known of it. */
  mark(path: string): Mark | null {
    const lane = this.#lanes.get(path);
    if (lane === undefined) return null;
    return {
      text: lane.text,
      kept: lane.durable === lane.text && lane.durable_characters === countCharacters(lane.text),
      kept_characters: lane.durable_characters,
      error: lane.error,
    };
  }

  #lane(path: string): Lane {
    if (!this.#lanes.has(path)) this.take(path, '', null);
    const lane = this.#lanes.get(path);
    if (lane === undefined) throw new Error(`BUG: no lane for ${path}`);
    return lane;
  }

  #stopTimer(lane: Lane): void {
    if (lane.timer !== null) this.#timers.stop(lane.timer);
    lane.timer = null;
  }

  #schedule(path: string, lane: Lane, delay_ms?: number): void {
    this.#stopTimer(lane);
    if (lane.busy) return;
    const waited = this.#timers.now() - (lane.unsent_since ?? this.#timers.now());
    const delay = delay_ms ?? Math.max(0, Math.min(PAUSE_MS, LONGEST_WAIT_MS - waited));
    lane.timer = this.#timers.start(() => {
      lane.timer = null;
      this.#send(path, lane);
    }, delay);
  }

  #send(path: string, lane: Lane): void {
    if (lane.busy) return;
    if (lane.leaving && (lane.text !== lane.answer || lane.text !== lane.durable)) void this.#record(path, lane);
    else if (lane.text !== lane.durable) void this.#keep(path, lane);
    else this.#settle(lane);
  }

  async #keep(path: string, lane: Lane): Promise<void> {
    const text = lane.text;
    lane.busy = true;
    lane.unsent_since = null;
    try {
      const characters = await this.#keeping.keep(path, text);
      lane.durable = text;
      lane.durable_characters = characters;
      this.#succeed(lane);
    } catch (thrown) {
      this.#fail(lane, this.#keeping.errorOf(thrown));
    }
    this.#goOn(path, lane);
  }

  async #record(path: string, lane: Lane): Promise<void> {
    const text = lane.text;
    lane.busy = true;
    lane.unsent_since = null;
    try {
      await this.#keeping.record(path, text);
      lane.answer = text;
      lane.durable = text;
      lane.durable_characters = countCharacters(text);
      this.#succeed(lane);
      if (lane.text === text) lane.leaving = false;
    } catch (thrown) {
      const error = this.#keeping.errorOf(thrown);
      this.#fail(lane, error);
      // The core refused the answer itself: asking again changes nothing, but the words can be kept as a draft.
      if (!error.retryable) lane.leaving = false;
    }
    this.#goOn(path, lane);
  }

  #succeed(lane: Lane): void {
    lane.failures = 0;
    // A refused answer stays refused while its words are kept as a draft; only other words lift that.
    if (lane.error?.retryable ?? false) lane.error = null;
  }

  #fail(lane: Lane, error: KendError): void {
    lane.failures += 1;
    lane.error = error;
  }

  #goOn(path: string, lane: Lane): void {
    lane.busy = false;
    const unfinished = lane.leaving || lane.text !== lane.durable;
    if (lane.failures > 0 && (lane.error?.retryable ?? false)) {
      this.#settle(lane);
      if (unfinished) {
        this.#schedule(path, lane, Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (lane.failures - 1)));
      }
    } else if (lane.failures > 1) {
      // Refused as an answer and as a draft: only another text can help.
      this.#settle(lane);
    } else if (lane.leaving) {
      this.#send(path, lane);
    } else if (unfinished) {
      this.#settle(lane);
      this.#schedule(path, lane);
    } else {
      this.#settle(lane);
    }
    this.#keeping.changed(path);
  }

  #settle(lane: Lane): void {
    if (!lane.busy) {
      for (const resolve of lane.waiting.splice(0)) resolve();
    }
  }
}

/** The timers of the page. */
export const pageTimers: Timers = {
  now: () => performance.now(),
  start: (run, delay_ms) => window.setTimeout(run, delay_ms),
  stop: (timer) => {
    window.clearTimeout(timer);
  },
};
