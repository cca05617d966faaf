/** Builders for tests of screens: a synthetic core and all that stands around it. */

import { render } from '@testing-library/svelte';
import type { Component } from 'svelte';

import type { Kend } from '../src/lib/kend';
import type { Microphone } from '../src/lib/attachments/microphone';
import { Recorder } from '../src/lib/attachments/recorder.svelte';
import { Preferences } from '../src/lib/preferences.svelte';
import { Router } from '../src/lib/router.svelte';
import { Session } from '../src/lib/session.svelte';
import { Toasts } from '../src/lib/toasts.svelte';
import { FakeCore, type FakeOptions } from './fake-api';
import Within from './Within.svelte';

/** A window that records nothing, as some are. */
const NO_MICROPHONE: Microphone = { records: false, open: () => Promise.reject(new Error('no_recorder')) };

export async function kendOver(options: FakeOptions = {}, microphone = NO_MICROPHONE): Promise<{ core: FakeCore; kend: Kend }> {
  const core = new FakeCore(options);
  const session = new Session(core);
  await session.refresh();
  const kend = {
    api: core,
    session,
    router: new Router(window),
    toasts: new Toasts(),
    recorder: new Recorder(core, microphone, recorderTimers()),
    preferences: new Preferences({ root: document.documentElement, storage: null, prefers_dark: false, width_px: () => 412 }),
  };
  return { core, kend };
}

export function show<Props extends Record<string, unknown>>(kend: Kend, component: Component<Props>, props: Props) {
  return render(Within, { props: { kend, shown: component as Component<Record<string, unknown>>, given: props } });
}

/** Timers of a recorder that a test lets pass by itself. */
export function recorderTimers(timers = new ManualTimers()) {
  const every = (run: () => void, delay_ms: number): number => timers.start(() => { run(); every(run, delay_ms); }, delay_ms);
  return { now: timers.now, wall: () => Date.UTC(2026, 10, 24, 9), every, stop: timers.stop, wait: () => Promise.resolve() };
}

/** Lets everything that is under way come to rest. */
export async function settle(turns = 20): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
}

/** Timers that run when the test says so. */
export class ManualTimers {
  #now = 0;
  #next = 1;
  readonly #due = new Map<number, { at: number; run: () => void }>();
  now = () => this.#now;
  start = (run: () => void, delay_ms: number) => {
    const timer = this.#next++;
    this.#due.set(timer, { at: this.#now + delay_ms, run });
    return timer;
  };
  stop = (timer: number) => void this.#due.delete(timer);
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = [...this.#due].filter(([, due]) => due.at <= end).sort((one, other) => one[1].at - other[1].at)[0];
      if (next === undefined) break;
      this.#due.delete(next[0]);
      this.#now = next[1].at;
      next[1].run();
    }
    this.#now = end;
  }
}
