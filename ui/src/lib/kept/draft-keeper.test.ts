import { beforeEach, describe, expect, it } from 'vitest';

import { ManualTimers } from '../../../tests/kend';
import { KendError } from '../api';
import { DraftKeeper, FIRST_RETRY_MS, LONGEST_WAIT_MS, PAUSE_MS, countCharacters } from './draft-keeper';

interface Request {
  kind: 'keep' | 'record';
  path: string;
  text: string;
  succeed(characters?: number): Promise<void>;
  fail(error: KendError): Promise<void>;
}

const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

describe('the draft keeper', () => {
  let clock: ManualTimers;
  let requests: Request[];
  let keeper: DraftKeeper;

  function ask<T>(kind: Request['kind'], path: string, text: string, answer: (characters: number) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      requests.push({
        kind,
        path,
        text,
        succeed: (characters = countCharacters(text)) => (resolve(answer(characters)), settled()),
        fail: (error) => (reject(error), settled()),
      });
    });
  }

  beforeEach(() => {
    clock = new ManualTimers();
    requests = [];
    keeper = new DraftKeeper(
      {
        keep: (path, text) => ask('keep', path, text, (characters) => characters),
        record: (path, text) => ask('record', path, text, () => undefined),
        errorOf: (thrown) => KendError.from(thrown),
        changed: () => undefined,
      },
      clock,
    );
    keeper.take('notes', '', null);
  });

  it('sends the text after a pause of 300 ms', () => {
    keeper.type('notes', 'su');
    clock.pass(PAUSE_MS - 1);
    expect(requests).toHaveLength(0);
    clock.pass(1);
    expect(requests.map((request) => request.text)).toEqual(['su']);
  });

  it('sends at least every second while someone types without a pause', () => {
    for (let letter = 1; letter <= 21; letter += 1) {
      keeper.type('notes', 'ə'.repeat(letter));
      clock.pass(100);
    }
    expect(requests).toHaveLength(1);
    expect(requests[0]!.text).toBe('ə'.repeat(LONGEST_WAIT_MS / 100));
  });

  it('never has two requests of one question in flight and then sends the newest text', async () => {
    keeper.type('notes', 'one');
    clock.pass(PAUSE_MS);
    keeper.type('notes', 'one two');
    clock.pass(5000);
    keeper.type('notes', 'one two three');
    clock.pass(5000);
    expect(requests).toHaveLength(1);
    await requests[0]!.succeed();
    clock.pass(PAUSE_MS);
    expect(requests.map((request) => request.text)).toEqual(['one', 'one two three']);
  });

  it('keeps two questions apart', () => {
    keeper.type('notes', 'a');
    keeper.type('need', 'b');
    clock.pass(PAUSE_MS);
    expect(requests.map((request) => request.path)).toEqual(['notes', 'need']);
  });

  it('says kept exactly while what is on the screen is durable', async () => {
    expect(keeper.mark('notes')).toMatchObject({ kept: true, kept_characters: 0 });
    keeper.type('notes', 'Gəncə 😀');
    expect(keeper.mark('notes')).toMatchObject({ kept: false, kept_characters: 0 });
    clock.pass(PAUSE_MS);
    await requests[0]!.succeed();
    expect(keeper.mark('notes')).toMatchObject({ kept: true, kept_characters: 7 });
    keeper.type('notes', 'Gəncə 😀!');
    expect(keeper.mark('notes')).toMatchObject({ kept: false, kept_characters: 7 });
    keeper.type('notes', 'Gəncə 😀');
    expect(keeper.mark('notes')).toMatchObject({ kept: true });
  });

  it('does not say kept when the core counts other characters than the screen', async () => {
    keeper.type('notes', 'abc');
    clock.pass(PAUSE_MS);
    await requests[0]!.succeed(2);
    expect(keeper.mark('notes')).toMatchObject({ kept: false, kept_characters: 2 });
  });

  it('tries again after a failure, with the newest text, and keeps the screen as it is', async () => {
    keeper.type('notes', 'one');
    clock.pass(PAUSE_MS);
    await requests[0]!.fail(new KendError('disk_refused'));
    expect(keeper.mark('notes')).toMatchObject({ text: 'one', kept: false, error: { code: 'disk_refused' } });
    keeper.take('notes', '', null);
    expect(keeper.mark('notes')).toMatchObject({ text: 'one' });
    clock.pass(FIRST_RETRY_MS);
    expect(requests.map((request) => request.text)).toEqual(['one', 'one']);
    await requests[1]!.succeed();
    expect(keeper.mark('notes')).toMatchObject({ kept: true, error: null });
  });

  it('records when the field is left, only after the request in flight and with the newest text', async () => {
    keeper.type('notes', 'one');
    clock.pass(PAUSE_MS);
    keeper.type('notes', 'one two');
    const left = keeper.leave('notes');
    expect(requests).toHaveLength(1);
    await requests[0]!.succeed();
    expect(requests.map((request) => [request.kind, request.text])).toEqual([
      ['keep', 'one'],
      ['record', 'one two'],
    ]);
    await requests[1]!.succeed();
    await left;
    clock.pass(10_000);
    expect(requests).toHaveLength(2);
    expect(keeper.mark('notes')).toMatchObject({ kept: true, kept_characters: 7 });
  });

  it('makes a draft from before the battery died an answer when everything is left', async () => {
    keeper.take('need', 'old', 'old and new');
    expect(keeper.mark('need')).toMatchObject({ text: 'old and new', kept: true });
    const left = keeper.leaveAll();
    expect(requests.map((request) => [request.kind, request.path, request.text])).toEqual([
      ['record', 'need', 'old and new'],
    ]);
    await requests[0]!.succeed();
    await left;
  });

  it('does not take typed text off the screen for a view that is older than it', async () => {
    keeper.type('notes', 'newer');
    clock.pass(PAUSE_MS);
    await requests[0]!.succeed();
    keeper.take('notes', '', 'new');
    expect(keeper.mark('notes')).toMatchObject({ text: 'newer' });
  });

  it('shows what an undo brought back once the field is left', async () => {
    keeper.type('notes', 'second');
    const left = keeper.leave('notes');
    await requests[0]!.succeed();
    await left;
    keeper.take('notes', 'first', null);
    expect(keeper.mark('notes')).toMatchObject({ text: 'first', kept: true, kept_characters: 5 });
  });

  it('keeps the words of a refused answer as a draft and goes on saying what is wrong', async () => {
    keeper.type('notes', 'forty');
    const left = keeper.leave('notes');
    await requests[0]!.fail(new KendError('bad_answer', 'A number, please.'));
    await left;
    clock.pass(PAUSE_MS);
    expect(requests.map((request) => request.kind)).toEqual(['record', 'keep']);
    await requests[1]!.succeed();
    expect(keeper.mark('notes')).toMatchObject({ text: 'forty', kept: true, error: { detail: 'A number, please.' } });
    clock.pass(60_000);
    expect(requests).toHaveLength(2);
  });
});
