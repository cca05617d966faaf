/** Finding one's way in an interview's view: its questions, repeats and the well-known names of the instruments. */

import type {
  AnswerValue,
  CardView,
  InstanceView,
  InterviewView,
  QuestionKind,
  QuestionView,
  RepeatView,
  SectionView,
} from '../../lib/api';

export type RepeatCardView = Extract<CardView, { card: 'repeat' }>;

/** Kinds that are answered with the keyboard, and so are kept while being typed. */
const TYPED: readonly QuestionKind[] = ['text', 'integer', 'decimal'];

export function isTyped(question: QuestionView): boolean {
  return TYPED.includes(question.kind);
}

export function hasAppearance(card: { appearance: string | null }, word: string): boolean {
  return (card.appearance ?? '').split(/\s+/u).includes(word);
}

export function* questionsOf(cards: readonly CardView[]): Generator<QuestionView> {
  for (const card of cards) {
    if (card.card === 'question') yield card;
    if (card.card === 'repeat') {
      for (const instance of card.instances) yield* questionsOf(instance.cards);
    }
  }
}

export function repeatOf(cards: readonly CardView[], appearance: string): RepeatView | null {
  return cards.find((card): card is RepeatCardView => card.card === 'repeat' && hasAppearance(card, appearance)) ?? null;
}

/** The codes of the participants, P1 to Pn; empty for a key informant. */
export function participantCodes(view: InterviewView): string[] {
  const rosters = view.sections.map((section) => repeatOf(section.cards, 'counters'));
  return rosters.flatMap((roster) => roster?.instances.map((instance) => instance.title) ?? []);
}

/** The bare name of the question in a repeat's template that ends so, e.g. `_quote_words`. */
export function templateName(repeat: RepeatView, ending: string): string | null {
  return repeat.template.find((question) => question.name.endsWith(ending))?.name ?? null;
}

export function answerIn(instance: InstanceView, ending: string): QuestionView | null {
  for (const question of questionsOf(instance.cards)) if (question.name.endsWith(ending)) return question;
  return null;
}

/** An answer as the text of a field. */
export function textOf(value: AnswerValue): string {
  if (value === null) return '';
  return Array.isArray(value) ? value.join(' ') : String(value);
}

/** The text of a field as an answer. What is no number goes as text, for the core to refuse with its own words. */
export function valueOf(kind: QuestionKind, text: string): AnswerValue {
  if (text.trim() === '') return null;
  if (kind !== 'integer' && kind !== 'decimal') return text;
  const number = Number(text.trim().replace(',', '.'));
  return Number.isFinite(number) ? number : text;
}

/** An answer as people read it. */
export function wordsOf(question: QuestionView): string {
  const label = (name: string) => question.choices.find((choice) => choice.name === name)?.label ?? name;
  if (Array.isArray(question.value)) return question.value.map(label).join(', ');
  return question.value === null ? '' : label(String(question.value));
}

/** How far a section is, 0 to 1. */
export function progressOf(section: SectionView): number {
  if (section.closed) return 1;
  return section.questions === 0 ? 0 : Math.min(1, section.answered / section.questions);
}
