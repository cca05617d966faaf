import { expect, it, vi } from 'vitest';

import { KendError } from '../../lib/api';
import { kendOver } from '../../../tests/kend';
import { GateState } from './gate.svelte';

it('the way in follows the place and the store', async () => {
  const way = async (options: Parameters<typeof kendOver>[0]) => new GateState((await kendOver(options)).kend.session).way;
  expect(await way({ state: 'new' })).toBe('create');
  expect(await way({ state: 'locked' })).toBe('unlock');
  expect(await way({ state: 'locked', place: 'browser' })).toBe('sign_in');
});

it('a new store needs a name and twice the same long passphrase before anything is asked of the core', async () => {
  const { core, kend } = await kendOver({ state: 'new' });
  const gate = new GateState(kend.session);
  const problems: (string | null)[] = [];
  for (const [name, passphrase, repeated] of [
    ['', 'long enough', 'long enough'],
    ['Aygün', 'short', 'short'],
    ['Aygün', 'long enough', 'long enouhg'],
  ] as const) {
    Object.assign(gate, { name, passphrase, repeated });
    await gate.enter();
    problems.push(gate.problem);
  }
  expect(problems).toEqual(['session.name.missing', 'session.passphrase.short', 'session.passphrase.different']);
  expect(core.calls.map((call) => call.method)).toEqual(['status']);

  gate.repeated = 'long enough';
  await gate.enter();
  expect(kend.session.status?.state).toBe('open');
  expect(gate.passphrase).toBe('');
});

it('a wrong passphrase stays in its field and says so', async () => {
  const { kend } = await kendOver({ state: 'locked' });
  const gate = new GateState(kend.session);
  gate.passphrase = 'wrong';
  await gate.enter();
  expect(kend.session.error?.code).toBe('wrong_passphrase');
  expect(kend.session.status?.state).toBe('locked');
  expect(gate.passphrase).toBe('wrong');
});

it('a damaged store is offered to be repaired, with the passphrase, and says what came of it', async () => {
  const { core, kend } = await kendOver({ state: 'locked' });
  const gate = new GateState(kend.session);
  core.rot();
  core.failing.set('unlock', new KendError('store_damaged'));
  gate.passphrase = 'right';
  await gate.enter();
  expect(gate.way).toBe('repair');
  expect(kend.session.error?.code).toBe('store_damaged');
  gate.passphrase = 'wrong';
  await gate.enter();
  expect(kend.session.error?.code).toBe('wrong_passphrase');
  expect(gate.way).toBe('repair');
  gate.passphrase = 'right';
  await gate.enter();
  expect(kend.session.status).toMatchObject({ state: 'open', store: 'mended_in_part' });
});

it('damage that is found at work leads to the gate, and a disk that does not write is told', async () => {
  const { core, kend } = await kendOver({ state: 'open' });
  core.rot();
  kend.session.noticed(new KendError('store_damaged'));
  await vi.waitFor(() => {
    expect(kend.session.status?.state).toBe('locked');
  });
  expect(new GateState(kend.session).way).toBe('repair');
});
