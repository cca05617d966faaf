/** Recordings and pictures beside the interviews: how far they are, what may be sent of them, and room made of them. */

import { KendError, type Api, type AttachmentsView } from '../../lib/api';

/** Bounds that a person can choose, in kilobytes; null for none. */
export const BOUNDS_KB = [null, 1_024, 10_240, 51_200] as const;

export class AttachmentsState {
  view = $state.raw<AttachmentsView | null>(null);
  error = $state.raw<KendError | null>(null);
  busy = $state(false);
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Whether there are any at all. */
  get any(): boolean {
    const { view } = this;
    return view !== null && view.kept + view.copied + view.safe + view.not_here + view.damaged > 0;
  }

  /** Looks how far they are. What fails here fails again where it matters. */
  async look(): Promise<void> {
    const view = await this.#api.attachmentsState({}).catch(() => null);
    if (view !== null && !this.busy) this.view = view;
  }

  makeRoom(): Promise<void> {
    return this.#do(() => this.#api.makeRoom({}));
  }

  bound(most_kb: number | null): Promise<void> {
    return this.#do(() => this.#api.limitAttachments({ most_kb }));
  }

  async #do(work: () => Promise<AttachmentsView>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.error = null;
    try {
      this.view = await work();
    } catch (thrown) {
      this.error = KendError.from(thrown);
    } finally {
      this.busy = false;
    }
  }
}
