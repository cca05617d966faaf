import { describe, expect, it } from 'vitest';

import { FakeCore } from '../../../tests/fake-api';
import { ManualTimers, recorderTimers, settle } from '../../../tests/kend';
import { KendError, type TakesView } from '../api';
import type { Microphone, NoSound } from './microphone';
import { base64Of, bytesOf } from './pieces';
import { Recorder, fileName, type Wanted } from './recorder.svelte';

const TAKES: TakesView = { media_types: ['audio/*'], most_bytes: 1024 * 1024, most_pixels: null, bits_per_second: 24_000 };
const PATH = 'recording/one/recording_sound';

/** A microphone that says what a test tells it to. */
class FakeMicrophone implements Microphone {
  records = true;
  refuses: NoSound | null = null;
  heard = 0.5;
  state = 'closed';
  piece: (bytes: Uint8Array) => void = () => undefined;
  ended: () => void = () => undefined;
  last: Uint8Array | null = null;

  open: Microphone['open'] = async (_bits, piece, ended) => {
    await Promise.resolve();
    if (this.refuses !== null) throw this.refuses;
    [this.piece, this.ended, this.state] = [piece, ended, 'open'];
    return {
      media_type: 'audio/webm;codecs=opus',
      begin: () => (this.state = 'recording'),
      pause: () => (this.state = 'paused'),
      resume: () => (this.state = 'recording'),
      stop: async () => {
        await Promise.resolve();
        if (this.last !== null) piece(this.last);
        this.state = 'closed';
      },
      level: () => this.heard,
    };
  };
}

function place(takes: TakesView = TAKES) {
  const core = new FakeCore({ interviews: 1 });
  const [microphone, timers] = [new FakeMicrophone(), new ManualTimers()];
  const recorder = new Recorder(core, microphone, recorderTimers(timers));
  const interview = core.interviews[0]!;
  const target = { interview: interview.id, path: PATH };
  const wanted: Wanted = { interview: interview.id, card: 'recording', place: 'Dondar Quşçu', takes, room: () => Promise.resolve(PATH) };
  return { core, microphone, timers, recorder, interview, target, wanted };
}

const bytes = (...of: number[]) => Uint8Array.from(of);

