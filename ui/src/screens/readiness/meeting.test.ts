import { fireEvent, screen, waitFor } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { kendOver, ManualTimers, settle, show } from '../../../tests/kend';
import { KendError, type MeetingSummary } from '../../lib/api';
import { meetingOf } from './sections';
import { MeetingScreenState, ORDER, ROOM, VERDICT, outcomesOf, resumeAt, stepsOf, tapped } from './meeting.svelte';
import MeetingScreen from './MeetingScreen.svelte';
import ReadinessScreen from './ReadinessScreen.svelte';

const CLUSTER = 'synthetic-a';
type Options = NonNullable<Parameters<typeof kendOver>[0]>;

async function held(options: Options = {}) {
  const { core, kend } = await kendOver({ cells: true, language: 'en', meetings: 'open', ...options });
  const state = new MeetingScreenState(core, 'meeting-1', new ManualTimers());
  await state.load();
  return { core, kend, state };
}

async function open(asked: string | null, options: Options = {}) {
  const { core, kend } = await kendOver({ cells: true, language: 'en', meetings: 'open', ...options });
  const shown = show(kend, MeetingScreen, { cluster: CLUSTER, id: 'meeting-1', asked });
  await waitFor(() => { expect(screen.getByTestId('meeting').dataset.state).toBeTruthy(); });
  return { core, kend, shown };
}

it('a meeting goes from who is here over all cards to the order and the verdict', async () => {
  const { state } = await held();
  const steps = stepsOf(state.summary!);
  expect([steps[0], steps[1], steps.at(-2), steps.at(-1), steps.length]).toEqual([ROOM, 'class', ORDER, VERDICT, 20]);
});

it('it goes on at the first card after the last one that was spoken about, and a closed one shows its verdict', async () => {
  const { state } = await held();
  const now = state.summary!;
  expect(resumeAt(now)).toBe('theme_governance');
  const nothing = { count: null, few: false };
  const fresh: MeetingSummary = { ...now, women: nothing, men: nothing, youth: nothing, cards: now.cards.map((card) => ({ ...card, agree: nothing, object: nothing, abstain: nothing, comment: null, draft: null })) };
  expect(resumeAt(fresh)).toBe(ROOM);
  expect(resumeAt({ ...fresh, women: { count: 3, few: true } })).toBe('class');
  expect(resumeAt({ ...fresh, cards: fresh.cards.map((card) => ({ ...card, comment: card.card === 'class' ? 'words' : null })) })).toBe('dimension_economic_sources');
  expect(resumeAt({ ...now, state: 'corrected' })).toBe(VERDICT);
});

it('a tap puts a priority next in the order, and a second one takes it out', () => {
  expect(tapped([], 'a')).toEqual(['a']);
  expect(tapped(['a', 'b'], 'c')).toEqual(['a', 'b', 'c']);
  expect(tapped(['a', 'b', 'c'], 'b')).toEqual(['a', 'c']);
});

it('quick taps add up, and a refused one leaves what is durable on the screen', async () => {
  const { core, state } = await held();
  const before = state.card('class')!.agree.count!;
  const taps = Promise.all([state.addHand('class', 'agree', 1), state.addHand('class', 'agree', 1), state.addHand('class', 'agree', 1)]);
  expect(state.kept).toBe(false);
  expect(state.card('class')!.agree.count).toBe(before);
  await taps;
  expect([state.card('class')!.agree.count, state.kept]).toEqual([before + 3, true]);
  core.failing.set('countHands', new KendError('disk_refused', null));
  expect(await state.addHand('class', 'agree', 1)).toBe(false);
  expect([state.card('class')!.agree.count, state.error?.code]).toEqual([before + 3, 'disk_refused']);
});

it('a counter that is taken below one is not counted any more', async () => {
  const { core, state } = await held();
  await state.addHand('theme_health', 'object', 1);
  await state.addHand('theme_health', 'object', -1);
  expect(core.calls.at(-1)?.request).toEqual({ meeting: 'meeting-1', card: 'theme_health', hand: 'object', count: null });
});

it('what is typed on a card is a draft after a pause and the comment when the card is left', async () => {
  const { core, kend } = await kendOver({ cells: true, meetings: 'open' });
  const timers = new ManualTimers();
  const state = new MeetingScreenState(kend.api, 'meeting-1', timers);
  await state.load();
  state.type('class', 'Yol');
  expect(state.kept).toBe(false);
  timers.pass(400);
  await settle();
  expect(core.meetings.list[0]!.drafts.get('class')).toBe('Yol');
  await state.leave('class');
  expect([state.card('class')?.comment, state.kept]).toEqual(['Yol', true]);
});

it('arrow keys and a presenter turn the cards, Esc leaves, and nothing of both in a text', async () => {
  const { kend } = await open('class');
  await fireEvent.keyDown(window, { key: 'PageDown' });
  expect(kend.router.route.path).toEqual(['meeting', 'meeting-1', 'dimension_economic_sources']);
  await fireEvent.click(screen.getByTestId('comment-add'));
  const field = screen.getByTestId('comment-field');
  const at = kend.router.route.path;
  await fireEvent.keyDown(field, { key: 'ArrowRight' });
  await fireEvent.keyDown(field, { key: 'Escape' });
  expect(kend.router.route.path).toEqual(at);
  await fireEvent.keyDown(window, { key: 'Escape' });
  await waitFor(() => { expect(kend.router.route.path).toEqual(['meeting']); });
});

