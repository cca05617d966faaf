/** SYNTHETIC. Meetings in memory, as the core keeps them: hands, comments, an order, its end, what is taken back. */

import type { CardVerdictView, CountView, Hand, Language, MeetingConflictView, MeetingPart, MeetingSummary, MeetingValueView, MeetingView, PeopleGroup, PriorityView, ReadinessView } from '../src/lib/api';
import { KendError } from '../src/lib/api';

type Values = Map<string, number | string>;

interface Meeting {
  id: string;
  cluster: string;
  looked_at: ReadinessView;
  values: Values;
  drafts: Map<string, string>;
  history: Values[];
  closed: Values | null;
  began_at: string;
  erased: boolean;
  apart: { part: MeetingPart; card: string | null; values: MeetingValueView[] }[];
}

const FEW = 5;

export class FakeMeetings {
  readonly list: Meeting[] = [];

  begin(cluster: string, looked_at: ReadinessView): Meeting {
    const began_at = new Date(Date.UTC(2026, 10, 24, 15, this.list.length)).toISOString();
    const made: Meeting = { id: `meeting-${this.list.length + 1}`, cluster, looked_at, values: new Map(), drafts: new Map(), history: [], closed: null, began_at, erased: false, apart: [] };
    this.list.push(made);
    return made;
  }

  find(id: string): Meeting {
    const found = this.list.find((each) => each.id === id);
    if (found === undefined) throw new KendError('not_found', null);
    return found;
  }

  change(of: Meeting, path: string, value: number | string | null): void {
    of.history.push(new Map(of.values));
    if (value === null) of.values.delete(path);
    else of.values.set(path, value);
    of.apart = of.apart.filter(({ part, card }) => pathOf(part, card) !== path);
  }

  /** A meeting that was held, or goes on. */
  hold(cluster: string, looked_at: ReadinessView, language: Language, closed: boolean): Meeting {
    const made = this.begin(cluster, looked_at);
    for (const [group, count] of [['women', 6], ['men', 7], ['youth', 4]] as const) this.change(made, `w/${group}`, count);
    cardsOf(made, false).forEach(({ card }, index) => {
      if (!closed && index > 6) return;
      this.change(made, `v/${card}/agree`, [9, 11, 3, 6, 10][index % 5]!);
      this.change(made, `v/${card}/object`, [2, 1, 8, 6, 1][index % 5]!);
      if (index % 4 === 0) this.change(made, `v/${card}/abstain`, 2);
    });
    this.change(made, 'v/dimension_infrastructure/comment', WORDS[language]);
    if (closed) {
      this.change(made, 'r/order', `intervention_${looked_at.interventions[0]?.intervention ?? ''} theme_finance theme_digital dimension_${looked_at.gaps[0] ?? 'governance'}`);
      made.closed = new Map(made.values);
    }
    return made;
  }

  view(of: Meeting, edit: boolean): MeetingView {
    const conflicts: MeetingConflictView[] = edit ? of.apart : [];
    return { summary: this.summary(of, edit, true), offered: offeredOf(of), conflicts, can_undo: edit && of.history.length > 0 };
  }

  summary(of: Meeting, edit: boolean, in_room: boolean): MeetingSummary {
    const exact = in_room && edit;
    const changed = of.closed !== null && !same(of.closed, of.values);
    const { merged, data, cluster, fingerprint, synthetic, gaps } = of.looked_at;
    void gaps;
    const people = (group: PeopleGroup): CountView => told(of.values.get(`w/${group}`), exact);
    const order = String(of.values.get('r/order') ?? '').split(' ').filter((each) => each !== '');
    const offered = offeredOf(of);
    return {
      meeting: of.id,
      cluster: of.cluster,
      cluster_name: cluster.name,
      rayon_name: 'Tovuz',
      state: of.erased ? 'erased' : of.closed === null ? 'open' : changed ? 'corrected' : 'closed',
      began_at: of.began_at,
      closed_at: of.closed === null ? null : '2026-11-24T16:40:00Z',
      person_name: 'Aygün Məmmədova',
      synthetic,
      pack: 'demo 2026-11-1',
      round_year: 2026,
      class: (merged !== null && !merged.provisional ? merged.class : data?.class) ?? null,
      fingerprint,
      women: people('women'),
      men: people('men'),
      youth: people('youth'),
      cards: of.erased ? [] : cardsOf(of, exact),
      priorities: order.flatMap((id) => offered.filter(({ priority }) => priority === id)),
      conflicts: of.apart.length,
      kept: 'kept',
      edit: edit && !of.erased,
      erase: edit && !of.erased,
    };
  }
}

const WORDS: Record<Language, string> = {
  az: 'Körpüdən sonra yol yoxdur. Yazda uşaqlar məktəbə palçıqla gedir.',
  en: 'Behind the bridge there is no road. In spring the children walk to school through mud.',
  ru: 'За мостом дороги нет. Весной дети идут в школу по грязи.',
};

const pathOf = (part: MeetingPart, card: string | null): string => (part === 'order' ? 'r/order' : card === null ? `w/${part}` : `v/${card}/${part}`);

function same(one: Values, other: Values): boolean {
  return one.size === other.size && [...one].every(([path, value]) => other.get(path) === value);
}

function told(value: number | string | undefined, exact: boolean): CountView {
  const count = typeof value === 'number' ? value : null;
  const few = count !== null && count < FEW;
  return { count: few && !exact ? null : count, few };
}

function cardsOf(of: Meeting, exact: boolean): CardVerdictView[] {
  const card = (word: string, subject: CardVerdictView['subject'], dimension: CardVerdictView['dimension'], theme: CardVerdictView['theme']): CardVerdictView => {
    const number = (hand: Hand): number => Number(of.values.get(`v/${word}/${hand}`) ?? 0);
    const [agree, object] = [number('agree'), number('object')];
    const comment = of.values.get(`v/${word}/comment`);
    const hands = (hand: Hand): CountView => told(of.values.get(`v/${word}/${hand}`), exact);
    return {
      card: word,
      subject,
      dimension,
      theme,
      outcome: agree === 0 && object === 0 ? 'open' : agree > object ? 'agreed' : agree < object ? 'objected' : 'divided',
      agree: hands('agree'),
      object: hands('object'),
      abstain: hands('abstain'),
      comment: typeof comment === 'string' ? comment : null,
      draft: of.drafts.get(word) ?? null,
      corrected: of.closed !== null && ['agree', 'object', 'abstain', 'comment'].some((what) => of.closed?.get(`v/${word}/${what}`) !== of.values.get(`v/${word}/${what}`)),
    };
  };
  const { dimensions, themes, gaps } = of.looked_at;
  return [
    card('class', 'class', null, null),
    ...dimensions.map(({ dimension }) => card(`dimension_${dimension}`, 'dimension', dimension, null)),
    ...themes.map(({ theme }) => card(`theme_${theme}`, 'theme', null, theme)),
    ...gaps.slice(0, 2).map((dimension) => card(`gap_${dimension}`, 'gap', dimension, null)),
  ];
}

function offeredOf(of: Meeting): PriorityView[] {
  const { gaps, interventions, themes } = of.looked_at;
  return [
    ...gaps.map((dimension): PriorityView => ({ priority: `dimension_${dimension}`, kind: 'dimension', dimension, theme: null, text: null })),
    ...interventions.map(({ intervention, dimension, text }): PriorityView => ({ priority: `intervention_${intervention}`, kind: 'intervention', dimension, theme: null, text })),
    ...themes.map(({ theme }): PriorityView => ({ priority: `theme_${theme}`, kind: 'theme', dimension: null, theme, text: null })),
  ];
}
