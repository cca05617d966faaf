/**
 * SYNTHETIC. A core in memory with invented villages, people and answers, for tests of screens and for looking at them
 * with `npm run dev:synthetic`. It is never part of a build for use, and nothing in it is a fact about a real village.
 */

import type { AnswerValue, Api, ChangePassword, InterviewKind, InterviewState, InterviewSummary, InterviewView, Language, MeetingView, ReadinessView, Role, SignIn, StatusView, SyncView, VillageView } from '../src/lib/api';
import { KendError } from '../src/lib/api';
import { clusterViews, compareView, locatedView, profileView, sectorOf, whatIfOf } from './fake-calculator';
import { FakeFiles } from './fake-files';
import { sectionsOf, type FakeAnswers } from './fake-form';
import { FakeMeetings } from './fake-meeting';
import { fakeReadiness } from './fake-readiness';

interface Interview extends FakeAnswers {
  id: string;
  kind: InterviewKind;
  state: InterviewState;
  village: string;
  person_name: string;
  started_at: string;
  example: boolean;
  checks: InterviewSummary['checks'];
  history: (() => void)[];
  reviews: InterviewView['reviews'];
  whole: InterviewView['comments'];
  same_as: string | null;
}

export interface FakeOptions {
  place?: StatusView['place'];
  state?: StatusView['state'];
  role?: Role;
  language?: Language;
  villages?: number;
  filled?: boolean;
  interviews?: number;
  /** How many of the interviews are examples. */
  examples?: number;
  /** Whether the pack is the made-up one with cells, rather than the demo's without. */
  cells?: boolean;
  /** The meetings that were held about the first cluster. */
  meetings?: 'none' | 'open' | 'closed' | 'apart';
}

const NOTE: Record<Language, string> = {
  az: 'P3: Axşam saat yeddidən sonra internet demək olar ki, işləmir, uşaqlar dərsə qoşula bilmir. P1: Bizim küçədə fiber yoxdur, yalnız mobil internet var, o da bahadır. ',
  en: 'P3: After seven in the evening the internet hardly works and the children cannot join the lesson. P1: There is no fibre in our street, only mobile data, and it is dear. ',
  ru: 'P3: После семи вечера интернет почти не работает, дети не могут подключиться к уроку. P1: На нашей улице нет оптики, только мобильный интернет, и он дорогой. ',
};
const NAMES = ['Dondar Quşçu', 'Əlimərdanlı', 'Qaraxanlı', 'İbrahimhacılı', 'Düz Qırıqlı', 'Çeşməli', 'Yanıqlı', 'Xatınlı', 'Əsrik Cırdaxan', 'Ağdam', 'Bozalqanlı', 'Öysüzlü'];
const COUNTS = () => ({ draft: 0, complete: 0, returned: 0, approved: 0 });

export class FakeCore implements Api {
  readonly calls: { method: string; request: unknown }[] = [];
  /** The next call of a method fails with this. */
  readonly failing = new Map<keyof Api, KendError>();
  readonly interviews: Interview[] = [];
  #status: StatusView;
  #villages: VillageView[] = [];
  #hub: SyncView['hub'] = null;
  #last: SyncView['last'] = null;
  #given: SyncView['given'] = null;
  #next = 1;