describe('a recording', () => {
  it('is durable piece by piece and becomes the answer with how long it plays', async () => {
    const { core, microphone, timers, recorder, interview, target, wanted } = place();
    expect(await recorder.start(wanted)).toBe(true);
    expect(recorder.isAt(target)).toBe(true);
    timers.pass(1000);
    microphone.piece(bytes(1, 2, 3));
    await settle();
    expect([recorder.kept_bytes, recorder.waiting_bytes]).toEqual([3, 0]);
    expect([...core.files.pieces(target)]).toEqual([1, 2, 3]);
    timers.pass(500);
    microphone.last = bytes(4, 5);
    expect(await recorder.finish()).toBe(true);
    const answer = interview.answers.get(PATH) as string;
    const file = core.files.of(interview.id).attachment(answer)!;
    expect(file).toMatchObject({ size_bytes: 5, media_type: 'audio/webm', duration_ms: 1500 });
    expect(file.file_name).toMatch(/^Dondar Quşçu 2026-11-24 \d\d\.00\.webm$/u);
    expect([recorder.state, recorder.added.interview, microphone.state]).toEqual(['idle', interview.id, 'closed']);
  });

  it('counts no time and shows no sound while it is paused', async () => {
    const { microphone, timers, recorder, wanted } = place();
    await recorder.start(wanted);
    timers.pass(2000);
    expect([recorder.elapsed_ms, recorder.level]).toEqual([2000, 0.5]);
    recorder.pause();
    expect([recorder.state, microphone.state, recorder.level]).toEqual(['paused', 'paused', 0]);
    timers.pass(60_000);
    recorder.resume();
    timers.pass(300);
    expect([recorder.elapsed_ms, microphone.state]).toEqual([2300, 'recording']);
  });

  it('says when nothing is heard for ten seconds', async () => {
    const { microphone, timers, recorder, wanted } = place();
    await recorder.start(wanted);
    microphone.heard = 0;
    timers.pass(9000);
    expect(recorder.silent).toBe(false);
    timers.pass(2000);
    expect(recorder.silent).toBe(true);
    microphone.heard = 0.2;
    timers.pass(200);
    expect(recorder.silent).toBe(false);
  });

  it('holds its pieces in order while the disk refuses, says so, and goes on', async () => {
    const { core, microphone, recorder, target, wanted } = place();
    await recorder.start(wanted);
    core.failing.set('keepPiece', new KendError('disk_refused'));
    microphone.piece(bytes(1));
    microphone.piece(bytes(2));
    await settle(2);
    expect(recorder.error?.code).toBe('disk_refused');
    expect(recorder.waiting_bytes).toBe(2);
    await settle();
    expect([...core.files.pieces(target)]).toEqual([1, 2]);
    expect([recorder.error, recorder.waiting_bytes, recorder.state]).toEqual([null, 0, 'recording']);
  });

  it('ends where consent is withdrawn, and says why', async () => {
    const { core, microphone, recorder, wanted } = place();
    await recorder.start(wanted);
    core.failing.set('keepPiece', new KendError('wrong_state'));
    microphone.piece(bytes(1));
    await settle();
    expect([recorder.state, microphone.state]).toEqual(['idle', 'closed']);
    expect(recorder.trouble).toMatchObject({ card: 'recording', what: 'refused', error: { code: 'wrong_state' } });
  });

  it('is kept when the microphone goes away', async () => {
    const { microphone, recorder, interview, wanted } = place();
    await recorder.start(wanted);
    microphone.piece(bytes(1));
    await settle();
    microphone.ended();
    await settle();
    expect(interview.answers.get(PATH)).toBeDefined();
    expect(recorder.trouble?.what).toBe('interrupted');
  });

  it('is finished before it grows larger than an answer may be', async () => {
    const { microphone, recorder, interview, wanted } = place({ ...TAKES, most_bytes: 128 * 1024 + 2 });
    await recorder.start(wanted);
    microphone.piece(bytes(1, 2));
    await settle();
    expect(recorder.state).toBe('recording');
    microphone.piece(bytes(3));
    await settle(40);
    expect([recorder.state, recorder.trouble?.what]).toEqual(['idle', 'largest']);
    expect(interview.answers.get(PATH)).toBeDefined();
  });

  it('keeps its pieces to be offered when they can not become the answer', async () => {
    const { core, microphone, recorder, target, wanted } = place();
    await recorder.start(wanted);
    microphone.piece(bytes(1));
    core.failing.set('attach', new KendError('disk_refused'));
    expect(await recorder.finish()).toBe(false);
    expect(recorder.trouble?.error?.code).toBe('disk_refused');
    expect([...core.files.pieces(target)]).toEqual([1]);
  });

  it.each(['no_recorder', 'no_microphone', 'not_allowed'] as const)('does not begin with %s and makes no room', async (refuses) => {
    const { microphone, recorder, wanted } = place();
    microphone.refuses = refuses;
    let asked = false;
    const room = () => {
      asked = true;
      return Promise.resolve(PATH);
    };
    expect(await recorder.start({ ...wanted, room })).toBe(false);
    expect([recorder.state, recorder.trouble?.what, asked]).toEqual(['idle', refuses, false]);
  });

  it('closes the microphone where there is no room for it', async () => {
    const { microphone, recorder, wanted } = place();
    expect(await recorder.start({ ...wanted, room: () => Promise.resolve(null) })).toBe(false);
    expect([recorder.state, microphone.state]).toEqual(['idle', 'closed']);
  });

  it('is the only one', async () => {
    const { recorder, wanted } = place();
    await recorder.start(wanted);
    expect(await recorder.start({ ...wanted, card: 'other' })).toBe(false);
    expect(recorder.wanted?.card).toBe('recording');
  });
});

it('a piece larger than may cross at once is cut', async () => {
  const { core, microphone, recorder, target, wanted } = place();
  await recorder.start(wanted);
  const sound = Uint8Array.from({ length: 600_000 }, (_, at) => at % 251);
  microphone.piece(sound);
  await settle(40);
  expect(base64Of(core.files.pieces(target)) === base64Of(sound)).toBe(true);
  const sent = core.calls.filter((call) => call.method === 'keepPiece').map((call) => call.request as { content_base64: string });
  expect(sent.map((each) => bytesOf(each.content_base64).length)).toEqual([262_144, 262_144, 75_712]);
});

it('a recording is called by its place without what no file may have in its name', () => {
  expect(fileName('A/B\\C', 'audio/ogg;codecs=opus', new Date(2026, 10, 24, 9, 5).getTime())).toBe('A B C 2026-11-24 09.05.ogg');
});
