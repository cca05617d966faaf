import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';

import type { FakeCore, FakeOptions } from '../../../tests/fake-api';
import { kendOver, settle, show } from '../../../tests/kend';
import { KendError } from '../../lib/api';
import type { Microphone } from '../../lib/attachments/microphone';
import RecorderBar from '../../lib/attachments/RecorderBar.svelte';
import InterviewScreen from './InterviewScreen.svelte';

URL.createObjectURL ??= () => 'blob:synthetic';
URL.revokeObjectURL ??= () => undefined;
window.matchMedia ??= () => ({ matches: false }) as MediaQueryList;

/** Says one byte when it begins. */
const MICROPHONE: Microphone = {
  records: true,
  open: (_bits, piece) =>
    Promise.resolve({
      media_type: 'audio/webm;codecs=opus',
      begin: () => { piece(Uint8Array.of(7)); },
      pause: () => undefined,
      resume: () => undefined,
      stop: () => Promise.resolve(),
      level: () => 0.5,
    }),
};

type Made = Awaited<ReturnType<typeof kendOver>> & { interview: FakeCore['interviews'][number] };

async function open(options: FakeOptions = {}, microphone: Microphone = MICROPHONE, before: (made: Made) => void = () => undefined) {
  const { core, kend } = await kendOver({ language: 'en', interviews: 2, filled: true, ...options }, microphone);
  const interview = core.interviews[0]!;
  before({ core, kend, interview });
  show(kend, RecorderBar, {});
  show(kend, InterviewScreen, { interview: interview.id });
  await screen.findByTestId('section-title');
  const user = userEvent.setup();
  await user.click(screen.getByTestId('chip-materials'));
  return { core, kend, interview, user };
}

const photo = (bytes = 3000, type = 'image/png') => new File([new Uint8Array(bytes).fill(7)], 'su.png', { type });

it('a recording goes on while the person takes notes, and is an answer when it is finished', async () => {
  const { user, interview } = await open();
  await user.click(screen.getByTestId('record-recording'));
  await waitFor(() => {
    expect(screen.getByTestId('recorder').dataset.state).toBe('recording');
  });
  expect(screen.getByTestId('being-recorded').textContent).toContain('Being recorded');
  await user.click(screen.getByTestId('chip-health'));
  await user.type(screen.getByTestId('field-health_notes'), 'Həkim');
  expect(screen.getByTestId('recorder').dataset.state).toBe('recording');
  expect(screen.getByTestId('recorder-level').getAttribute('aria-label')).toBe('Loudness');
  await user.click(screen.getByTestId('recorder-pause'));
  expect(screen.getByTestId('recorder').dataset.state).toBe('paused');
  await user.click(screen.getByTestId('recorder-finish'));
  await waitFor(() => {
    expect(screen.queryByTestId('recorder')).toBeNull();
  });
  await user.click(screen.getByTestId('chip-materials'));
  const entry = `entry-${interview.instances.get('recording')![0]!}`;
  expect(within(screen.getByTestId(entry)).getByTestId('file').textContent).toContain('.webm');
});

it('a window without a recorder says so and takes a file', async () => {
  const { user, interview } = await open({}, { records: false, open: () => Promise.reject(new Error()) });
  expect(screen.queryByTestId('record-recording')).toBeNull();
  expect(screen.getByTestId('no-recorder').textContent).toContain('cannot record');
  await user.upload(screen.getByTestId('input-recording'), new File(['abc'], 'səs.mp3', { type: 'audio/mpeg' }));
  await waitFor(() => {
    expect(interview.answers.get(`recording/${interview.instances.get('recording')![0]!}/recording_sound`)).toBeDefined();
  });
});

it('a microphone that is not allowed is said beside the card, and no entry is left', async () => {
  const { user, interview } = await open({}, { records: true, open: () => Promise.reject('not_allowed') });
  await user.click(screen.getByTestId('record-recording'));
  expect((await screen.findByTestId('recorder-trouble')).dataset.what).toBe('not_allowed');
  expect(interview.instances.get('recording') ?? []).toEqual([]);
});

it('a photo is added, shown and removed, and undo brings it back', async () => {
  const { user, interview, kend } = await open();
  await user.upload(screen.getByTestId('input-photo'), photo());
  const picture = await screen.findByTestId('picture');
  expect(picture.getAttribute('alt')).toBe('Picture');
  expect(screen.getByTestId('file-kept').dataset.kept).toBe('kept');
  await user.click(within(screen.getByTestId('question-photo')).getByTestId(/^remove-file-photo/u));
  await waitFor(() => {
    expect(interview.instances.get('photo')).toEqual([]);
  });
  kend.toasts.list[0]!.action!.run();
  expect(await screen.findByTestId('picture')).toBeDefined();
});

