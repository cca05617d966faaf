import { beforeEach, describe, expect, it } from 'vitest';

import type { FakeCore } from '../../../tests/fake-api';
import { ManualTimers, kendOver, settle } from '../../../tests/kend';
import { KendError } from '../../lib/api';
import { FINISH, InterviewScreenState } from './interview.svelte';
import { textOf, valueOf } from './questions';

describe('an interview on the screen', () => {
  let core: FakeCore;
  let timers: ManualTimers;
  let screen: InterviewScreenState;

  const methods = () => core.calls.map((call) => call.method).filter((method) => method !== 'status' && method !== 'openInterview');

  beforeEach(async () => {
    ({ core } = await kendOver({ interviews: 1, filled: true, language: 'en' }));
    timers = new ManualTimers();
    screen = new InterviewScreenState(core, core.interviews[0]!.id, timers);
    await screen.load();
  });

  it('opens where something is missing first', () => {
    expect(screen.section_name).toBe('digital');
  });

  it('keeps what is typed as a draft and makes it the answer when the section is left', async () => {
    screen.type('finance_notes', 'Banka uzaqdır');
    expect(screen.marks.get('finance_notes')?.kept).toBe(false);
    timers.pass(300);
    await settle();
    expect(screen.marks.get('finance_notes')).toMatchObject({ kept: true, kept_characters: 13 });
    screen.open('health');
    await settle();
    expect(methods()).toEqual(['keepDraft', 'recordAnswer']);
    expect(core.interviews[0]!.answers.get('finance_notes')).toBe('Banka uzaqdır');
    expect(core.interviews[0]!.drafts.size).toBe(0);
  });

  it('shows text that outlived a kill and makes it an answer at the next chance', async () => {
    core.interviews[0]!.drafts.set('health_notes', 'unfinished');
    const again = new InterviewScreenState(core, screen.id, timers);
    await again.load();
    expect(again.marks.get('health_notes')).toMatchObject({ text: 'unfinished', kept: true, kept_characters: 10 });
    await again.leaveAll();
    expect(core.interviews[0]!.answers.get('health_notes')).toBe('unfinished');
  });

  it('shows a tap at once and as pending until it is durable', async () => {
    const question = screen.section!.cards.find((card) => card.card === 'question' && card.name === 'digital_evidence');
    if (question?.card !== 'question') throw new Error('no such question');
    const answered = screen.answer('digital_evidence', '3');
    expect(screen.shown(question)).toBe('3');
    expect(screen.unkept).toBe(true);
    await answered;
    expect(screen.unkept).toBe(false);
    expect(core.interviews[0]!.answers.get('digital_evidence')).toBe('3');
  });

  it('says what a refused tap was refused for and shows the answer before', async () => {
    core.failing.set('recordAnswer', new KendError('disk_refused'));
    await screen.answer('digital_evidence', '3');
    expect(screen.refused.get('digital_evidence')?.code).toBe('disk_refused');
    expect(screen.pending.size).toBe(0);
    expect(core.interviews[0]!.answers.get('digital_evidence')).toBe('2');
  });

  it('choosing a value resolves a conflict', async () => {
    expect(screen.view!.summary.conflicts).toBe(2);
    await screen.answer('digital_level', '4');
    expect(screen.view!.summary.conflicts).toBe(1);
    expect(core.interviews[0]!.answers.get('digital_level')).toBe('4');
  });

  it('makes a quote of selected words with its speaker', async () => {
    await screen.makeQuote(screen.section!, '  bahadır  ', 'P3');
    expect(core.calls.at(-1)!.request).toMatchObject({
      repeat: 'digital_quote',
      answers: [
        { name: 'digital_quote_words', value: 'bahadır' },
        { name: 'digital_quote_speaker', value: 'P3' },
      ],
    });
  });

  it('signs off only after everything typed is recorded', async () => {
    screen.type('finance_notes', 'last words');
    await screen.signOff();
    expect(methods()).toEqual(['recordAnswer', 'signOff']);
    expect(screen.view!.summary.state).toBe('complete');
  });

  it('takes back the last change', async () => {
    await screen.answer('digital_evidence', '3');
    await screen.undo();
    expect(core.interviews[0]!.answers.get('digital_evidence')).toBe('2');
    expect(screen.view!.can_undo).toBe(false);
  });

  it('goes from section to section and ends at the finish', () => {
    screen.open('closing');
    expect(screen.neighbour(-1)).toBe('health');
    expect(screen.neighbour(1)).toBe(FINISH);
    screen.open(FINISH);
    expect(screen.neighbour(1)).toBeNull();
  });

  it('jumps to the section and the question that is missing', () => {
    screen.jump({ path: 'health_level', section: 'health', label: '', reason: 'required' });
    expect([screen.section_name, screen.jump_path]).toEqual(['health', 'health_level']);
  });

  it('a reviewer returns only comments that have words, and they stay when returning fails', async () => {
    ({ core } = await kendOver({ interviews: 2, role: 'supervisor' }));
    const review = new InterviewScreenState(core, core.interviews[1]!.id, timers);
    await review.load();
    review.comments.set('digital_level', ' Why 4? ');
    review.comments.set('', '');
    expect(review.comments_ready).toEqual([{ path: 'digital_level', text: 'Why 4?' }]);
    core.failing.set('returnInterview', new KendError('hub_unreachable'));
    expect(await review.returnWithComments()).toBe(false);
    expect(review.comments.get('digital_level')).toBe(' Why 4? ');
    expect(await review.returnWithComments()).toBe(true);
    expect(review.view!.summary.state).toBe('returned');
    expect(review.comments.size).toBe(0);
  });
});

it('the text of a field becomes the answer that its kind asks for', () => {
  expect(valueOf('integer', ' 12 ')).toBe(12);
  expect(valueOf('decimal', '0,9')).toBe(0.9);
  expect(valueOf('integer', 'twelve')).toBe('twelve');
  expect(valueOf('text', '12')).toBe('12');
  expect(valueOf('text', '  ')).toBeNull();
  expect(textOf(['need', 'demand'])).toBe('need demand');
});
