import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';

import { kendOver, show } from '../../../tests/kend';
import InterviewScreen from './InterviewScreen.svelte';

async function open(options: Parameters<typeof kendOver>[0] = {}, at = 0) {
  const { core, kend } = await kendOver({ language: 'en', interviews: 2, filled: true, ...options });
  const interview = core.interviews[at]!;
  show(kend, InterviewScreen, { interview: interview.id });
  await screen.findByTestId('section-title');
  return { core, kend, interview, user: userEvent.setup() };
}

it('a note says kept only when every character on the screen is durable', async () => {
  const { user, interview } = await open();
  await user.click(screen.getByTestId('chip-health'));
  const field = screen.getByTestId<HTMLTextAreaElement>('field-health_notes');
  await user.clear(field);
  await user.type(field, 'Həkim yoxdur 😀');
  const wrapper = screen.getByTestId('text-health_notes');
  expect(wrapper.dataset.kept).toBe('false');
  await waitFor(() => {
    expect(wrapper.dataset).toMatchObject({ kept: 'true', keptCharacters: '14' });
  });
  expect(interview.drafts.get('health_notes')).toBe('Həkim yoxdur 😀');
  await user.tab();
  await waitFor(() => {
    expect(interview.answers.get('health_notes')).toBe('Həkim yoxdur 😀');
  });
});

it('selected words of a note become a quote of the participant who is tapped', async () => {
  const { user, interview } = await open();
  await user.click(screen.getByTestId('chip-finance'));
  const field = screen.getByTestId<HTMLTextAreaElement>('field-finance_notes');
  field.setSelectionRange(4, 33);
  await fireEvent.select(field);
  await user.click(within(screen.getByTestId('quote-maker')).getByTestId('make-quote-P3'));
  await waitFor(() => {
    expect(interview.instances.get('finance_quote')).toHaveLength(1);
  });
  const quote = `finance_quote/${interview.instances.get('finance_quote')![0]!}`;
  expect(interview.answers.get(`${quote}/finance_quote_words`)).toBe(field.value.slice(4, 33));
  expect(interview.answers.get(`${quote}/finance_quote_speaker`)).toBe('P3');
});

it('five described levels are a group of radio buttons that the keyboard reaches', async () => {
  const { user, interview } = await open();
  await user.click(screen.getByTestId('chip-health'));
  screen.getByTestId('level-1').focus();
  await user.keyboard('{ArrowDown}{ArrowDown}{Enter}');
  await waitFor(() => {
    expect(interview.answers.get('health_level')).toBe('3');
  });
  expect(screen.getByTestId('level-3').getAttribute('aria-checked')).toBe('true');
  expect(screen.getByTestId('level-3').textContent).toContain('.');
});

it('what is missing leads to the very question', async () => {
  const { user } = await open();
  await user.click(screen.getByTestId('chip-finish'));
  expect(screen.getByTestId<HTMLButtonElement>('sign-off').disabled).toBe(true);
  await user.click(screen.getByTestId('missing-health_level'));
  expect(screen.getByTestId('section-title').textContent).toBe('Health');
  await waitFor(() => {
    expect(screen.getByTestId('question-health_level').contains(document.activeElement)).toBe(true);
  });
});

it('two texts written apart stand together, marked, and are taken as one', async () => {
  const { user, interview } = await open();
  await user.click(screen.getByTestId('chip-digital'));
  const merged = screen.getByTestId('merged-digital_peak');
  expect(merged.querySelectorAll('ins')).toHaveLength(2);
  expect(merged.querySelectorAll('mark')).toHaveLength(2);
  const whole = interview.conflicts.get('digital_peak')!.merged!.text;
  await user.click(within(merged).getByTestId('take-merged'));
  await waitFor(() => {
    expect(screen.queryByTestId('conflict-digital_peak')).toBeNull();
  });
  expect(interview.answers.get('digital_peak')).toBe(whole);
});

it('a conflict shows both values, who gave them, and a way to choose', async () => {
  const { user, interview } = await open();
  const conflict = screen.getByTestId('conflict-digital_level');
  expect(conflict.textContent).toContain('Elvin Quliyev');
  expect(conflict.textContent).toContain('Aygün Məmmədova');
  await user.click(within(conflict).getByTestId('choose-1'));
  await waitFor(() => {
    expect(screen.queryByTestId('conflict-digital_level')).toBeNull();
  });
  expect(interview.answers.get('digital_level')).toBe('4');
});

it('Ctrl+Z outside a field takes back the last change', async () => {
  const { user, interview } = await open();
  await user.click(screen.getByTestId('choice-digital_discussed-no'));
  await waitFor(() => {
    expect(interview.answers.get('digital_discussed')).toBe('no');
  });
  await user.keyboard('{Control>}z{/Control}');
  await waitFor(() => {
    expect(interview.answers.get('digital_discussed')).toBe('yes');
  });
});

it('a reviewer reads, comments on a card and returns', async () => {
  const { user, interview } = await open({ role: 'supervisor', place: 'browser' }, 1);
  expect(screen.queryByRole('radio')).toBeNull();
  expect(screen.getByTestId<HTMLButtonElement>('return').disabled).toBe(true);
  await user.click(screen.getByTestId('chip-health'));
  await user.click(screen.getByTestId('review-add-health_notes'));
  await user.type(screen.getByTestId('review-text-health_notes'), 'Which clinic?');
  await user.click(screen.getByTestId('return'));
  await waitFor(() => {
    expect(interview.state).toBe('returned');
  });
  expect(interview.comments.get('health_notes')![0]!.text).toBe('Which clinic?');
});

it('the labels change with the language and the place in the interview stays', async () => {
  const { user, kend } = await open();
  await user.click(screen.getByTestId('chip-health'));
  await kend.session.setLanguage('ru');
  await waitFor(() => {
    expect(screen.getByTestId('section-title').textContent).toBe('Здравоохранение');
  });
});

it('of one conversation recorded twice the chosen interview counts, and that can be taken back', async () => {
  const { core, user, interview } = await open({ interviews: 14 });
  const alike = core.interviews.filter((other) => other !== interview && other.village === interview.village && other.kind === interview.kind);
  await user.click(screen.getByTestId('chip-finish'));
  await user.click(screen.getByTestId('recorded-twice'));
  const sheet = await screen.findByRole('dialog');
  const offered = await within(sheet).findAllByRole('button', { name: /participants/ });
  expect(offered).toHaveLength(alike.length);
  await user.click(screen.getByTestId(`same-as-${alike[0]!.id}`));
  const notice = await screen.findByTestId('same-as');
  expect(within(notice).getByRole('link').getAttribute('href')).toContain(alike[0]!.id);
  expect(screen.queryByTestId('recorded-twice')).toBeNull();
  await user.click(screen.getByTestId('not-the-same'));
  await waitFor(() => {
    expect(screen.queryByTestId('same-as')).toBeNull();
  });
  expect(interview.same_as).toBeNull();
});
