import { expect, it } from 'vitest';

import { kendOver, settle } from '../../../tests/kend';
import { KendError } from '../../lib/api';
import { SyncState, base64Of } from './sync.svelte';

it('joining starts from what the app was started with and then forgets the code', async () => {
  const { core, kend } = await kendOver();
  const sync = new SyncState(core, kend.session.status!.suggested_hub, kend.session.status!.suggested_code);
  expect([sync.address, sync.code]).toEqual(['http://127.0.0.1:8470', 'K7Q2-94MX']);
  await sync.join();
  expect(sync.view!.hub!.address).toBe('http://127.0.0.1:8470');
  expect(sync.code).toBe('');
});

it('a joining line needs no code beside it, an address alone does', async () => {
  const { core } = await kendOver();
  const can_join = (address: string, code: string) =>
    Object.assign(new SyncState(core, null, null), { address, code }).can_join;
  expect(can_join('kend://192.168.1.5:8470/#pin=AAAA&code=ABCD', '')).toBe(true);
  expect(can_join('http://127.0.0.1:8470/#code=ABCD', '')).toBe(true);
  expect(can_join('kend://192.168.1.5:8470/#pin=AAAA', 'ABCD')).toBe(true);
  expect(can_join('kend://192.168.1.5:8470/#pin=AAAA', ' ')).toBe(false);
  expect(can_join('kend://192.168.1.5:8470/#pin=AAAA&code=', '')).toBe(false);
  expect(can_join(' ', 'ABCD')).toBe(false);
});

it('does one piece of work at a time', async () => {
  const { core } = await kendOver();
  const sync = new SyncState(core, null, null);
  const [first, second] = await Promise.all([sync.sync(), sync.sync()]);
  expect([first, second]).toEqual([true, false]);
  expect(core.calls.filter((call) => call.method === 'sync')).toHaveLength(1);
});

it('a hub that does not answer changes nothing on the screen but the words about it', async () => {
  const { core } = await kendOver({ interviews: 2 });
  const sync = new SyncState(core, null, null);
  await sync.load();
  const before = sync.view;
  core.failing.set('sync', new KendError('hub_unreachable'));
  expect(await sync.sync()).toBe(false);
  expect(sync.error?.code).toBe('hub_unreachable');
  expect(sync.view).toBe(before);
  expect(sync.work).toBeNull();
});

it('a pack of another signer waits until a person confirms, and then goes over again as it was', async () => {
  const { core } = await kendOver();
  const sync = new SyncState(core, null, null);
  core.failing.set('importPack', new KendError('pack_other_signer', 'Office, key 1234'));
  expect(await sync.importPack(new Uint8Array([1, 2]))).toBe(false);
  expect([sync.signer_asked, sync.error?.detail]).toEqual([true, 'Office, key 1234']);
  expect(await sync.confirmSigner()).toBe(true);
  expect(core.calls.filter(({ method }) => method === 'importPack').map(({ request }) => request)).toEqual([
    { content_base64: 'AQI=', accept_signer: false },
    { content_base64: 'AQI=', accept_signer: true },
  ]);
  expect([sync.signer_asked, await sync.confirmSigner()]).toEqual([false, false]);
});

it('once other work has taken the words about a signer away, that signer can not be confirmed', async () => {
  const { core } = await kendOver();
  const sync = new SyncState(core, null, null);
  const imports = () => core.calls.filter(({ method }) => method === 'importPack').length;
  for (const next of ['fine', 'hub_unreachable', 'pack_other_signer'] as const) {
    core.failing.set('importPack', new KendError('pack_other_signer', 'Office, key 1234'));
    await sync.importPack(new Uint8Array([1, 2]));
    expect(sync.signer_asked).toBe(true);
    if (next !== 'fine') core.failing.set('sync', new KendError(next));
    await sync.sync();
    const before = imports();
    expect([next, sync.signer_asked, await sync.confirmSigner(), imports()]).toEqual([next, false, false, before]);
  }
});

it('a pack goes over as base64 whatever bytes and size it has', () => {
  const content = Uint8Array.from({ length: 100_000 }, (_, index) => index % 256);
  expect(Uint8Array.from(atob(base64Of(content)), (letter) => letter.charCodeAt(0))).toEqual(content);
});

it('an instrument is taken only from its three sheets together', async () => {
  const { core } = await kendOver();
  const sync = new SyncState(core, null, null);
  const file = (name: string) => ({ name, text: () => Promise.resolve(`${name}!`) });
  expect(await sync.importInstrument([file('survey.csv'), file('choices.csv')])).toBe(false);
  expect(sync.sheets_missing).toBe(true);
  await settle();
  expect(core.calls.some((call) => call.method === 'importInstrument')).toBe(false);
  expect(await sync.importInstrument([file('Settings.csv'), file('survey.csv'), file('choices.csv')])).toBe(true);
  expect(core.calls.at(-1)!.request).toEqual({ survey: 'survey.csv!', choices: 'choices.csv!', settings: 'Settings.csv!' });
});

it('shows how far an exchange is while it is under way, and forgets it when it ends', async () => {
  const { core } = await kendOver({ interviews: 2 });
  const sync = new SyncState(core, null, null);
  await sync.load();
  const progress = { entries_done: 20, entries_to_do: 143, bytes_done: 9_000, bytes_to_do: 62_000, seconds_left: 71 };
  const whole = core.syncState;
  core.syncState = async (request) => ({ ...(await whole(request)), progress });
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const exchanged = core.sync;
  core.sync = async (request) => {
    await answered;
    return exchanged(request);
  };
  const exchange = sync.sync();
  await sync.look();
  expect(sync.progress).toEqual(progress);
  answer();
  await exchange;
  expect(sync.progress).toBeNull();
  await sync.look();
  expect(sync.progress).toBeNull();
});
