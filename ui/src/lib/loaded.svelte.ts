/** A view that is asked for, perhaps again before the first answer came: the last question counts. */

import { KendError } from './api';

export class Loaded<View> {
  view = $state.raw<View | null>(null);
  error = $state.raw<KendError | null>(null);
  #asked = 0;

  /** Asks; what is shown stays until the answer is there. */
  async load(ask: () => Promise<View>): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    this.error = null;
    try {
      const view = await ask();
      if (asked === this.#asked) this.view = view;
    } catch (thrown) {
      if (asked === this.#asked) this.error = KendError.from(thrown);
    }
  }

  /** Forgets what was about something else. */
  clear(): void {
    this.#asked += 1;
    [this.view, this.error] = [null, null];
  }
}
