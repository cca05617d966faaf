import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { apiOver } from './client';
import { KendError } from './error';
import { callHub, callOfThisPlace, callWindow } from './transport';

const fetched = vi.fn<typeof fetch>();

beforeEach(() => {
  vi.stubGlobal('fetch', fetched);
});
afterEach(() => {
  vi.unstubAllGlobals();
  fetched.mockReset();
  Reflect.deleteProperty(window, '__TAURI_INTERNALS__');
});

const answer = (status: number, body: string) => fetched.mockResolvedValue(new Response(body, { status }));

it('a browser speaks to the hub that served the page', async () => {
  expect(callOfThisPlace()).toBe(callHub);
  answer(200, '[]');
  expect(await apiOver(callHub).listVillages({ near: null })).toEqual([]);
  expect(fetched).toHaveBeenCalledWith(
    '/api/list_villages',
    expect.objectContaining({ method: 'POST', credentials: 'same-origin', body: '{"near":null}' }),
  );
});

it('the window of the app speaks by one IPC command', async () => {
  const invoke = vi.fn().mockResolvedValue({ characters: 3 });
  Object.assign(window, { __TAURI_INTERNALS__: { invoke } });
  expect(callOfThisPlace()).toBe(callWindow);
  await apiOver(callWindow).keepDraft({ interview: 'i', path: 'notes', text: 'abc' });
  expect(invoke.mock.calls[0]!.slice(0, 2)).toEqual([
    'call',
    { command: 'keep_draft', request: { interview: 'i', path: 'notes', text: 'abc' } },
  ]);
});

it('an error of the core keeps its code and detail, from both places', async () => {
  answer(422, '{"code":"bad_answer","detail":"0 to 40"}');
  await expect(callHub('record_answer', {})).rejects.toMatchObject({ code: 'bad_answer', detail: '0 to 40' });
  Object.assign(window, { __TAURI_INTERNALS__: { invoke: () => Promise.reject({ code: 'locked', detail: null }) } });
  await expect(callWindow('status', {})).rejects.toMatchObject({ code: 'locked', detail: null });
});

it('what is no answer of a hub is told apart from no answer', async () => {
  answer(502, '<html>');
  await expect(callHub('status', {})).rejects.toMatchObject({ code: 'hub_answer_damaged' });
  answer(500, '{"code":"never heard of"}');
  await expect(callHub('status', {})).rejects.toMatchObject({ code: 'hub_answer_damaged' });
  fetched.mockRejectedValue(new TypeError('Failed to fetch'));
  await expect(callHub('status', {})).rejects.toMatchObject({ code: 'hub_unreachable' });
});

it('only what may pass by itself is worth trying again', () => {
  expect(new KendError('disk_refused').retryable).toBe(true);
  expect(new KendError('bad_answer').retryable).toBe(false);
  expect(KendError.from('boom')).toMatchObject({ code: 'internal', detail: 'boom' });
});

it('a code of another version is no error that the screens have words for', () => {
  expect(KendError.from({ code: 'toString', detail: null }).code).toBe('internal');
  expect(KendError.from({ code: 'locked', detail: 7 }).code).toBe('internal');
  expect(KendError.from({ code: 'locked', detail: null }).code).toBe('locked');
});
