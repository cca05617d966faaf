/**
 * A meeting of a committee on the screen. Taps go through one queue, so that an older view never covers a newer one; a number
 * on the screen is always one that is durable. What is typed goes through the draft keeper.
 */

import { SvelteMap } from 'svelte/reactivity';

import { KendError, type Api, type CardVerdictView, type CountView, type Hand, type MeetingConflictView, type MeetingSummary, type MeetingValueView, type MeetingView, type PeopleGroup, type PriorityView } from '../../lib/api';
import { DraftKeeper, type Mark, type Timers } from '../../lib/kept/draft-keeper';
import { Loaded } from '../../lib/loaded.svelte';

export const GROUPS: readonly PeopleGroup[] = ['women', 'men', 'youth'];
export const HANDS: readonly Hand[] = ['agree', 'object', 'abstain'];

/** The steps that are no cards: who is here before them, the order and the verdict after them. */
export const ROOM = 'room';
export const ORDER = 'order';
export const VERDICT = 'verdict';

/** The meetings about a cluster, the latest first. */
export class Meetings extends Loaded<MeetingSummary[]> {
  readonly #api: Api;

  constructor(api: Api, notices: ConstructorParameters<typeof Loaded>[0] = null) {
    super(notices);
    this.#api = api;
  }

  open(cluster: string): Promise<void> {
    return this.load(() => this.#api.listMeetings({ cluster }));
  }

  /** The last one that is closed: its verdict is the committee's. */
  get verdict(): MeetingSummary | null {
    return this.view?.find(({ state }) => state === 'closed' || state === 'corrected') ?? null;
  }

  /** One that goes on, if the person may go on with it. */
  get under_way(): MeetingSummary | null {
    return this.view?.find(({ state, edit }) => state === 'open' && edit) ?? null;
  }
}

export function stepsOf(summary: MeetingSummary): string[] {
  return [ROOM, ...summary.cards.map(({ card }) => card), ORDER, VERDICT];
}

function isTouched(card: CardVerdictView): boolean {
  return [card.agree, card.object, card.abstain].some(({ count, few }) => count !== null || few) || card.comment !== null || card.draft !== null;
}

/** Where a meeting goes on: at the first card after the last one that was spoken about. A closed one shows its verdict. */
export function resumeAt(summary: MeetingSummary): string {
  if (summary.state !== 'open') return VERDICT;
  if (summary.priorities.length > 0) return ORDER;
  const last = summary.cards.findLastIndex(isTouched);
  const counted = last >= 0 || GROUPS.some((group) => summary[group].count !== null);
  return counted ? (summary.cards[last + 1]?.card ?? ORDER) : ROOM;
}

/** How many cards came to each outcome. */
export function outcomesOf(summary: MeetingSummary): { counted: number; agreed: number; objected: number; divided: number } {
  const of = (outcome: CardVerdictView['outcome']): number => summary.cards.filter((card) => card.outcome === outcome).length;
  const [agreed, objected, divided] = [of('agreed'), of('objected'), of('divided')];
  return { counted: agreed + objected + divided, agreed, objected, divided };
}

/** The order after a tap on what is offered: at the end when it was not in, out when it was. */
export function tapped(order: readonly string[], priority: string): string[] {
  return order.includes(priority) ? order.filter((each) => each !== priority) : [...order, priority];
}

export class MeetingScreenState {
  view = $state.raw<MeetingView | null>(null);
  error = $state.raw<KendError | null>(null);
  /** Taps that are not yet durable. */
  pending = $state(0);
  readonly marks = new SvelteMap<string, Mark>();
  readonly id: string;
  readonly #api: Api;
  readonly #keeper: DraftKeeper;
  readonly #notices: { noticed(error: KendError): void } | null;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(api: Api, meeting: string, timers: Timers, notices: { noticed(error: KendError): void } | null = null) {
    [this.#api, this.id, this.#notices] = [api, meeting, notices];
    this.#keeper = new DraftKeeper(
      {
        keep: async (card, text) => (await api.keepComment({ meeting, card, text })).characters,
        record: async (card, text) => {
          await this.#inTurn(() => api.commentOnCard({ meeting, card, text }));
        },
        errorOf: (thrown) => KendError.from(thrown),
        changed: (card) => {
          const mark = this.#keeper.mark(card);
          if (mark !== null) this.marks.set(card, mark);
        },
      },
      timers,
    );
  }

