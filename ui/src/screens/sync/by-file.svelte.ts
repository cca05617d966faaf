/**
 * Passing on by file and taking in a file: the sticks that are here, the one piece of work with them, how far it has
 * come, and what it did. While it works it asks for the progress; stopping is the person's.
 */

import { KendError, type Api, type FileProgressView, type PassedOnView, type StickView, type TakenInView } from '../../lib/api';
import type { Timers } from '../../lib/kept/draft-keeper';

/** How often the progress is asked for. */
export const ASK_MS = 400;

export type FileWork = 'writing' | 'reading';

export class ByFileState {
  sticks = $state.raw<StickView[]>([]);
  /** The folder that was chosen or typed. */
  folder = $state('');
  work = $state<FileWork | null>(null);
  progress = $state.raw<FileProgressView | null>(null);
  passed = $state.raw<PassedOnView | null>(null);
  taken = $state.raw<TakenInView | null>(null);
  error = $state.raw<KendError | null>(null);
  readonly #api: Api;
  readonly #timers: Timers;
  #asking: number | null = null;

  constructor(api: Api, timers: Timers) {
    this.#api = api;
    this.#timers = timers;
  }

  /** Looks what is plugged in. One stick alone is chosen at once. */
  async look(): Promise<void> {
    try {
      this.sticks = await this.#api.listSticks({});
      const only = this.sticks.length === 1 ? this.sticks[0] : undefined;
      if (this.folder === '' && only !== undefined) this.folder = only.folder;
    } catch (thrown) {
      this.error = KendError.from(thrown);
    }
  }

  passOn(): Promise<boolean> {
    return this.#do('writing', async (folder) => {
      this.passed = await this.#api.passOnByFile({ folder });
    });
  }

  takeIn(): Promise<boolean> {
    return this.#do('reading', async (folder) => {
      this.taken = await this.#api.takeInFile({ paths: [folder] });
    });
  }

  async stop(): Promise<void> {
    try {
      this.progress = await this.#api.stopFile({});
    } catch (thrown) {
      this.error = KendError.from(thrown);
    }
  }

  async #do(work: FileWork, run: (folder: string) => Promise<void>): Promise<boolean> {
    const folder = this.folder.trim();
    if (this.work !== null || folder === '') return false;
    this.work = work;
    this.error = null;
    this.passed = null;
    this.taken = null;
    this.progress = null;
    this.#ask();
    try {
      await run(folder);
      return true;
    } catch (thrown) {
      this.error = KendError.from(thrown);
      return false;
    } finally {
      this.work = null;
      if (this.#asking !== null) this.#timers.stop(this.#asking);
      this.#asking = null;
      void this.look();
    }
  }

  #ask(): void {
    this.#asking = this.#timers.start(() => {
      void this.#askOnce();
    }, ASK_MS);
  }

  async #askOnce(): Promise<void> {
    try {
      const progress = await this.#api.fileProgress({});
      if (this.work !== null) this.progress = progress;
    } catch {
      // The work itself says what goes wrong; without a progress the bar shows only that it goes on.
      this.progress = null;
    }
    if (this.work !== null) this.#ask();
  }
}
