/** Passing it on: what waits, the hub, and the pack. One piece of work at a time; each answers the fresh state. */

import { KendError, type Api, type SyncProgress, type SyncView } from '../../lib/api';

export type Work = 'loading' | 'joining' | 'syncing' | 'importing';

/** What is read of a chosen file. */
export type SheetFile = Pick<File, 'name' | 'text'>;

export class SyncState {
  view = $state.raw<SyncView | null>(null);
  error = $state.raw<KendError | null>(null);
  work = $state<Work | null>(null);
  /** How far the exchange under way is. */
  progress = $state.raw<SyncProgress | null>(null);
  /** The last work that ended well, for the words about it. */
  done = $state<Work | null>(null);
  /** The files chosen last were not the three sheets of an instrument. */
  sheets_missing = $state(false);
  address = $state('');
  code = $state('');
  /** A pack whose signer nobody has confirmed yet. It is forgotten with the words that say whose it is. */
  #refused = $state.raw<Uint8Array | null>(null);
  readonly #api: Api;

  constructor(api: Api, suggested_hub: string | null, suggested_code: string | null) {
    this.#api = api;
    this.address = suggested_hub ?? '';
    this.code = suggested_code ?? '';
  }

  /** There is an address, and a code beside it or in the joining line itself. */
  get can_join(): boolean {
    const address = this.address.trim();
    return address !== '' && (this.code.trim() !== '' || /[#&]code=./.test(address));
  }

  load(): Promise<boolean> {
    return this.#do('loading', () => this.#api.syncState({}));
  }

  async join(): Promise<boolean> {
    const joined = await this.#do('joining', () =>
      this.#api.joinHub({ address: this.address.trim(), code: this.code.trim() }),
    );
    if (joined) this.code = '';
    return joined;
  }

  sync(): Promise<boolean> {
    return this.#do('syncing', () => this.#api.sync({}));
  }

  /** Looks how far the exchange under way is. What goes wrong with that, the exchange itself will tell. */
  async look(): Promise<void> {
    const view = await this.#api.syncState({}).catch(() => null);
    if (view !== null && this.work === 'syncing') this.progress = view.progress;
  }

  /** Puts a pack in. One of another signer than the pack in use waits until a person confirms the signer. */
  async importPack(content: Uint8Array, accept_signer = false): Promise<boolean> {
    const taken = await this.#do('importing', () => this.#api.importPack({ content_base64: base64Of(content), accept_signer }));
    if (this.error?.code === 'pack_other_signer') this.#refused = content;
    return taken;
  }

  /** Whether a pack waits for its signer to be confirmed: only while the screen says who that is. */
  get signer_asked(): boolean {
    return this.#asked_of !== null;
  }

  async confirmSigner(): Promise<boolean> {
    return this.#asked_of !== null && this.importPack(this.#asked_of, true);
  }

  get #asked_of(): Uint8Array | null {
    return this.error?.code === 'pack_other_signer' ? this.#refused : null;
  }

  /** The three sheets of an instrument by their names; false when one is missing. */
  async importInstrument(files: SheetFile[]): Promise<boolean> {
    const sheet = (name: string) => files.find((file) => file.name.toLowerCase() === `${name}.csv`);
    const [survey, choices, settings] = [sheet('survey'), sheet('choices'), sheet('settings')];
    this.sheets_missing = survey === undefined || choices === undefined || settings === undefined;
    if (survey === undefined || choices === undefined || settings === undefined) return false;
    const request = { survey: await survey.text(), choices: await choices.text(), settings: await settings.text() };
    return this.#do('importing', () => this.#api.importInstrument(request));
  }

  async #do(work: Work, run: () => Promise<SyncView>): Promise<boolean> {
    if (this.work !== null) return false;
    this.work = work;
    this.error = null;
    this.#refused = null;
    this.done = null;
    try {
      this.view = await run();
      this.done = work;
      return true;
    } catch (thrown) {
      this.error = KendError.from(thrown);
      return false;
    } finally {
      this.work = null;
      this.progress = null;
    }
  }
}

/** Bytes as base64, in pieces that fit the argument limit of `fromCharCode`. */
export function base64Of(content: Uint8Array): string {
  const PIECE_BYTES = 0x8000;
  let binary = '';
  for (let start = 0; start < content.length; start += PIECE_BYTES) {
    binary += String.fromCharCode(...content.subarray(start, start + PIECE_BYTES));
  }
  return btoa(binary);
}