  constructor(options: FakeOptions = {}) {
    const { place = 'app', state = 'open', role = 'enumerator', language = 'en', villages = 12, filled = false, interviews = 0, examples = 0 } = options;
    this.#status = {
      place,
      state,
      language,
      person: null,
      project: null,
      store: 'sound',
      waiting_interviews: 0,
      waiting_meetings: 0,
      clock_says: null,
      suggested_hub: place === 'app' ? 'http://127.0.0.1:8470' : null,
      suggested_code: place === 'app' ? 'K7Q2-94MX' : null,
    };
    this.#role = role;
    this.#cells = options.cells ?? false;
    if (state === 'open') this.#open('Aygün Məmmədova');
    for (let index = 0; index < villages; index += 1) {
      const base = NAMES[index % NAMES.length]!;
      this.#addVillage(index < NAMES.length ? base : `${base} ${Math.floor(index / NAMES.length) + 1}`, 40.75 + ((index * 37) % 50) / 100, 45.4 + ((index * 53) % 70) / 100, index);
    }
    const states: InterviewState[] = ['draft', 'complete', 'returned', 'approved', 'complete', 'draft'];
    for (let index = 0; index < interviews; index += 1) {
      const made = this.#make(index % 3 === 2 ? 'kii' : 'fgd', this.#villages[index % this.#villages.length]!.village, states[index % states.length]!);
      if (index % 7 === 4) made.checks = ['group_size', 'too_short'];
      made.example = index < examples;
      if (filled) this.#fill(made, index);
    }
    this.#hold(options.meetings ?? 'none');
  }

  #hold(meetings: NonNullable<FakeOptions['meetings']>): void {
    if (meetings === 'none') return;
    const readiness = this.#readiness(this.#cells ? 'synthetic-a' : null);
    const held = this.meetings.hold(readiness.cluster.cluster, readiness, this.#status.language, meetings === 'closed');
    if (meetings !== 'apart') return;
    const by = { count: null, text: null, order: [], said_at: '2026-11-24T15:12:00Z' };
    const values = [{ ...by, count: 9, person_name: 'Aygün Məmmədova' }, { ...by, count: 11, person_name: 'Elvin Quliyev' }];
    held.apart.push({ part: 'agree', card: 'class', values });
  }

  get #meets(): boolean {
    return ['enumerator', 'supervisor', 'cluster_unit', 'committee'].includes(this.#role);
  }

  #readiness(cluster: string | null): ReadinessView {
    if (this.#cells) return this.#views(cluster ?? '').read_readiness;
    const counting = this.interviews.filter((each) => each.state !== 'draft' && each.state !== 'returned');
    return fakeReadiness(this.#status.language, cluster, counting.length, counting.filter((each) => each.example).length);
  }
  readonly meetings = new FakeMeetings();
  readonly #role: Role;
  readonly #cells: boolean;

  #open(name: string): StatusView {
    this.#status = {
      ...this.#status,
      state: 'open',
      person: { person: 'person-1', name, role: this.#role, areas: ['AZ-TOV', 'AZ-SKR'] },
      project: { title: 'Synthetic project', demo: true, synthetic: true, attribution: ['Synthetic data: nothing here is a fact.'] },
    };
    return this.#status;
  }

  #addVillage(name: string, latitude: number, longitude: number, index: number): VillageView {
    const village: VillageView = {
      village: `village-${this.#next++}`,
      name,
      rayon: 'AZ-TOV',
      rayon_name: this.#status.language === 'ru' ? 'Товуз' : 'Tovuz',
      cluster: 'shamkir-tovuz',
      cluster_name: 'Şəmkir–Tovuz',
      population: index % 3 === 0 ? null : 900 + index * 137,
      position: { latitude, longitude },
      distance_km: null,
      added_here: index < 0,
      fgd: COUNTS(),
      kii: COUNTS(),
    };
    this.#villages.push(village);
    return village;
  }

  #make(kind: InterviewKind, village: string, state: InterviewState): Interview {
    const made: Interview = {
      id: `interview-${this.#next++}`,
      kind,
      state,
      village,
      person_name: 'Aygün Məmmədova',
      example: false,
      started_at: new Date(Date.UTC(2026, 10, 20, 7, this.interviews.length * 11)).toISOString(),
      checks: [],
      history: [],
      reviews: state === 'draft' ? [] : [{ act: 'signed_off', person_name: 'Aygün Məmmədova', said_at: '2026-11-20T11:05:00Z' }],
      whole: [],
      same_as: null,
      answers: new Map(),
      drafts: new Map(),
      instances: new Map(),
      conflicts: new Map(),
      comments: new Map(),
    };
    this.interviews.push(made);
    return made;
  }

  /** Twelve participants, nine themes, a note of 400 words, quotes, a conflict and a comment. */
  #fill(made: Interview, index: number): void {
    const { answers, instances } = made;
    const note = NOTE[this.#status.language].repeat(14).trim();
    for (const name of ['consent_take_part', 'consent_quote', 'consent_record']) answers.set(name, 'yes');
    if (made.kind === 'fgd') {
      const people = Array.from({ length: 12 }, (_, person) => `person-${person}`);
      instances.set('participant', people);
      people.forEach((person, at) => {
        answers.set(`participant/${person}/participant_sex`, at % 2 === 0 ? 'female' : 'male');
        answers.set(`participant/${person}/participant_age`, ['15_29', '30_59', '60_plus'][at % 3]!);
        answers.set(`participant/${person}/participant_occupation`, ['farmer', 'service_provider', 'homemaker', 'unemployed'][at % 4]!);
      });
    }
    for (const [at, theme] of ['digital', 'governance', 'agriculture', 'finance', 'transport', 'utilities', 'education', 'health'].entries()) {
      answers.set(`${theme}_discussed`, 'yes');
      answers.set(`${theme}_notes`, at === 0 ? note : NOTE[this.#status.language].trim());
      answers.set(`${theme}_tags`, ['need', 'constraint']);
      answers.set(`${theme}_need_words`, NOTE[this.#status.language].slice(4, 60));
      answers.set(`${theme}_evidence`, '2');
      if (at < 7) answers.set(`${theme}_level`, String(1 + ((at + index) % 4)));
    }
    answers.set('tourism_discussed', 'no');
    instances.set('digital_quote', ['quote-1', 'quote-2']);
    answers.set('digital_quote/quote-1/digital_quote_words', NOTE[this.#status.language].slice(4, 98));
    answers.set('digital_quote/quote-1/digital_quote_speaker', 'P3');
    answers.set('digital_quote/quote-1/digital_quote_consent', '2');
    answers.set('digital_quote/quote-2/digital_quote_words', NOTE[this.#status.language].slice(102, 160));
    if (made.state === 'returned') {
      made.comments.set('digital_level', [{ comment: 'comment-1', person_name: 'Rəşad Əliyev', text: NOTE[this.#status.language].slice(4, 98), answer: null }]);
      made.comments.set('digital_evidence', [{ comment: 'comment-2', person_name: 'Rəşad Əliyev', text: NOTE[this.#status.language].slice(4, 60), answer: NOTE[this.#status.language].slice(102, 150) }]);
      made.reviews.push({ act: 'returned', person_name: 'Rəşad Əliyev', said_at: '2026-11-21T09:00:00Z' });
    }
    if (index % 6 === 0) {
      made.conflicts.set('digital_level', {
        values: [
          { value: '2', attachment: null, label: '2', person_name: 'Aygün Məmmədova', said_at: '2026-11-20T08:12:00Z' },
          { value: '4', attachment: null, label: '4', person_name: 'Elvin Quliyev', said_at: '2026-11-20T08:15:00Z' },
        ],
        merged: null,
      });
      const note = NOTE[this.#status.language];
      const [first, second] = [note.slice(0, 57), note.slice(57, 120)];
      made.conflicts.set('digital_peak', {
        values: [
          { value: note.slice(0, 99) + first, attachment: null, label: note.slice(0, 99) + first, person_name: 'Aygün Məmmədova', said_at: '2026-11-20T08:20:00Z' },
          { value: note.slice(0, 99) + second, attachment: null, label: note.slice(0, 99) + second, person_name: 'Elvin Quliyev', said_at: '2026-11-20T08:21:00Z' },
        ],
        merged: {
          pieces: [
            { whose: 'both', text: note.slice(0, 60), other: null },
            { whose: 'apart', text: note.slice(60, 75), other: note.slice(75, 99) },
            { whose: 'first', text: ` ${first}`, other: null },
            { whose: 'second', text: ` ${second}`, other: null },
          ],
          text: `${note.slice(0, 99)} ${first} ${second}`,
        },
      });
    }
  }

  #find(id: string): Interview {
    const found = this.interviews.find((each) => each.id === id);
    if (!found) throw new KendError('not_found');
    return found;
  }

  #reviews(): boolean {
    return this.#role === 'supervisor' || this.#role === 'national' || this.#role === 'cluster_unit';
  }

  #summary(of: Interview): InterviewSummary {
    const { sections } = sectionsOf(of.kind, this.#status.language, of);
    const village = this.#villages.find((each) => each.village === of.village)!;
    return {
      interview: of.id,
      kind: of.kind,
      state: of.state,
      village: of.village,
      village_name: village.name,
      rayon_name: village.rayon_name,
      person: 'person-1',
      person_name: of.person_name,
      mine: !this.#reviews(),
      example: of.example,
      started_at: of.started_at,
      participants: of.instances.get('participant')?.length ?? 0,
      themes_closed: sections.filter((section) => section.closed).length,
      conflicts: of.conflicts.size,
      open_comments: [...of.comments.values(), of.whole].flat().filter((comment) => comment.answer === null).length,
      kept: of.state === 'approved' ? 'safe' : of.state === 'complete' ? 'copied' : 'kept',
      changed_since_approval: false,
      same_as: of.same_as,
      checks: of.checks,
    };
  }

  #view(of: Interview): InterviewView {
    const { sections, missing } = sectionsOf(of.kind, this.#status.language, of, this.files.of(of.id));
    const edit = !this.#reviews();
    return {
      summary: this.#summary(of),
      title: of.kind === 'fgd' ? 'Focus group' : 'Key informant',
      version: '2026-11-1',
      sections,
      missing,
      reviews: of.reviews,
      comments: of.whole,
      rights: { edit, attach: edit && this.#status.place === 'app', review: !edit, sign_off: edit && missing.length === 0, erase: edit },
      can_undo: of.history.length > 0,
    };
  }

  async #do<Answer>(method: keyof Api, request: unknown, run: () => Answer): Promise<Answer> {
    this.calls.push({ method, request });
    await Promise.resolve();
    const failure = this.failing.get(method);
    if (failure) {
      this.failing.delete(method);
      throw failure;
    }
    return structuredClone(run());
  }

  status = (request: object) => this.#do('status', request, () => this.#status);
  createStore = (request: { name: string; language: Language }) =>
    this.#do('createStore', request, () => {
      this.#status = { ...this.#status, language: request.language };
      return this.#open(request.name);
    });
  unlock = (request: { passphrase: string }) =>
    this.#do('unlock', request, () => {
      if (request.passphrase === 'wrong') throw new KendError('wrong_passphrase');
      return this.#open('Aygün Məmmədova');
    });
  repair = (request: { passphrase: string }) =>
    this.#do('repair', request, () => {
      if (request.passphrase === 'wrong') throw new KendError('wrong_passphrase');
      this.#status = { ...this.#status, store: 'mended_in_part' };
      return this.#open('Aygün Məmmədova');
    });
  /** Rot: the next status says so. */
  rot(): void {
    this.#status = { ...this.#status, state: 'locked', person: null, project: null, store: 'damaged' };
  }
  lock = (request: object) =>
    this.#do('lock', request, () => {
      this.#status = { ...this.#status, state: 'locked', person: null, project: null };
      return this.#status;
    });
  signIn = (request: SignIn) => this.#do('signIn', request, () => this.#open(request.name));
  signOutEverywhere = (request: object) =>
    this.#do('signOutEverywhere', request, () => (this.#status = { ...this.#status, state: 'locked', person: null, project: null }));
  changePassword = (request: ChangePassword) => this.#do('changePassword', request, () => this.#status);
  signOut = (request: object) => this.lock(request);
  setLanguage = (request: { language: Language }) =>
    this.#do('setLanguage', request, () => {
      this.#status = { ...this.#status, language: request.language };
      return this.#status;
    });

  listVillages: Api['listVillages'] = (request) =>
    this.#do('listVillages', request, () => {
      const list = this.#villages.map((village) => {
        const [fgd, kii] = [COUNTS(), COUNTS()];
        for (const each of this.interviews.filter((interview) => interview.village === village.village)) {
          if (each.state !== 'erased') (each.kind === 'fgd' ? fgd : kii)[each.state] += 1;
        }
        const near = request.near;
        const distance_km = near ? Math.hypot(village.position.latitude - near.latitude, (village.position.longitude - near.longitude) * 0.76) * 111 : null;
        return { ...village, fgd, kii, distance_km };
      });
      return request.near ? list.sort((one, other) => one.distance_km! - other.distance_km!) : list;
    });
  addVillage: Api['addVillage'] = (request) =>
    this.#do('addVillage', request, () => this.#addVillage(request.name, request.position.latitude, request.position.longitude, -1));

  startInterview: Api['startInterview'] = (request) =>
    this.#do('startInterview', request, () => {
      const made = this.#make(request.kind, request.village, 'draft');
      made.example = request.example ?? false;
      return this.#view(made);
    });
  listInterviews: Api['listInterviews'] = (request) =>
    this.#do('listInterviews', request, () => this.interviews.map((each) => this.#summary(each)));
  openInterview: Api['openInterview'] = (request) => this.#do('openInterview', request, () => this.#view(this.#find(request.interview)));

  recordAnswer: Api['recordAnswer'] = (request) =>
    this.#do('recordAnswer', request, () => {
      const of = this.#find(request.interview);
      this.#set(of, request.path, request.value);
      of.drafts.delete(request.path);
      of.conflicts.delete(request.path);
      return this.#view(of);
    });
  keepDraft: Api['keepDraft'] = (request) =>
    this.#do('keepDraft', request, () => {
      this.#find(request.interview).drafts.set(request.path, request.text);
      return { characters: [...request.text].length };
    });
  readonly files = new FakeFiles();
  keepPiece: Api['keepPiece'] = (request) => this.#do('keepPiece', request, () => this.files.keep(request));
  attach: Api['attach'] = (request) =>
    this.#do('attach', request, () => {
      const of = this.#find(request.interview);
      const before = of.answers.get(request.path) ?? null;
      this.#set(of, request.path, this.files.attach(request));
      of.history.pop();
      of.history.push(() => of.answers.set(request.path, before));
      return this.#view(of);
    });
  dropPieces: Api['dropPieces'] = (request) =>
    this.#do('dropPieces', request, () => {
      this.files.drop(request);
      return this.#view(this.#find(request.interview));
    });
  chooseAttachment: Api['chooseAttachment'] = (request) =>
    this.#do('chooseAttachment', request, () => this.#view(this.#find(request.interview)));
  eraseAttachment: Api['eraseAttachment'] = (request) =>
    this.#do('eraseAttachment', request, () => {
      const of = this.#find(request.interview);
      this.files.erase(request);
      of.answers.delete(request.path);
      return this.#view(of);
    });
  readAttachment: Api['readAttachment'] = (request) => this.#do('readAttachment', request, () => this.files.read(request));
  addInstance: Api['addInstance'] = (request) =>
    this.#do('addInstance', request, () => {
      const of = this.#find(request.interview);
      const instance = `instance-${this.#next++}`;
      const before = of.instances.get(request.repeat) ?? [];
      of.instances.set(request.repeat, [...before, instance]);
      for (const answer of request.answers) of.answers.set(`${request.repeat}/${instance}/${answer.name}`, answer.value);
      of.history.push(() => of.instances.set(request.repeat, before));
      return this.#view(of);
    });
  removeInstance: Api['removeInstance'] = (request) =>
    this.#do('removeInstance', request, () => {
      const of = this.#find(request.interview);
      const before = of.instances.get(request.repeat) ?? [];
      of.instances.set(request.repeat, before.filter((each) => each !== request.instance));
      of.history.push(() => of.instances.set(request.repeat, before));
      return this.#view(of);
    });
  undo: Api['undo'] = (request) =>
    this.#do('undo', request, () => {
      const of = this.#find(request.interview);
      of.history.pop()?.();
      return this.#view(of);
    });

  #set(of: Interview, path: string, value: AnswerValue): void {
    const before = of.answers.get(path) ?? null;
    of.answers.set(path, value);
    of.history.push(() => of.answers.set(path, before));
  }

  #turn(method: keyof Api, request: { interview: string }, state: InterviewState, act: 'signed_off' | 'returned' | 'approved' | 'erased') {
    return this.#do(method, request, () => {
      const of = this.#find(request.interview);
      of.state = state;
      of.reviews.push({ act, person_name: this.#status.person?.name ?? '', said_at: '2026-11-24T10:00:00Z' });
      return this.#view(of);
    });
  }
  signOff: Api['signOff'] = (request) => this.#turn('signOff', request, 'complete', 'signed_off');
  approveInterview: Api['approveInterview'] = (request) => this.#turn('approveInterview', request, 'approved', 'approved');
  eraseInterview: Api['eraseInterview'] = (request) => this.#turn('eraseInterview', request, 'erased', 'erased');
  returnInterview: Api['returnInterview'] = (request) => {
    const of = this.#find(request.interview);
    for (const { path, text } of request.comments) {
      const comment = { comment: `comment-${this.#next++}`, person_name: this.#status.person?.name ?? '', text, answer: null };
      if (path === null) of.whole = [...of.whole, comment];
      else of.comments.set(path, [...(of.comments.get(path) ?? []), comment]);
    }
    return this.#turn('returnInterview', request, 'returned', 'returned');
  };
  sayTheSame: Api['sayTheSame'] = (request) =>
    this.#do('sayTheSame', request, () => {
      const of = this.#find(request.interview);
      of.same_as = request.same_as;
      if (of.state === 'complete') of.state = 'draft';
      return this.#view(of);
    });
  answerComment: Api['answerComment'] = (request) =>
    this.#do('answerComment', request, () => {
      const of = this.#find(request.interview);
      for (const comment of [...of.comments.values(), of.whole].flat()) if (comment.comment === request.comment) comment.answer = request.text;
      return this.#view(of);
    });

  readReadiness: Api['readReadiness'] = (request) =>
    this.#do('readReadiness', request, () => this.#readiness(request.cluster));
  readMeetingCards: Api['readMeetingCards'] = (request) =>
    this.#do('readMeetingCards', request, () => this.#readiness(request.cluster));
  listMeetings: Api['listMeetings'] = (request) =>
    this.#do('listMeetings', request, () =>
      this.meetings.list.filter(({ cluster, erased }) => cluster === request.cluster && !erased).reverse().map((each) => this.meetings.summary(each, this.#meets, false)),
    );
  beginMeeting: Api['beginMeeting'] = (request) =>
    this.#do('beginMeeting', request, () => this.meetings.view(this.meetings.begin(request.cluster, this.#readiness(request.cluster)), this.#meets));
  readMeeting: Api['readMeeting'] = (request) => this.#inMeeting('readMeeting', request, () => undefined);
  countPeople: Api['countPeople'] = (request) =>
    this.#inMeeting('countPeople', request, (of) => { this.meetings.change(of, `w/${request.group}`, request.count); });
  countHands: Api['countHands'] = (request) =>
    this.#inMeeting('countHands', request, (of) => { this.meetings.change(of, `v/${request.card}/${request.hand}`, request.count); });
  keepComment: Api['keepComment'] = (request) =>
    this.#do('keepComment', request, () => {
      this.meetings.find(request.meeting).drafts.set(request.card, request.text);
      return { characters: Array.from(request.text).length };
    });
  commentOnCard: Api['commentOnCard'] = (request) =>
    this.#inMeeting('commentOnCard', request, (of) => {
      of.drafts.delete(request.card);
      this.meetings.change(of, `v/${request.card}/comment`, request.text.trim() === '' ? null : request.text.trim());
    });
  rankPriorities: Api['rankPriorities'] = (request) =>
    this.#inMeeting('rankPriorities', request, (of) => { this.meetings.change(of, 'r/order', request.order.length > 0 ? request.order.join(' ') : null); });
  closeMeeting: Api['closeMeeting'] = (request) => this.#inMeeting('closeMeeting', request, (of) => { of.closed = new Map(of.values); });
  undoInMeeting: Api['undoInMeeting'] = (request) =>
    this.#inMeeting('undoInMeeting', request, (of) => {
      const before = of.history.pop();
      if (before === undefined) throw new KendError('wrong_state', null);
      of.values = before;
    });
  eraseMeeting: Api['eraseMeeting'] = (request) => this.#inMeeting('eraseMeeting', request, (of) => { of.erased = true; });

  #inMeeting<Request extends { meeting: string }>(method: keyof Api, request: Request, change: (of: ReturnType<FakeMeetings['find']>) => void): Promise<MeetingView> {
    return this.#do(method, request, () => {
      const of = this.meetings.find(request.meeting);
      if (method !== 'readMeeting' && !this.#meets) throw new KendError('not_allowed', null);
      change(of);
      return this.meetings.view(of, this.#meets);
    });
  }
  readLevers: Api['readLevers'] = (request) => this.#withCells('readLevers', request, (views) => views.read_levers);
  calculateWhatIf: Api['calculateWhatIf'] = (request) => this.#withCells('calculateWhatIf', request, (views) => whatIfOf(views, request.changes));
  liftCluster: Api['liftCluster'] = (request) => this.#withCells('liftCluster', request, (views) => views.lift_cluster);
  readPeers: Api['readPeers'] = (request) => this.#withCells('readPeers', request, (views) => views.read_peers);
  readGaps: Api['readGaps'] = (request) => this.#withCells('readGaps', request, (views) => views.read_gaps);
  readSector: Api['readSector'] = (request) => this.#withCells('readSector', request, (views) => sectorOf(views, request.crops));
  readMap: Api['readMap'] = (request) =>
    this.#do('readMap', request, () => {
      const map = this.#views(request.cluster).read_map;
      return this.#cells ? map : { ...map, cells: null };
    });
  readProfile: Api['readProfile'] = (request) => this.#do('readProfile', request, () => profileView(this.#status.language, request));
  compareClusters: Api['compareClusters'] = (request) => this.#do('compareClusters', request, () => compareView(this.#status.language));
  locateCluster: Api['locateCluster'] = (request) => this.#do('locateCluster', request, () => locatedView(this.#status.language));

  #views(cluster: string) {
    return clusterViews(this.#status.language, cluster);
  }

  #withCells<Answer>(method: keyof Api, request: { cluster: string }, run: (views: ReturnType<typeof clusterViews>) => Answer): Promise<Answer> {
    return this.#do(method, request, () => {
      if (!this.#cells) throw new KendError('no_cells');
      return run(this.#views(request.cluster));
    });
  }

  #sync(): SyncView {
    const waiting = this.#last ? 0 : this.interviews.length;
    return {
      hub: this.#hub,
      waiting_interviews: waiting,
      waiting_meetings: this.#last ? 0 : this.meetings.list.length,
      waiting_entries: waiting * 143,
      waiting_bytes: waiting * 31_200,
      given: waiting > 0 ? this.#given : null,
      copied_interviews: 0,
      safe_interviews: this.interviews.length - waiting,
      progress: null,
      last: this.#last,
      pack: 'demo 2026.1',
      pack_signer: null,
      pack_synthetic: false,
      instruments: ['kend_fgd 2026-11-1', 'kend_kii 2026-11-1'],
    };
  }
  syncState = (request: object) => this.#do('syncState', request, () => this.#sync());
  joinHub: Api['joinHub'] = (request) =>
    this.#do('joinHub', request, () => {
      this.#hub = { name: 'Tovuz', address: request.address, last_at: null };
      return this.#sync();
    });
  sync = (request: object) =>
    this.#do('sync', request, () => {
      if (this.#hub) this.#hub = { ...this.#hub, last_at: '2026-11-24T12:00:00Z' };
      this.#last = { sent: 286, received: 12, set_aside: 0, bytes_up: 62_400, bytes_down: 4_100, complete: true, orders_refused: 0, scopes_left: 0, scopes_mended: 0 };
      return this.#sync();
    });
  importPack = (request: object) => this.#do('importPack', request, () => this.#sync());
  importInstrument = (request: object) => this.#do('importInstrument', request, () => this.#sync());

  attachmentsState: Api['attachmentsState'] = (request) =>
    this.#do('attachmentsState', request, () => ({
      kept: 1, kept_kb: 3_073, copied: 0, safe: 2, not_here: 1, wanted: 0, damaged: 0, moving: null, most_kb: null, left_kb: null,
    }));
  attachmentsOf: Api['attachmentsOf'] = (request) => this.#do('attachmentsOf', request, () => []);
  fetchAttachment: Api['fetchAttachment'] = (request) =>
    this.#do('fetchAttachment', request, () => ({
      attachment: request.attachment, state: 'coming_down', here: false, done_kb: 0, total_kb: 3_073, seconds_left: null,
    }));
  makeRoom: Api['makeRoom'] = (request) =>
    this.#do('makeRoom', request, () => ({
      kept: 1, kept_kb: 3_073, copied: 0, safe: 0, not_here: 3, wanted: 0, damaged: 0, moving: null, most_kb: null, left_kb: null,
    }));
  limitAttachments: Api['limitAttachments'] = (request) =>
    this.#do('limitAttachments', request, () => ({
      kept: 1, kept_kb: 3_073, copied: 0, safe: 2, not_here: 1, wanted: 0, damaged: 0, moving: null, most_kb: request.most_kb, left_kb: request.most_kb,
    }));

  listSticks = (request: object) =>
    this.#do('listSticks', request, () => [
      { folder: '/media/STICK', name: 'STICK', free_mb: 7_450, bundles: [{ path: '/media/STICK/kend-demo-1.kendbundle', name: 'kend-demo-1.kendbundle' }] },
    ]);
  passOnByFile: Api['passOnByFile'] = (request) =>
    this.#do('passOnByFile', request, () => {
      this.#given = { at: '2026-11-24T12:00:00Z', interviews: this.interviews.length };
      return { files: ['kend-demo-5f2a90c1-1of1.kendbundle'], interviews: this.interviews.length, entries: 286, attachments: 3, size_kb: 8_300 };
    });
  takeInFile: Api['takeInFile'] = (request) =>
    this.#do('takeInFile', request, () => ({
      interviews: 4, entries_new: 31, receipts: 2, orders: 1, early: 0, refused: 0, whole: true, waiting_interviews: 0,
    }));
  fileProgress = (request: object) => this.#do('fileProgress', request, () => ({ working: true, done_kb: 5_120, total_kb: 16_600 }));
  stopFile = (request: object) => this.#do('stopFile', request, () => ({ working: true, done_kb: 5_120, total_kb: 16_600 }));
}
