import { screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';

import { kendOver, settle, show } from '../../../tests/kend';
import { KendError, type AttachmentsView } from '../../lib/api';
import Attachments from './Attachments.svelte';
import { AttachmentsState } from './attachments.svelte';

const NONE: AttachmentsView = {
  kept: 0, kept_kb: 0, copied: 0, safe: 0, not_here: 0, wanted: 0, damaged: 0, moving: null, most_kb: null, left_kb: null,
};

it('where there are none nothing is shown', async () => {
  const { core } = await kendOver();
  core.attachmentsState = () => Promise.resolve(NONE);
  const attachments = new AttachmentsState(core);
  await attachments.look();
  expect(attachments.any).toBe(false);
});

it('what moves is told in bytes and time, and what is damaged in words', async () => {
  const { core, kend } = await kendOver();
  core.attachmentsState = () =>
    Promise.resolve({
      ...NONE, kept: 1, kept_kb: 3_073, damaged: 1,
      moving: { attachment: 'ab', state: 'going_up', here: true, done_kb: 1_024, total_kb: 3_073, seconds_left: 90 },
    });
  show(kend, Attachments, {});
  await settle();
  expect(screen.getByTestId('attachment-moving').textContent).toMatch(/1.* 3.*2/s);
  expect(screen.getByTestId('attachments').dataset['kept']).toBe('1');
  expect(document.querySelector('.notice.urgent')).not.toBeNull();
  expect(screen.queryByTestId('make-room')).toBeNull();
});

it('room is made, and a bound is set and shown as set', async () => {
  const { core, kend } = await kendOver();
  show(kend, Attachments, {});
  await settle();
  await userEvent.click(screen.getByTestId('bound-1024'));
  await settle();
  expect(screen.getByTestId('bound-1024').getAttribute('aria-pressed')).toBe('true');
  expect(core.calls.filter((call) => call.method === 'limitAttachments').map((call) => call.request)).toEqual([{ most_kb: 1_024 }]);
});

it('what fails is told, and the counts stay', async () => {
  const { core } = await kendOver();
  const attachments = new AttachmentsState(core);
  await attachments.look();
  core.failing.set('makeRoom', new KendError('disk_refused'));
  await attachments.makeRoom();
  expect([attachments.error?.code, attachments.view?.safe, attachments.busy]).toEqual(['disk_refused', 2, false]);
});