it('a file that the core refuses leaves nothing behind and says why', async () => {
  const { user, interview, core } = await open();
  core.failing.set('attach', new KendError('wrong_media', 'image/png'));
  await user.upload(screen.getByTestId('input-photo'), photo());
  expect((await screen.findByTestId('error')).dataset.code).toBe('wrong_media');
  expect(interview.instances.get('photo')).toEqual([]);
});

it('a file that is too large is refused before a byte of it is kept', async () => {
  const { user, core } = await open();
  await user.upload(screen.getByTestId('input-photo'), photo(10 * 1024 * 1024 + 1));
  expect((await screen.findByTestId('error')).dataset.code).toBe('too_large');
  expect(core.calls.some((call) => call.method === 'keepPiece')).toBe(false);
});

it('what broke off is offered: sound can be kept, anything can be dropped', async () => {
  const path = 'recording/old/recording_sound';
  const { user, interview } = await open({}, MICROPHONE, ({ core, interview: of }) => {
    of.instances.set('recording', ['old']);
    core.files.keep({ interview: of.id, path, at_bytes: 0, content_base64: btoa('sound') });
    core.files.keep({ interview: of.id, path: 'paper_notes', at_bytes: 0, content_base64: btoa('half') });
  });
  await user.click(await screen.findByTestId('keep-unfinished'));
  await waitFor(() => {
    expect(interview.answers.get(path)).toBeDefined();
  });
  expect(within(screen.getByTestId('unfinished-paper_notes')).queryByTestId('keep-unfinished')).toBeNull();
  await user.click(within(screen.getByTestId('unfinished-paper_notes')).getByTestId('drop-unfinished'));
  expect(await screen.findByTestId('choose-file-paper_notes')).toBeDefined();
});

it('sound is played from any place and at any speed, by keyboard too', async () => {
  const { user } = await open({}, MICROPHONE, ({ core, interview: of }) => {
    of.instances.set('recording', ['old']);
    const path = 'recording/old/recording_sound';
    const file = { file_name: 'səs.ogg', media_type: 'audio/ogg', duration_ms: 125_000 };
    of.answers.set(path, core.files.put({ interview: of.id, path }, file, new Uint8Array(5000)));
  });
  expect(screen.getByTestId('file').textContent).toContain('2:05');
  await user.click(screen.getByTestId('open-file'));
  const seek = await screen.findByTestId<HTMLInputElement>('seek');
  expect(seek.getAttribute('aria-valuetext')).toBe('0:00 of 2:05');
  seek.focus();
  await user.keyboard('{PageUp}{ArrowRight}');
  expect(seek.getAttribute('aria-valuetext')).toBe('1:05 of 2:05');
  await user.selectOptions(screen.getByTestId('speed'), '1.5');
  expect(document.querySelector('audio')!.playbackRate).toBe(1.5);
});

it('a supervisor in a browser plays from the hub and adds nothing', async () => {
  const { interview, core, kend } = await kendOver({ language: 'en', interviews: 2, filled: true, role: 'supervisor', place: 'browser' }).then((made) => ({ ...made, interview: made.core.interviews[0]! }));
  interview.instances.set('recording', ['old']);
  const target = { interview: interview.id, path: 'recording/old/recording_sound' };
  const of = { file_name: 'səs.ogg', media_type: 'audio/ogg', duration_ms: 1000 };
  interview.answers.set(target.path, core.files.put(target, of, new Uint8Array(5)));
  show(kend, InterviewScreen, { interview: interview.id });
  await userEvent.setup().click(await screen.findByTestId('chip-materials'));
  expect(document.querySelector('audio')!.getAttribute('src')).toBe(`/attachments/${interview.id}/file-1/${target.path}`);
  expect(screen.queryByTestId('record-recording')).toBeNull();
  expect(screen.queryByTestId('choose-file-recording')).toBeNull();
});

it('how far files are is looked at once in a while, not all the time', async () => {
  const { core } = await open({}, MICROPHONE, ({ core: made, interview: of }) => {
    of.answers.set('paper_notes', made.files.put({ interview: of.id, path: 'paper_notes' }, { file_name: 'a.pdf', media_type: 'application/pdf', duration_ms: null }, new Uint8Array(9)));
  });
  await settle(200);
  expect(core.calls.filter((call) => call.method === 'attachmentsOf').length).toBe(1);
});

it('a file that is not on this device is fetched when somebody asks for it', async () => {
  const { user, core } = await open({}, MICROPHONE, ({ core: made, interview: of }) => {
    const target = { interview: of.id, path: 'paper_notes' };
    of.answers.set('paper_notes', made.files.put(target, { file_name: 'a.pdf', media_type: 'application/pdf', duration_ms: null }, new Uint8Array(9)));
    made.files.of(of.id).attachment(of.answers.get('paper_notes') as string)!.here = false;
  });
  await user.click(screen.getByTestId('fetch-file'));
  expect(core.calls.some((call) => call.method === 'fetchAttachment')).toBe(true);
});
