/** The readiness of a cluster as the core worked it out; here it is only put into words and places on a scale. */

import type { Api, Dimension, LambdaRow, PercentilesView, ReadinessClass, ReadinessView } from '../../lib/api';
import { Loaded } from '../../lib/loaded.svelte';
import { classToken } from '../../lib/look/classes';

/** From least to most ready, each a fifth of the scale of class positions (method 7.1). */
export const CLASSES: readonly ReadinessClass[] = [
  'activate',
  'accelerate_low',
  'accelerate_medium',
  'accelerate_high',
  'amplify',
];
/** The colour of a class, in the theme that is on. */
export function fillOf(each: ReadinessClass): string {
  return `var(${classToken(each)})`;
}

/** Scores of an indicator over the cells of a class. */
export interface Peers extends PercentilesView {
  class: ReadinessClass;
}

/** Half-width of a 90 % range in standard deviations (method 7.4). */
export const RANGE_DEVIATIONS = 1.645;
const POINTS_PER_CLASS = 20;
/** The centre of level s lies at 20 s - 10 (method 7.1). */
const LEVEL_OFFSET = 10;
/** Fewer interviews than this are called *only*. */
const FEW_INTERVIEWS = 3;

export function classAt(position: number): ReadinessClass {
  const index = Math.min(CLASSES.length - 1, Math.max(0, Math.floor(position / POINTS_PER_CLASS)));
  return CLASSES[index] ?? 'activate';
}

/** A class position on the scale of levels, 1 to 5. */
export function levelAt(position: number): number {
  return (position + LEVEL_OFFSET) / POINTS_PER_CLASS;
}

export interface Range {
  low: number;
  high: number;
}

/** The 90 % range about a position, within the scale. */
export function rangeAbout(position: number, sd: number): Range {
  return {
    low: Math.max(0, position - RANGE_DEVIATIONS * sd),
    high: Math.min(100, position + RANGE_DEVIATIONS * sd),
  };
}

/** The segments of the index's band: five classes between four thresholds. */
export function segments(thresholds: number[]): { class: ReadinessClass; from: number; to: number }[] {
  const knots = [0, ...thresholds, 100];
  return CLASSES.map((each, index) => ({ class: each, from: knots[index] ?? 0, to: knots[index + 1] ?? 100 }));
}

export class ReadinessState extends Loaded<ReadinessView> {
  readonly #api: Api;
  readonly #for: 'person' | 'room';

  /** For a room it shows what a committee may read, whoever holds the meeting. */
  constructor(api: Api, notices: ConstructorParameters<typeof Loaded>[0] = null, shown_to: 'person' | 'room' = 'person') {
    super(notices);
    [this.#api, this.#for] = [api, shown_to];
  }

  open(cluster: string | null): Promise<void> {
    return this.load(() => (this.#for === 'room' ? this.#api.readMeetingCards({ cluster }) : this.#api.readReadiness({ cluster })));
  }

  /** The class that counts: merged, unless too little was heard to move the class of the data. */
  get official(): ReadinessClass | null {
    const { data, merged } = this.view ?? {};
    if (!data) return null;
    return !merged || merged.provisional ? data.class : merged.class;
  }

  /** The least ready dimension, data and voices together. Without data a dimension has no position and is not named:
   *  voices alone measure nothing. The first of the gaps would be another one: a high dimension may well be further
   *  below its next class than the lowest is. */
  get held_back_by(): Dimension | null {
    const measured = (this.view?.dimensions ?? []).flatMap(({ dimension, value, merged_position }) =>
      value === null || merged_position === null ? [] : [{ dimension, merged_position }],
    );
    return measured.sort((one, other) => one.merged_position - other.merged_position)[0]?.dimension ?? null;
  }

  /** Whether nothing but voices speaks of a dimension. */
  voices_only(dimension: Dimension): boolean {
    return this.view?.dimensions.some((each) => each.dimension === dimension && each.value === null) ?? false;
  }

  get few_interviews(): boolean {
    return (this.view?.interviews ?? 0) < FEW_INTERVIEWS;
  }
}

/** Whether the weight of the voices changes the class anywhere between none and full. */
export function dependsOnWeight(table: LambdaRow[]): boolean {
  const [first, ...others] = table;
  return others.some((row) => row.class !== first?.class);
}
