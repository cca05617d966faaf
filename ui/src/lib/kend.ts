/** What every screen reaches by context: the core, the session, and the few things of the shell. */

import { createContext } from 'svelte';

import type { Api } from './api';
import type { Recorder } from './attachments/recorder.svelte';
import type { Preferences } from './preferences.svelte';
import type { Router } from './router.svelte';
import type { Session } from './session.svelte';
import type { Toasts } from './toasts.svelte';

export interface Kend {
  api: Api;
  session: Session;
  router: Router;
  toasts: Toasts;
  preferences: Preferences;
  recorder: Recorder;
}

export const [getKend, setKend] = createContext<Kend>();
