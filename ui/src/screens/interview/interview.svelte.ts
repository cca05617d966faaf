/**
 * One interview on the screen. What is typed goes through the draft keeper; everything else that changes the interview
 * goes through one queue, so that its views arrive in the order of the changes and an older one never covers a newer.
 */

import { SvelteMap } from 'svelte/reactivity';

import { KendError, type AnswerValue, type Api, type AttachmentView, type InterviewView, type MissingView, type QuestionView, type SectionView } from '../../lib/api';
import { DraftKeeper, type Mark, type Timers } from '../../lib/kept/draft-keeper';
import { isTyped, questionsOf, repeatOf, templateName, textOf, valueOf } from './questions';

/** The place after the last section: what is missing, sign-off, review. */
export const FINISH = 'finish';

export class InterviewScreenState {
  view = $state.raw<InterviewView | null>(null);
  section_name = $state('');
  /** What went wrong with the interview as a whole. */
  error = $state.raw<KendError | null>(null);
  /** The question to bring into view next. */
  jump_path = $state<string | null>(null);
  busy = $state(false);
  /** Taps that are not yet durable. */
  readonly pending = new SvelteMap<string, AnswerValue>();
  /** Taps that the core refused. */
  readonly refused = new SvelteMap<string, KendError>();
  readonly marks = new SvelteMap<string, Mark>();
  /** How far the files of the interview are, on a device. */
  moving = $state.raw<readonly AttachmentView[]>([]);
  /** A reviewer's comments by question (`''` is the whole interview) until the interview is returned. */
  readonly comments = new SvelteMap<string, string>();

