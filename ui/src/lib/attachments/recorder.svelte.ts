/**
 * The recording under way: one at a time, above all screens, so that it goes on while people answer questions and take
 * notes. Its pieces are durable as they come; ending it makes them the answer of their question.
 */

import type { Api, TakesView } from '../api';
import { KendError } from '../api';
import type { Microphone, NoSound, Take } from './microphone';
import { PieceLine, wait, type Target, type Wait } from './pieces';

/** A recording that somebody wants. */
export interface Wanted {
  interview: string;
  /** The card that it was asked for from: a question's path, or the name of a repeat. */
  card: string;
  /** Where people know it from: the village. */
  place: string;
  takes: TakesView;
  /** Makes room for it once the microphone is open: the question's path, or null when there is none. */
  room(): Promise<string | null>;
}

/** What ended a recording, or kept it from beginning, and where that is to be said. */
export interface Trouble {
  interview: string;
  card: string;
  what: RecorderTrouble;
  error: KendError | null;
}

export interface RecorderTimers {
  now(): number;
  /** Milliseconds since 1970. */
  wall(): number;
  every(run: () => void, delay_ms: number): number;
  stop(timer: number): void;
  wait: Wait;
}

export const pageRecorderTimers: RecorderTimers = {
  now: () => performance.now(),
  wall: () => Date.now(),
  every: (run, delay_ms) => window.setInterval(run, delay_ms),
  stop: (timer) => { window.clearInterval(timer); },
  wait,
};

/** How often time and loudness are shown anew. */
const LOOK_MS = 100;
/** So quiet for so long, nobody is heard. */
const SILENT = 0.01;
const SILENT_MS = 10_000;
/** What may still come when the largest size is near: some seconds of sound. */
const ROOM_BYTES = 128 * 1024;

export type RecorderState = 'idle' | 'asking' | 'recording' | 'paused' | 'finishing';
/** What ended a recording, or kept it from beginning. */
export type RecorderTrouble = NoSound | 'interrupted' | 'largest' | 'refused';

export class Recorder {
  state = $state<RecorderState>('idle');
  wanted = $state.raw<Wanted | null>(null);
  /** Where it is recorded to, once there is room. */
  path = $state<string | null>(null);
  elapsed_ms = $state(0);
  level = $state(0);
  silent = $state(false);
  kept_bytes = $state(0);
  /** Recorded and not durable yet. */
  waiting_bytes = $state(0);
  error = $state.raw<KendError | null>(null);
  trouble = $state.raw<Trouble | null>(null);
  /** The interview that a recording was added to last, and how many were. */
  added = $state.raw<{ interview: string; count: number }>({ interview: '', count: 0 });

  readonly #api: Api;
  readonly #microphone: Microphone;
  readonly #timers: RecorderTimers;
  #take: Take | null = null;
  #line: PieceLine | null = null;
  #timer: number | null = null;
  #since_ms = 0;
  #before_ms = 0;
  #heard_ms = 0;

  constructor(api: Api, microphone: Microphone, timers: RecorderTimers) {
    this.#api = api;
    this.#microphone = microphone;
    this.#timers = timers;
  }

  /** Whether this window records at all. */
  get records(): boolean {
    return this.#microphone.records;
  }

  get busy(): boolean {
    return this.state !== 'idle';
  }

  isAt(target: Target): boolean {
    return this.busy && this.wanted?.interview === target.interview && this.path === target.path;
  }

