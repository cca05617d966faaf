import { expect, it } from 'vitest';

import { kendOver } from '../../../tests/kend';
import { InterviewsState, inboxGroup } from './interviews.svelte';

it('every interview of the inbox is in the one group that needs a person first', async () => {
  const { core } = await kendOver({ role: 'supervisor', interviews: 1 });
  const [summary] = await core.listInterviews({});
  const group = (changes: object) => inboxGroup({ ...summary!, state: 'complete', ...changes });
  expect(group({})).toBe('new');
  expect(group({ checks: ['too_short'] })).toBe('flagged');
  expect(group({ checks: ['too_short'], conflicts: 1 })).toBe('conflict');
  expect(group({ state: 'returned' })).toBe('returned');
  expect(group({ state: 'approved' })).toBe('approved');
  expect(group({ state: 'approved', changed_since_approval: true })).toBe('new');
  expect(group({ state: 'draft' })).toBe('draft');
  expect(group({ state: 'erased' })).toBeNull();
});

it('the first group that holds something is open until a person chooses', async () => {
  const { core } = await kendOver({ role: 'supervisor', interviews: 6 });
  const interviews = new InterviewsState(core);
  await interviews.load();
  expect(interviews.group).toBe('new');
  core.interviews.forEach((interview) => (interview.state = 'approved'));
  await interviews.load();
  expect(interviews.group).toBe('approved');
  interviews.chosen_group = 'flagged';
  expect(interviews.group).toBe('flagged');
});

it('returned interviews stand first, the latest of a state on top', async () => {
  const { core } = await kendOver({ interviews: 6 });
  const interviews = new InterviewsState(core);
  await interviews.load();
  expect(interviews.byState.map((group) => group.state)).toEqual(['returned', 'draft', 'complete', 'approved']);
  const starts = interviews.byState[1]!.list.map((summary) => summary.started_at);
  expect(starts).toEqual([...starts].sort().reverse());
});
