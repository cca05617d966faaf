import { screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';

import { ManualTimers, kendOver, settle, show } from '../../../tests/kend';
import { KendError } from '../../lib/api';
import ByFile from './ByFile.svelte';
import SyncScreen from './SyncScreen.svelte';
import { ASK_MS, ByFileState } from './by-file.svelte';

it('the only stick is chosen at once, and a folder that was typed stays', async () => {
  const { core } = await kendOver();
  const file = new ByFileState(core, new ManualTimers());
  await file.look();
  expect(file.folder).toBe('/media/STICK');
  file.folder = '/home/aynur';
  await file.look();
  expect(file.folder).toBe('/home/aynur');
});

it('one piece of work at a time, and none without a folder', async () => {
  const { core } = await kendOver();
  const file = new ByFileState(core, new ManualTimers());
  expect(await file.passOn()).toBe(false);
  file.folder = ' /media/STICK ';
  expect(await Promise.all([file.passOn(), file.takeIn()])).toEqual([true, false]);
  expect(core.calls.filter((call) => call.method === 'passOnByFile').map((call) => call.request)).toEqual([{ folder: '/media/STICK' }]);
});

it('while it works the progress is asked for, and no longer', async () => {
  const { core } = await kendOver();
  const timers = new ManualTimers();
  const file = new ByFileState(core, timers);
  file.folder = '/media/STICK';
  let end: () => void = () => undefined;
  core.takeInFile = () => new Promise((resolve) => {
    end = () => { resolve({ interviews: 0, entries_new: 0, receipts: 0, orders: 0, early: 0, refused: 0, whole: true, waiting_interviews: 0 }); };
  });
  const taking = file.takeIn();
  timers.pass(ASK_MS);
  await settle();
  expect(file.progress).toEqual({ working: true, done_kb: 5_120, total_kb: 16_600 });
  end();
  expect(await taking).toBe(true);
  const asked = core.calls.filter((call) => call.method === 'fileProgress').length;
  timers.pass(10 * ASK_MS);
  await settle();
  expect(core.calls.filter((call) => call.method === 'fileProgress')).toHaveLength(asked);
});

it('what can not be written is told in words, and the next try begins afresh', async () => {
  const { core } = await kendOver();
  const file = new ByFileState(core, new ManualTimers());
  file.folder = '/media/STICK';
  core.failing.set('passOnByFile', new KendError('stick_full'));
  expect(await file.passOn()).toBe(false);
  expect([file.error?.code, file.passed, file.work]).toEqual(['stick_full', null, null]);
  expect(await file.passOn()).toBe(true);
  expect(file.error).toBeNull();
});

it('the screen says in numbers what was written and what was taken in', async () => {
  const { kend } = await kendOver({ interviews: 2 });
  const moved = vi.fn();
  show(kend, ByFile, { given: { at: '2026-11-24T12:00:00Z', interviews: 2 }, moved });
  await settle();
  expect(screen.getByTestId('given').textContent).toContain('2 of them are on a stick');
  await userEvent.click(screen.getByTestId('pass-on'));
  await settle();
  expect(screen.getByTestId('passed-on').textContent).toMatch(/2 interviews · 3 recordings and pictures · 8\.1 MB/u);
  await userEvent.click(screen.getByTestId('take-in'));
  await settle();
  expect(screen.getByTestId('taken-in').textContent).toMatch(/2 receipts of the server\s*· 1 order of the server carried out/u);
  expect(screen.queryByTestId('passed-on')).toBeNull();
  expect(moved).toHaveBeenCalledTimes(2);
});

it('an interview stands at one stage: here, on a stick, at the hub or at the server', async () => {
  const { core, kend } = await kendOver({ interviews: 2 });
  await core.joinHub({ address: 'http://127.0.0.1:8470', code: 'K7Q2-94MX' });
  const { unmount } = show(kend, SyncScreen, {});
  await settle();
  expect(screen.getByTestId('sync-stages').textContent).toMatch(/device\s*2\s*Copied to a hub\s*0/u);
  unmount();
  await core.passOnByFile({ folder: '/media/STICK' });
  show(kend, SyncScreen, {});
  await settle();
  expect(screen.getByTestId('sync-stages').textContent).toMatch(/device\s*0\s*On a stick or card\s*2\s*Copied to a hub\s*0/u);
});
