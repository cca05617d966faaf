/**
 * What if some indicators were different: the changes someone tries, several at once, and what the core says of them.
 * Sliders move faster than answers come, so at most one question a frame is asked and one is on its way; the last one
 * always gets its answer.
 */

import { KendError, type NewPlace } from '../../lib/api';

/** An indicator of a zone, or of all of the cluster, and the value that is tried; or something new on the map. */
export type Tried = { row: number; zone: string | null; value: number; place: null } | { row: number; zone: null; value: null; place: NewPlace };

export class WhatIf<Answer> {
  changes = $state.raw<readonly Tried[]>([]);
  /** What the core says of the changes; null while nothing is changed. */
  answer = $state.raw<Answer | null>(null);
  error = $state.raw<KendError | null>(null);
  #steps = $state.raw<readonly (readonly Tried[])[]>([]);
  #sliding: string | null = null;
  #asked = false;
  #busy = false;
  readonly #ask: (changes: readonly Tried[]) => Promise<Answer>;
  readonly #nextFrame: (run: () => void) => void;

  constructor(ask: (changes: readonly Tried[]) => Promise<Answer>, nextFrame: (run: () => void) => void) {
    this.#ask = ask;
    this.#nextFrame = nextFrame;
  }

  get canUndo(): boolean {
    return this.#steps.length > 0;
  }

  valueOf(row: number, zone: string | null): number | null {
    return this.changes.find((each) => each.row === row && each.zone === zone)?.value ?? null;
  }

  changed(row: number): boolean {
    return this.changes.some((each) => each.row === row);
  }

  /** What is new on the map for an indicator, in the order in which it was put there. */
  placesOf(row: number): NewPlace[] {
    return this.changes.flatMap((each) => (each.row === row && each.place !== null ? [each.place] : []));
  }

  /** Puts something new on the map. It takes the place of a value that was tried. */
  add(row: number, place: NewPlace): void {
    this.#step([...this.changes.filter((each) => each.row !== row || each.place !== null), { row, zone: null, value: null, place }]);
  }

  /** Takes one of the new places of an indicator away. */
  remove(row: number, number: number): void {
    const gone = this.changes.filter((each) => each.row === row && each.place !== null)[number];
    if (gone) this.#step(this.changes.filter((each) => each !== gone));
  }

  /** How far all masts of an indicator reach. As with a slider, all moves until `rest` are one step. */
  reach(row: number, radius_km: number): void {
    if (this.placesOf(row).length === 0) return;
    this.#slide(`${row}/reach`);
    this.#become(this.changes.map((each) => (each.row === row && each.place !== null ? { ...each, place: { ...each.place, radius_km } } : each)));
  }

  /** Tries a value. All moves of one slider until `rest` are one step for undo. */
  try(change: Tried): void {
    this.#slide(`${change.row}/${change.zone ?? ''}`);
    // A value for the whole cluster takes the place of those of its rayons, and the reverse.
    const replaced = (each: Tried) => each.row === change.row && (each.zone === change.zone || each.zone === null || change.zone === null);
    const others = this.changes.filter((each) => !replaced(each));
    this.#become([...others, change]);
  }

  /** Tries many changes in place of those before, as one step. */
  tryAll(changes: readonly Tried[]): void {
    this.#step(changes);
  }

  /** The slider rests: the next move is another step. */
  rest(): void {
    this.#sliding = null;
  }

  undo(): void {
    const before = this.#steps.at(-1);
    if (before === undefined) return;
    this.#steps = this.#steps.slice(0, -1);
    this.#sliding = null;
    this.#become(before);
  }

  /** Takes an indicator back to what it is. */
  drop(row: number): void {
    if (this.changed(row)) this.#step(this.changes.filter((each) => each.row !== row));
  }

  reset(): void {
    if (this.changes.length > 0) this.#step([]);
  }

  /** A slide that is not the one before is another step. */
  #slide(key: string): void {
    if (this.#sliding === key) return;
    this.#steps = [...this.#steps, this.changes];
    this.#sliding = key;
  }

  #step(changes: readonly Tried[]): void {
    this.#steps = [...this.#steps, this.changes];
    this.#sliding = null;
    this.#become(changes);
  }

  #become(changes: readonly Tried[]): void {
    this.changes = changes;
    if (this.#asked) return;
    this.#asked = true;
    this.#nextFrame(() => void this.#run());
  }

  async #run(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#asked) {
      this.#asked = false;
      const changes = this.changes;
      try {
        const answer = changes.length === 0 ? null : await this.#ask(changes);
        if (this.changes === changes) [this.answer, this.error] = [answer, null];
      } catch (thrown) {
        if (this.changes === changes) this.error = KendError.from(thrown);
      }
    }
    this.#busy = false;
  }
}