  get summary(): MeetingSummary | null {
    return this.view?.summary ?? null;
  }

  get may_edit(): boolean {
    return this.summary?.edit ?? false;
  }

  /** Everything on the screen is durable. */
  get kept(): boolean {
    return this.pending === 0 && [...this.marks.values()].every((mark) => mark.kept);
  }

  get failing(): boolean {
    return this.error !== null || [...this.marks.values()].some((mark) => mark.error !== null);
  }

  card(word: string): CardVerdictView | null {
    return this.summary?.cards.find(({ card }) => card === word) ?? null;
  }

  load(): Promise<boolean> {
    return this.#change(() => this.#api.readMeeting({ meeting: this.id }));
  }

  /** One more or fewer of a group, from what is durable when its turn comes: quick taps add up. */
  addPeople(group: PeopleGroup, step: 1 | -1): Promise<boolean> {
    return this.#change(() => this.#api.countPeople({ meeting: this.id, group, count: stepped(this.summary?.[group], step) }));
  }

  addHand(card: string, hand: Hand, step: 1 | -1): Promise<boolean> {
    return this.#change(() => this.#api.countHands({ meeting: this.id, card, hand, count: stepped(this.card(card)?.[hand], step) }));
  }

  tapPriority(priority: string): Promise<boolean> {
    return this.#change(() => this.#api.rankPriorities({ meeting: this.id, order: tapped(this.#order(), priority) }));
  }

  type(card: string, text: string): void {
    this.#keeper.type(card, text);
  }

  leave(card: string): Promise<void> {
    return this.#keeper.leave(card);
  }

  leaveAll(): Promise<void> {
    return this.#keeper.leaveAll();
  }

  /** Settles what was written apart: the chosen value is given anew by somebody who saw all. */
  choose(conflict: MeetingConflictView, value: MeetingValueView): Promise<boolean> {
    const meeting = this.id;
    const { part, card } = conflict;
    if (part === 'order') return this.#change(() => this.#api.rankPriorities({ meeting, order: value.order.map(({ priority }) => priority) }));
    if (part === 'comment') return this.#change(() => this.#api.commentOnCard({ meeting, card: card ?? '', text: value.text ?? '' }));
    if (part === 'agree' || part === 'object' || part === 'abstain') {
      return this.#change(() => this.#api.countHands({ meeting, card: card ?? '', hand: part, count: value.count }));
    }
    return this.#change(() => this.#api.countPeople({ meeting, group: part, count: value.count }));
  }

  undo(): Promise<boolean> {
    return this.#change(() => this.#api.undoInMeeting({ meeting: this.id }));
  }

  async close(): Promise<boolean> {
    await this.#keeper.leaveAll();
    return this.#change(() => this.#api.closeMeeting({ meeting: this.id }));
  }

  erase(): Promise<boolean> {
    return this.#change(() => this.#api.eraseMeeting({ meeting: this.id }));
  }

  #order(): string[] {
    return this.summary?.priorities.map(({ priority }: PriorityView) => priority) ?? [];
  }

  /** Asks when all before it was answered, and shows what came. */
  #inTurn(ask: () => Promise<MeetingView>): Promise<void> {
    const turn = this.#queue.then(ask).then((view) => {
      this.view = view;
      for (const { card, comment, draft } of view.summary.cards) this.#keeper.take(card, comment ?? '', draft);
    });
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #change(ask: () => Promise<MeetingView>): Promise<boolean> {
    this.pending += 1;
    try {
      await this.#inTurn(ask);
      this.error = null;
      return true;
    } catch (thrown) {
      this.error = KendError.from(thrown);
      this.#notices?.noticed(this.error);
      return false;
    } finally {
      this.pending -= 1;
    }
  }
}

/** The next number of a counter; below one it is not counted any more. */
function stepped(now: CountView | undefined, step: 1 | -1): number | null {
  const next = (now?.count ?? 0) + step;
  return next > 0 ? next : null;
}
