/** `Api` over a transport, with the commands and their wire words as generated from Rust. */

import { commandWords, type Api } from './bridge';
import type { Call } from './transport';

export function apiOver(call: Call): Api {
  const methods = Object.entries(commandWords).map(([method, command]) => [
    method,
    (request: unknown) => call(command, request),
  ]);
  // The views are generated from the same Rust types that serialise them, so they are not checked again here.
  return Object.fromEntries(methods) as Api;
}
