/** The villages to visit, and what starts there. */

import { KendError, type Api, type InterviewKind, type InterviewView, type Language, type Position, type VillageView } from '../../lib/api';
import { compareNames, foldForSearch } from '../../lib/format/format';

/** As many rows as are drawn at once; the search finds the others. */
export const SHOWN_VILLAGES = 120;

export class VisitsState {
  villages = $state.raw<VillageView[] | null>(null);
  error = $state.raw<KendError | null>(null);
  near = $state.raw<Position | null>(null);
  search = $state('');
  busy = $state(false);
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** What is found, in the order the core gives: nearest first, else by name. */
  found(language: Language): VillageView[] {
    const wanted = foldForSearch(this.search, language);
    const all = this.villages ?? [];
    const list = wanted === '' ? all : all.filter((village) => matches(village, wanted, language));
    if (this.near !== null) return list;
    const compare = compareNames(language);
    return [...list].sort((one, other) => compare(one.name, other.name));
  }

  get visited(): number {
    return (this.villages ?? []).filter((village) => countOf(village) > 0).length;
  }

  async load(): Promise<void> {
    await this.#try(async () => {
      this.villages = await this.#api.listVillages({ near: this.near });
    });
  }

  async nearest(position: Position): Promise<void> {
    this.near = position;
    await this.load();
  }

  async add(name: string, position: Position): Promise<VillageView | null> {
    return this.#try(async () => {
      const village = await this.#api.addVillage({ name: name.trim(), position });
      this.villages = await this.#api.listVillages({ near: this.near });
      return village;
    });
  }

  start(village: string, kind: InterviewKind, language: Language, example: boolean): Promise<InterviewView | null> {
    return this.#try(() => this.#api.startInterview({ village, kind, language, example }));
  }

  async #try<Answer>(run: () => Promise<Answer>): Promise<Answer | null> {
    this.busy = true;
    this.error = null;
    try {
      return await run();
    } catch (thrown) {
      this.error = KendError.from(thrown);
      return null;
    } finally {
      this.busy = false;
    }
  }
}

function matches(village: VillageView, wanted: string, language: Language): boolean {
  return [village.name, village.rayon_name].some((name) => foldForSearch(name, language).includes(wanted));
}

/** All interviews of a village. */
export function countOf(village: VillageView): number {
  return [village.fgd, village.kii]
    .flatMap((counts) => [counts.draft, counts.complete, counts.returned, counts.approved])
    .reduce((sum, count) => sum + count, 0);
}

/** Degrees as people write them: `40.99` or `40,99`, with or without a second number after a space. */
export function parsePosition(latitude: string, longitude: string): Position | null {
  const degrees = (text: string) => (text.trim() === '' ? Number.NaN : Number(text.trim().replace(',', '.')));
  const position = { latitude: degrees(latitude), longitude: degrees(longitude) };
  const fits = Math.abs(position.latitude) <= 90 && Math.abs(position.longitude) <= 180;
  return fits ? position : null;
}
