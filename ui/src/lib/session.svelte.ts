/**
 * Who is here and whether the store is open. Every command that changes that answers a fresh status, and the screens
 * follow it; a command that finds the store locked or nobody signed in asks for a fresh one.
 */

import type { Api, ChangePassword, CreateStore, Language, Role, SignIn, StatusView, Unlock } from './api';
import { KendError } from './api';
import { speak } from './words/words.svelte';

/** Roles that return and approve interviews (as `Role::reviews` in the core). */
const REVIEWING: readonly Role[] = ['supervisor', 'cluster_unit', 'national'];
/** Roles that record interviews (as `Role::records` in the core). */
const RECORDING: readonly Role[] = ['enumerator', 'supervisor', 'cluster_unit'];

/** Roles that hold meetings of a committee (as `Role::meets` in the core). */
const MEETING: readonly Role[] = [...RECORDING, 'committee'];

/** Errors after which the status is another. */
const CHANGES_STATUS: readonly KendError['code'][] = ['locked', 'not_signed_in', 'store_damaged', 'disk_refused'];

export class Session {
  status = $state.raw<StatusView | null>(null);
  error = $state.raw<KendError | null>(null);
  busy = $state(false);
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  get reviews(): boolean {
    return REVIEWING.some((role) => role === this.status?.person?.role);
  }

  get records(): boolean {
    return RECORDING.some((role) => role === this.status?.person?.role);
  }

  get meets(): boolean {
    return MEETING.some((role) => role === this.status?.person?.role);
  }

  refresh(): Promise<boolean> {
    return this.#follow(this.#api.status({}));
  }

  createStore(request: CreateStore): Promise<boolean> {
    return this.#follow(this.#api.createStore(request));
  }

  unlock(request: Unlock): Promise<boolean> {
    return this.#follow(this.#api.unlock(request));
  }

  repair(request: Unlock): Promise<boolean> {
    return this.#follow(this.#api.repair(request));
  }

  signIn(request: SignIn): Promise<boolean> {
    return this.#follow(this.#api.signIn(request));
  }

  /** Locks the store, or signs out at a hub. */
  leave(): Promise<boolean> {
    return this.#follow(this.status?.place === 'browser' ? this.#api.signOut({}) : this.#api.lock({}));
  }

  leaveEverywhere(): Promise<boolean> {
    return this.#follow(this.#api.signOutEverywhere({}));
  }

  changePassword(request: ChangePassword): Promise<boolean> {
    return this.#follow(this.#api.changePassword(request));
  }

  setLanguage(language: Language): Promise<boolean> {
    // The words change at once; places and instruments follow with the answer.
    speak(language);
    return this.#follow(this.#api.setLanguage({ language }));
  }

  /** Shows the gate when the store was locked, was found damaged, or the session ended behind our back; and the notice of a
   * disk that does not write. */
  noticed(error: KendError): void {
    if (CHANGES_STATUS.includes(error.code)) void this.refresh();
    // The gate that is all that is left says why.
    if (error.code === 'device_wiped') void this.refresh().then(() => (this.error = error));
  }

  /** The status after damage was found at the gate; the error stays beside it. */
  async #look(): Promise<void> {
    try {
      this.status = await this.#api.status({});
    } catch {
      // The error that is shown already says more.
    }
  }

  async #follow(answer: Promise<StatusView>): Promise<boolean> {
    this.busy = true;
    this.error = null;
    try {
      const status = await answer;
      this.status = status;
      speak(status.language);
      return true;
    } catch (thrown) {
      this.error = KendError.from(thrown);
      if (this.error.code === 'store_damaged') await this.#look();
      return false;
    } finally {
      this.busy = false;
    }
  }
}