  /** Begins. False when nothing is recorded; `trouble` says why. */
  async start(wanted: Wanted): Promise<boolean> {
    if (this.busy) return false;
    this.state = 'asking';
    this.wanted = wanted;
    this.trouble = null;
    this.error = null;
    [this.kept_bytes, this.waiting_bytes, this.elapsed_ms] = [0, 0, 0];
    try {
      this.#take = await this.#microphone.open(
        wanted.takes.bits_per_second ?? 0,
        (bytes) => {
          this.#line?.add(bytes);
          this.#followLine();
        },
        () => void this.#end('interrupted'),
      );
    } catch (thrown) {
      this.#idle(isNoSound(thrown) ? thrown : 'no_microphone', null);
      return false;
    }
    const path = await wanted.room();
    if (path === null) {
      await this.#take.stop();
      this.#idle('refused', null);
      return false;
    }
    this.path = path;
    const target = { interview: wanted.interview, path };
    this.#line = new PieceLine(this.#api, target, () => { this.#followLine(); }, this.#timers.wait);
    this.#take.begin();
    this.#before_ms = 0;
    this.#goOn();
    this.#timer = this.#timers.every(() => { this.#look(); }, LOOK_MS);
    return true;
  }

  pause(): void {
    if (this.state !== 'recording') return;
    this.#take?.pause();
    this.#before_ms = this.#elapsed();
    this.elapsed_ms = this.#before_ms;
    this.level = 0;
    this.silent = false;
    this.state = 'paused';
  }

  resume(): void {
    if (this.state !== 'paused') return;
    this.#take?.resume();
    this.#goOn();
  }

  /** Ends it, and makes it the answer. */
  async finish(): Promise<boolean> {
    return this.state === 'recording' || this.state === 'paused' ? this.#end(null) : false;
  }

  #goOn(): void {
    this.#since_ms = this.#timers.now();
    this.#heard_ms = this.#since_ms;
    this.state = 'recording';
  }

  #elapsed(): number {
    return this.state === 'recording' ? this.#before_ms + this.#timers.now() - this.#since_ms : this.#before_ms;
  }

  #look(): void {
    if (this.state !== 'recording') return;
    this.elapsed_ms = this.#elapsed();
    this.level = this.#take?.level() ?? 0;
    if (this.level > SILENT) this.#heard_ms = this.#timers.now();
    this.silent = this.#timers.now() - this.#heard_ms > SILENT_MS;
  }

  #followLine(): void {
    const line = this.#line;
    if (line === null) return;
    this.kept_bytes = line.kept_bytes;
    this.waiting_bytes = line.waiting_bytes;
    this.error = line.error;
    if (this.state !== 'recording' && this.state !== 'paused') return;
    if (line.refused) void this.#end('refused');
    else if (line.kept_bytes + line.waiting_bytes + ROOM_BYTES > (this.wanted?.takes.most_bytes ?? 0)) void this.#end('largest');
  }

  async #end(trouble: RecorderTrouble | null): Promise<boolean> {
    const [wanted, path, take, line] = [this.wanted, this.path, this.#take, this.#line];
    if (wanted === null || path === null || take === null || line === null || this.state === 'finishing') return false;
    const duration_ms = Math.round(this.#elapsed());
    this.elapsed_ms = duration_ms;
    this.level = 0;
    this.silent = false;
    this.state = 'finishing';
    await take.stop();
    await line.end();
    const { interview, place } = wanted;
    if (line.kept_bytes === 0) {
      this.#added(interview);
      this.#idle(trouble ?? (line.refused ? 'refused' : 'no_microphone'), line.error);
      return false;
    }
    const [media_type, file_name] = [take.media_type, fileName(place, take.media_type, this.#timers.wall())];
    try {
      await this.#api.attach({ interview, path, media_type, file_name, duration_ms });
    } catch (thrown) {
      // The pieces stay: the interview offers them.
      this.#added(interview);
      this.#idle('refused', KendError.from(thrown));
      return false;
    }
    this.#added(interview);
    this.#idle(trouble, line.error);
    return true;
  }

  #added(interview: string): void {
    this.added = { interview, count: this.added.count + 1 };
  }

  #idle(what: RecorderTrouble | null, error: KendError | null): void {
    if (this.#timer !== null) this.#timers.stop(this.#timer);
    this.#timer = null;
    this.#take = null;
    this.#line = null;
    const wanted = this.wanted;
    this.trouble = what === null || wanted === null ? null : { interview: wanted.interview, card: wanted.card, what, error };
    this.wanted = null;
    this.path = null;
    this.state = 'idle';
  }
}

const ENDINGS: Record<string, string> = { 'audio/ogg': 'ogg', 'audio/webm': 'webm', 'audio/mp4': 'm4a' };

/** What a recording is called: the place, and when it ended. */
export function fileName(place: string, media_type: string, wall_ms: number): string {
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- a moment that never changes
  const at = new Date(wall_ms);
  const digits = (value: number) => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${digits(at.getMonth() + 1)}-${digits(at.getDate())}`;
  const ending = ENDINGS[media_type.split(';')[0] ?? ''] ?? 'audio';
  return `${place.replace(/[/\\]/gu, ' ').slice(0, 60)} ${day} ${digits(at.getHours())}.${digits(at.getMinutes())}.${ending}`;
}

function isNoSound(thrown: unknown): thrown is NoSound {
  return thrown === 'no_recorder' || thrown === 'no_microphone' || thrown === 'not_allowed';
}
