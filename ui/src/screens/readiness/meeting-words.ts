/** The words for what a meeting speaks of. */

import type { CardVerdictView, CountView, MeetingConflictView, MeetingSummary, PriorityView } from '../../lib/api';
import { formatNumber } from '../../lib/format/format';
import { currentLanguage, t } from '../../lib/words/words.svelte';
import { ORDER, ROOM, VERDICT } from './meeting.svelte';

type Card = Pick<CardVerdictView, 'subject' | 'dimension' | 'theme'>;

/** What a card is about, for a title. */
export function titleOf({ subject, dimension, theme }: Card): string {
  if (theme !== null) return t(`theme.${theme}`);
  if (dimension !== null) return t(`dimension.${dimension}`);
  return t(`meeting.card.${subject}`);
}

/** The same in a list, where a dimension and its gap stand beside each other. */
export function nameOf(card: Card): string {
  return card.subject === 'gap' ? `${titleOf(card)}: ${t('meeting.card.gap')}` : titleOf(card);
}

export function stepName(summary: MeetingSummary, step: string): string {
  if (step === ROOM) return t('meeting.room');
  if (step === ORDER) return t('meeting.order');
  if (step === VERDICT) return t('meeting.verdict');
  const card = summary.cards.find((each) => each.card === step);
  return card === undefined ? step : nameOf(card);
}

export function priorityName({ dimension, theme, text }: PriorityView): string {
  if (text !== null) return text;
  if (theme !== null) return t(`theme.${theme}`);
  return dimension === null ? t('common.unknown') : t(`dimension.${dimension}`);
}

/** A count as it may be told: the number, *<5*, or a dash where nobody was counted. */
export function countWords({ count, few }: CountView): string {
  if (count !== null) return formatNumber(count, currentLanguage());
  return few ? t('meeting.few') : '–';
}

/** The same as it may leave the room. */
export function countOutside({ count, few }: CountView): string {
  return countWords({ count: few ? null : count, few });
}

export function conflictName(summary: MeetingSummary, { part, card }: MeetingConflictView): string {
  const of = part === 'order' ? t('meeting.order') : part === 'comment' ? t('meeting.comment') : part === 'women' || part === 'men' || part === 'youth' ? t(`meeting.group.${part}`) : t(`meeting.hand.${part}`);
  return card === null ? of : t('meeting.conflict.part', { card: stepName(summary, card), part: of });
}
