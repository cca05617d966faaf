/**
 * The one way to the core: `invoke` in the app's window, `fetch` in a browser. Both take a command's wire name and one
 * request and answer its view or throw a `KendError`, so nothing above knows where it runs.
 */

import { invoke } from '@tauri-apps/api/core';

import { KendError, isApiError } from './error';

export type Call = (command: string, request: unknown) => Promise<unknown>;

/** Browsers refuse larger bodies for requests that outlive the page. */
const KEEPALIVE_LIMIT_BYTES = 60_000;

export const callWindow: Call = async (command, request) => {
  try {
    return await invoke<unknown>('call', { command, request });
  } catch (thrown) {
    throw KendError.from(thrown);
  }
};

export const callHub: Call = async (command, request) => {
  const body = JSON.stringify(request);
  let response: Response;
  try {
    response = await fetch(`/api/${command}`, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json' },
      body,
      // A page that is being closed still delivers what was typed last.
      keepalive: document.visibilityState === 'hidden' && body.length < KEEPALIVE_LIMIT_BYTES,
    });
  } catch (thrown) {
    throw new KendError('hub_unreachable', thrown instanceof Error ? thrown.message : null);
  }
  let answer: unknown;
  try {
    answer = await response.json();
  } catch {
    throw new KendError('hub_answer_damaged', `HTTP ${response.status}`);
  }
  if (response.ok) return answer;
  throw isApiError(answer) ? KendError.from(answer) : new KendError('hub_answer_damaged', `HTTP ${response.status}`);
};

/** The transport of the place that this page was opened in. */
export function callOfThisPlace(): Call {
  return '__TAURI_INTERNALS__' in window ? callWindow : callHub;
}
