import './lib/look/fonts.css';
import './lib/look/tokens.css';
import './lib/look/base.css';
import './lib/look/print.css';

import { mount } from 'svelte';

import App from './App.svelte';
import { connect } from './connect';
import { PageMicrophone } from './lib/attachments/microphone';
import { Recorder, pageRecorderTimers } from './lib/attachments/recorder.svelte';
import { Preferences } from './lib/preferences.svelte';
import { preparePrinting } from './lib/print';
import { Router } from './lib/router.svelte';
import { Session } from './lib/session.svelte';
import { Toasts } from './lib/toasts.svelte';

const api = connect();
const target = document.getElementById('app');
if (target === null) throw new Error('BUG: index.html has no #app');

const preferences = new Preferences({
  root: document.documentElement,
  storage: window.localStorage,
  prefers_dark: window.matchMedia('(prefers-color-scheme: dark)').matches,
  width_px: () => window.innerWidth,
});
window.addEventListener('resize', () => {
  preferences.fit();
});

preparePrinting(window);

const recorder = new Recorder(api, new PageMicrophone(), pageRecorderTimers);

mount(App, {
  target,
  props: { kend: { api, session: new Session(api), router: new Router(window), toasts: new Toasts(), preferences, recorder } },
});
