/** Counting participants by taps: which answer stands in which cell, and whom a minus takes away. */

import type { AnswerValue, ChoiceView, InstanceView, QuestionView, RepeatView } from '../../lib/api';
import { questionsOf } from './questions';

export interface CounterQuestions {
  sex: QuestionView;
  age: QuestionView;
  occupation: QuestionView | null;
}

/** The questions that make the grid; null when the sheet's repeat has other ones. */
export function counterQuestions(repeat: RepeatView): CounterQuestions | null {
  const find = (ending: string) =>
    repeat.template.find((question) => question.kind === 'select_one' && question.name.endsWith(ending)) ?? null;
  const [sex, age, occupation] = [find('_sex'), find('_age'), find('_occupation')];
  return sex === null || age === null ? null : { sex, age, occupation };
}

function answerOf(instance: InstanceView, name: string): AnswerValue {
  for (const question of questionsOf(instance.cards)) if (question.name === name) return question.value;
  return null;
}

export function inCell(repeat: RepeatView, of: CounterQuestions, sex: ChoiceView, age: ChoiceView): InstanceView[] {
  return repeat.instances.filter(
    (instance) => answerOf(instance, of.sex.name) === sex.name && answerOf(instance, of.age.name) === age.name,
  );
}

/** Whom a minus takes away: the last one of the chosen occupation, else the last one of the cell. */
export function lastOf(cell: InstanceView[], of: CounterQuestions, occupation: string | null): InstanceView | null {
  const name = of.occupation?.name;
  const same = name === undefined ? [] : cell.filter((instance) => answerOf(instance, name) === occupation);
  return same.at(-1) ?? cell.at(-1) ?? null;
}

/** A participant in words: *woman, 30-59, farmer*. */
export function describe(instance: InstanceView): string {
  const words: string[] = [];
  for (const question of questionsOf(instance.cards)) {
    const choice = question.choices.find((each) => each.name === question.value);
    if (choice !== undefined) words.push(choice.label);
  }
  return words.join(', ');
}
