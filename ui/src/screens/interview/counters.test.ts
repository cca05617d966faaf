import { expect, it } from 'vitest';

import { kendOver, ManualTimers } from '../../../tests/kend';
import { counterQuestions, describe as inWords, inCell, lastOf } from './counters';
import { InterviewScreenState } from './interview.svelte';
import { participantCodes, repeatOf } from './questions';

it('taps become participants P1 to Pn, and a minus takes the last of the chosen occupation', async () => {
  const { core } = await kendOver({ interviews: 1, language: 'en' });
  core.interviews[0]!.answers.set('consent_take_part', 'yes');
  const screen = new InterviewScreenState(core, core.interviews[0]!.id, new ManualTimers());
  await screen.load();
  const roster = () => repeatOf(screen.view!.sections[1]!.cards, 'counters')!;
  const add = (sex: string, occupation: string) =>
    screen.addInstance('participant', { participant_sex: sex, participant_age: '30_59', participant_occupation: occupation });
  await add('female', 'farmer');
  await add('female', 'official');
  await add('male', 'farmer');

  expect(participantCodes(screen.view!)).toEqual(['P1', 'P2', 'P3']);
  const of = counterQuestions(roster())!;
  const women = inCell(roster(), of, of.sex.choices[0]!, of.age.choices[1]!);
  expect(women.map((each) => each.title)).toEqual(['P1', 'P2']);
  expect(lastOf(women, of, 'farmer')!.title).toBe('P1');
  expect(lastOf(women, of, 'student')!.title).toBe('P2');
  expect(lastOf([], of, 'farmer')).toBeNull();
  expect(inWords(women[0]!)).toBe('Woman, 30–59, Farmer');
});
