import { expect, it, vi } from 'vitest';

import { kendOver, settle } from '../../../tests/kend';
import { KendError } from '../../lib/api';
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

it('a code is asked for only after the hub did, sent once, and typed anew when it was wrong', async () => {
  const { core, kend } = await kendOver({ state: 'locked', place: 'browser' });
  const gate = new GateState(kend.session);
  Object.assign(gate, { name: 'Leyla', passphrase: 'a long enough one' });
  const enter = async (failing: 'code_needed' | 'wrong_code' | null, code: string) => {
    if (failing === null) core.failing.delete('signIn');
    else core.failing.set('signIn', new KendError(failing));
    gate.code = code;
    await gate.enter();
    return [gate.code_asked, gate.code, core.calls.at(-1)!.request];
  };
  const asked = { name: 'Leyla', password: 'a long enough one' };
  expect(await enter('code_needed', '')).toEqual([true, '', asked]);
  expect(await enter('wrong_code', ' 000000 ')).toEqual([true, '', { ...asked, code: '000000' }]);
  expect(gate.passphrase).toBe('a long enough one');
  expect(await enter(null, '123456')).toEqual([false, '', { ...asked, code: '123456' }]);
  expect(kend.session.status?.state).toBe('open');
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

it('says after a wipe why nothing is left', async () => {
  const { kend } = await kendOver();
  const wiped = new KendError('device_wiped');
  kend.session.noticed(wiped);
  await settle();
  expect(kend.session.error).toBe(wiped);
});