it('hands are counted on the screen, taken back, and the verdict is closed and said to be corrected after', async () => {
  const { core, kend, shown } = await open('class');
  const agree = () => screen.getByTestId('hand-agree').dataset.count;
  expect(agree()).toBe('9');
  await fireEvent.click(screen.getByTestId('hand-agree-more'));
  await waitFor(() => { expect(agree()).toBe('10'); });
  await fireEvent.click(screen.getByTestId('meeting-undo'));
  await waitFor(() => { expect(agree()).toBe('9'); });
  shown.unmount();
  const { unmount } = show(kend, MeetingScreen, { cluster: CLUSTER, id: 'meeting-1', asked: VERDICT });
  await fireEvent.click(await screen.findByTestId('meeting-close'));
  await screen.findByTestId('meeting-closed');
  unmount();
  core.meetings.change(core.meetings.find('meeting-1'), 'v/class/agree', 4);
  show(kend, MeetingScreen, { cluster: CLUSTER, id: 'meeting-1', asked: VERDICT });
  await waitFor(() => { expect(screen.getByTestId('verdict').dataset.state).toBe('corrected'); });
  expect(screen.getByTestId('verdict').textContent).toContain('Corrected');
});

it('a tap ranks, and the order stands beside what is offered', async () => {
  await open(ORDER);
  for (const priority of ['theme_health', 'theme_digital']) await fireEvent.click(screen.getByTestId(`rank-${priority}`));
  const order = () => [...screen.getByTestId('order').querySelectorAll('li')].map((each) => each.dataset.priority);
  await waitFor(() => { expect(order()).toEqual(['theme_health', 'theme_digital']); });
  await fireEvent.click(screen.getByTestId('rank-theme_health'));
  await waitFor(() => { expect(order()).toEqual(['theme_digital']); });
});

it('what was written apart stands with both values until somebody chooses, and holds the end up', async () => {
  const { kend, shown } = await open('class', { meetings: 'apart' });
  expect(screen.getByTestId('meeting-conflict').textContent).toContain('Elvin Quliyev');
  shown.unmount();
  const { unmount } = show(kend, MeetingScreen, { cluster: CLUSTER, id: 'meeting-1', asked: VERDICT });
  expect((await screen.findByTestId<HTMLButtonElement>('meeting-close')).disabled).toBe(true);
  await fireEvent.click(screen.getByTestId('choose-1'));
  await waitFor(() => { expect(screen.getByTestId<HTMLButtonElement>('meeting-close').disabled).toBe(false); });
  unmount();
});

it('before any meeting the place says what one is and begins it; who may not hold one reads', async () => {
  const { core, kend } = await kendOver({ cells: true, language: 'en', role: 'committee', place: 'browser' });
  const { unmount } = show(kend, ReadinessScreen, { cluster: CLUSTER, path: ['meeting'] });
  expect(await screen.findByTestId('meeting-none')).toBeTruthy();
  await fireEvent.click(screen.getByTestId('meeting-begin'));
  await waitFor(() => { expect(kend.router.route.path).toEqual(['meeting', 'meeting-1']); });
  expect(core.calls.some(({ method }) => method === 'beginMeeting')).toBe(true);
  unmount();
  const reader = await kendOver({ cells: true, language: 'en', role: 'analyst', place: 'browser', meetings: 'closed' });
  show(reader.kend, ReadinessScreen, { cluster: CLUSTER, path: ['meeting'] });
  const found = await screen.findByTestId('meeting-held');
  expect(screen.queryByTestId('meeting-begin')).toBeNull();
  expect(found.textContent).toContain('<5');
});

it('the overview shows the verdict of the last meeting that was closed, without small counts', async () => {
  const { kend } = await kendOver({ cells: true, language: 'en', meetings: 'closed' });
  show(kend, ReadinessScreen, { cluster: CLUSTER, path: [] });
  const verdict = await screen.findByTestId('committee-verdict');
  const row = verdict.querySelector('[data-card="class"]')!;
  expect([...row.querySelectorAll('.count')].map((each) => each.textContent)).toEqual(['9', '<5', '<5']);
  expect(verdict.textContent).toContain('First priority:');
});

it('on paper, which leaves the room, small counts are not told', async () => {
  const { shown } = await open(VERDICT, { meetings: 'closed' });
  const cell = screen.getByTestId('verdict').querySelector('[data-card="class"] .count:nth-of-type(2)')!;
  expect([cell.querySelector('.on-screen')?.textContent, cell.querySelector('.on-paper')?.textContent]).toEqual(['2', '<5']);
  const people = [...screen.getByTestId('verdict').querySelectorAll('p > .on-screen, p > .on-paper')].map((each) => each.textContent);
  expect(people.map((text) => text.includes('young people <5'))).toEqual([false, true]);
  shown.unmount();
});

it('outcomes count only what was counted', async () => {
  const { state } = await held({ meetings: 'closed' });
  expect(outcomesOf(state.summary!)).toEqual({ counted: 17, agreed: 11, objected: 3, divided: 3 });
});

it('only an address with a meeting takes the whole screen', () => {
  const route = { place: 'readiness', id: CLUSTER, path: ['meeting', 'meeting-1', 'class'] } as const;
  expect(meetingOf(route)).toEqual({ cluster: CLUSTER, id: 'meeting-1', asked: 'class' });
  expect(meetingOf({ ...route, path: ['meeting'] })).toBeNull();
  expect(meetingOf({ ...route, id: null })).toBeNull();
});