  readonly id: string;
  readonly #api: Api;
  readonly #keeper: DraftKeeper;
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- read when an answer is sent, never while drawing
  readonly #kinds = new Map<string, QuestionView['kind']>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(api: Api, interview: string, timers: Timers) {
    this.#api = api;
    this.id = interview;
    this.#keeper = new DraftKeeper(
      {
        keep: async (path, text) => (await api.keepDraft({ interview, path, text })).characters,
        record: async (path, text) => {
          const value = valueOf(this.#kinds.get(path) ?? 'text', text);
          this.#take(await this.#inTurn(() => api.recordAnswer({ interview, path, value })));
        },
        errorOf: (thrown) => KendError.from(thrown),
        changed: (path) => {
          const mark = this.#keeper.mark(path);
          if (mark !== null) this.marks.set(path, mark);
        },
      },
      timers,
    );
  }

  get section(): SectionView | null {
    return this.view?.sections.find((section) => section.name === this.section_name) ?? null;
  }

  get may_edit(): boolean {
    return this.view?.rights.edit ?? false;
  }

  get may_review(): boolean {
    return this.view?.rights.review ?? false;
  }

  /** Comments of a reviewer that have words. */
  get comments_ready(): { path: string | null; text: string }[] {
    return [...this.comments]
      .filter(([, text]) => text.trim() !== '')
      .map(([path, text]) => ({ path: path === '' ? null : path, text: text.trim() }));
  }

  get unkept(): boolean {
    return this.#keeper.unkept || this.pending.size > 0;
  }

  async load(): Promise<void> {
    await this.#change(() => this.#api.openInterview({ interview: this.id }));
  }

  /** Opens a section. What was typed in the one before becomes answers. */
  open(section: string): void {
    void this.#keeper.leaveAll();
    this.section_name = section;
    this.jump_path = null;
  }

  jump(missing: MissingView): void {
    this.open(missing.section);
    this.jump_path = missing.path;
  }

  /** The section before or after the open one; the last is followed by the finish. */
  neighbour(step: -1 | 1): string | null {
    const names = [...(this.view?.sections.map((section) => section.name) ?? []), FINISH];
    return names[names.indexOf(this.section_name) + step] ?? null;
  }

  type(path: string, text: string): void {
    this.#keeper.type(path, text);
  }

  async leave(path: string): Promise<void> {
    await this.#keeper.leave(path);
  }

  async leaveAll(): Promise<void> {
    await this.#keeper.leaveAll();
  }

  /** A tap: a choice, a date, a value out of a conflict. Shown as chosen at once, as kept when it is. */
  async answer(path: string, value: AnswerValue): Promise<void> {
    this.pending.set(path, value);
    this.refused.delete(path);
    try {
      const view = await this.#inTurn(() => this.#api.recordAnswer({ interview: this.id, path, value }));
      this.#take(view);
    } catch (thrown) {
      this.refused.set(path, KendError.from(thrown));
    } finally {
      if (this.pending.get(path) === value) this.pending.delete(path);
    }
  }

  /** What a question shows as chosen. */
  shown(question: QuestionView): AnswerValue {
    return this.pending.has(question.path) ? (this.pending.get(question.path) ?? null) : question.value;
  }

  addInstance(repeat: string, answers: Record<string, AnswerValue>): Promise<boolean> {
    const list = Object.entries(answers).map(([name, value]) => ({ name, value }));
    return this.#change(() => this.#api.addInstance({ interview: this.id, repeat, answers: list }));
  }

  removeInstance(repeat: string, instance: string): Promise<boolean> {
    return this.#change(() => this.#api.removeInstance({ interview: this.id, repeat, instance }));
  }

  /** A new entry of a list of files, and the path of the question in it that takes the file. */
  async addRoom(repeat: string, question: string): Promise<{ instance: string; path: string } | null> {
    const before = this.#instancesOf(repeat);
    if (!(await this.addInstance(repeat, {}))) return null;
    const instance = this.#instancesOf(repeat).find((each) => !before.includes(each));
    return instance === undefined ? null : { instance, path: `${repeat}/${instance}/${question}` };
  }

  /** What a recording that broke off left behind, as the answer. */
  keepBroken(path: string): Promise<boolean> {
    const file_name = this.view?.summary.village_name ?? '';
    return this.#change(() => this.#api.attach({ interview: this.id, path, media_type: null, file_name, duration_ms: null }));
  }

  dropPieces(path: string): Promise<boolean> {
    return this.#change(() => this.#api.dropPieces({ interview: this.id, path }));
  }

  eraseFile(path: string): Promise<boolean> {
    return this.#change(() => this.#api.eraseAttachment({ interview: this.id, path }));
  }

  /** Whether an answer is a file. */
  get has_files(): boolean {
    return this.view?.sections.some((section) => [...questionsOf(section.cards)].some((question) => question.attachment !== null)) ?? false;
  }

  movingOf(attachment: string): AttachmentView | null {
    return this.moving.find((each) => each.attachment === attachment) ?? null;
  }

  /** Looks how far the files are. One that has come is shown. */
  async lookAtFiles(): Promise<void> {
    try {
      const before = this.moving;
      this.moving = await this.#api.attachmentsOf({ interview: this.id });
      const came = this.moving.some((now) => now.here && before.some((then) => then.attachment === now.attachment && !then.here));
      if (came) await this.load();
    } catch {
      // Looked at again soon; what is shown is what was known last.
    }
  }

  /** Wants a file here. */
  async fetchFile(attachment: string): Promise<void> {
    try {
      await this.#api.fetchAttachment({ interview: this.id, attachment });
    } catch (thrown) {
      this.error = KendError.from(thrown);
    }
    await this.lookAtFiles();
  }

  chooseFile(path: string, attachment: string): Promise<boolean> {
    return this.#change(() => this.#api.chooseAttachment({ interview: this.id, path, attachment }));
  }

  /** Whether words of a note in the section can become a quote. */
  takesQuotes(section: SectionView): boolean {
    return repeatOf(section.cards, 'quotes') !== null;
  }

  /** Selected words of a note as a quote of a participant. */
  makeQuote(section: SectionView, words: string, speaker: string | null): Promise<boolean> {
    const repeat = repeatOf(section.cards, 'quotes');
    const words_name = repeat && templateName(repeat, '_quote_words');
    const speaker_name = repeat && templateName(repeat, '_quote_speaker');
    if (repeat === null || words_name === null) return Promise.resolve(false);
    return this.addInstance(repeat.name, {
      [words_name]: words.trim(),
      ...(speaker !== null && speaker_name !== null ? { [speaker_name]: speaker } : {}),
    });
  }

  async undo(): Promise<boolean> {
    await this.#keeper.leaveAll();
    return this.#change(() => this.#api.undo({ interview: this.id }));
  }

  async signOff(): Promise<boolean> {
    await this.#keeper.leaveAll();
    return this.#change(() => this.#api.signOff({ interview: this.id }));
  }

  /** Says which interview counts in place of this one, or (null) that it counts itself. */
  sayTheSame(same_as: string | null): Promise<boolean> {
    return this.#change(() => this.#api.sayTheSame({ interview: this.id, same_as }));
  }

  async returnWithComments(): Promise<boolean> {
    const comments = this.comments_ready;
    const returned = await this.#change(() => this.#api.returnInterview({ interview: this.id, comments }));
    if (returned) this.comments.clear();
    return returned;
  }

  approve(): Promise<boolean> {
    return this.#change(() => this.#api.approveInterview({ interview: this.id }));
  }

  answerComment(comment: string, text: string): Promise<boolean> {
    return this.#change(() => this.#api.answerComment({ interview: this.id, comment, text: text.trim() }));
  }

  erase(): Promise<boolean> {
    return this.#change(() => this.#api.eraseInterview({ interview: this.id }));
  }

  async #change(run: () => Promise<InterviewView>): Promise<boolean> {
    this.busy = true;
    this.error = null;
    try {
      this.#take(await this.#inTurn(run));
      return true;
    } catch (thrown) {
      this.error = KendError.from(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }

  #instancesOf(repeat: string): string[] {
    const cards = (this.view?.sections ?? []).flatMap((section) => section.cards);
    const found = cards.find((card) => card.card === 'repeat' && card.name === repeat);
    return found?.card === 'repeat' ? found.instances.map((each) => each.instance) : [];
  }

  #inTurn<Answer>(run: () => Promise<Answer>): Promise<Answer> {
    const answer = this.#queue.then(run);
    this.#queue = answer.catch(() => undefined);
    return answer;
  }

  #take(view: InterviewView): void {
    this.view = view;
    const names = view.sections.map((section) => section.name);
    if (this.section_name !== FINISH && !names.includes(this.section_name)) {
      this.section_name = view.rights.edit ? firstOpen(view) : (names[0] ?? FINISH);
    }
    if (!view.rights.edit) return;
    for (const section of view.sections) {
      for (const question of questionsOf(section.cards)) {
        if (!isTyped(question)) continue;
        this.#kinds.set(question.path, question.kind);
        this.#keeper.take(question.path, textOf(question.value), question.draft);
      }
    }
  }
}

/** Where to go on: the first section that something is missing in, else the end. */
function firstOpen(view: InterviewView): string {
  const open = view.sections.find((section) => view.missing.some((missing) => missing.section === section.name));
  return open?.name ?? FINISH;
}
