/** The ways in: a new encrypted store, a passphrase, the repair of a damaged store, or a name at a hub. Nothing typed here is kept anywhere. */

import type { Session } from '../../lib/session.svelte';
import { currentLanguage } from '../../lib/words/words.svelte';

/** As the core asks; checked here too, so that the reason is shown beside the field. */
export const SHORTEST_PASSPHRASE_CHARACTERS = 8;

export type GateProblem = 'session.name.missing' | 'session.passphrase.short' | 'session.passphrase.different';

export class GateState {
  name = $state('');
  passphrase = $state('');
  repeated = $state('');
  code = $state('');
  /** The hub asked for a code of the second factor. */
  code_asked = $state(false);
  shown = $state(false);
  problem = $state<GateProblem | null>(null);
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  get way(): 'create' | 'unlock' | 'repair' | 'sign_in' {
    const status = this.#session.status;
    if (status?.place === 'browser') return 'sign_in';
    if (status?.state === 'new') return 'create';
    return status?.store === 'damaged' ? 'repair' : 'unlock';
  }

  async enter(): Promise<void> {
    this.problem = this.#check();
    if (this.problem !== null || this.#session.busy) return;
    const { name, passphrase } = this;
    const code = this.code.trim();
    const entered = await {
      create: () => this.#session.createStore({ name: name.trim(), passphrase, language: currentLanguage() }),
      unlock: () => this.#session.unlock({ passphrase }),
      repair: () => this.#session.repair({ passphrase }),
      sign_in: () =>
        this.#session.signIn({ name: name.trim(), password: passphrase, ...(code === '' ? {} : { code }) }),
    }[this.way]();
    if (entered) {
      this.passphrase = '';
      this.repeated = '';
    }
    const error = this.#session.error?.code;
    this.code_asked = error === 'code_needed' || error === 'wrong_code' || (this.code_asked && !entered);
    this.code = '';
  }

  #check(): GateProblem | null {
    if ((this.way === 'create' || this.way === 'sign_in') && this.name.trim() === '') return 'session.name.missing';
    if (this.way !== 'create') return null;
    if ([...this.passphrase].length < SHORTEST_PASSPHRASE_CHARACTERS) return 'session.passphrase.short';
    return this.passphrase === this.repeated ? null : 'session.passphrase.different';
  }
}
