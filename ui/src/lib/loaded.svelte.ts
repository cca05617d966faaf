/** A view that is asked for, perhaps again before the first answer came: the last question counts. */

import { KendError } from './api';

/** Who wants to know of an error: the session, which may have ended. */
interface Notices {
  noticed(error: KendError): void;
}

export class Loaded<View> {
  view = $state.raw<View | null>(null);
  error = $state.raw<KendError | null>(null);
  readonly #notices: Notices | null;
  #asked = 0;

  constructor(notices: Notices | null = null) {
    this.#notices = notices;
  }

  /** Asks; what is shown stays until the answer is there. */
  async load(ask: () => Promise<View>): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    this.error = null;
    try {
      const view = await ask();
      if (asked === this.#asked) this.view = view;
    } catch (thrown) {
      if (asked !== this.#asked) return;
      this.error = KendError.from(thrown);
      this.#notices?.noticed(this.error);
    }
  }

  /** Forgets what was about something else. */
  clear(): void {
    this.#asked += 1;
    [this.view, this.error] = [null, null];
  }
}
