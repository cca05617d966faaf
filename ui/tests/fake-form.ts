/**
 * SYNTHETIC. Turns the real instrument sheets and a bag of answers into the views that the core would give, well enough
 * to look at screens and to test them: relevance knows `=`, `!=`, `selected` and differences only. Never part of a build for use.
 */

import fgdChoices from '$schema/instruments/fgd/choices.csv?raw';
import fgdSurvey from '$schema/instruments/fgd/survey.csv?raw';
import kiiChoices from '$schema/instruments/kii/choices.csv?raw';
import kiiSurvey from '$schema/instruments/kii/survey.csv?raw';

import type {
  AnswerValue,
  FileView,
  CardView,
  ChoiceView,
  CommentView,
  ConflictView,
  InstanceView,
  InterviewKind,
  Language,
  MissingView,
  QuestionKind,
  QuestionView,
  RepeatView,
  SectionView,
  TakesView,
  Theme,
  UnfinishedView,
} from '../src/lib/api';

type Row = Record<string, string>;

/** What is known of the files of one interview. */
export interface FilesOf {
  attachment(value: string): FileView | null;
  unfinished(path: string): UnfinishedView | null;
}
const NO_FILES: FilesOf = { attachment: () => null, unfinished: () => null };

const COLUMN: Record<Language, string> = { az: 'Azərbaycanca (az)', en: 'English (en)', ru: 'Русский (ru)' };
const THEMES = ['digital', 'governance', 'agriculture', 'tourism', 'finance', 'transport', 'utilities', 'education', 'health'];

export interface FakeAnswers {
  answers: Map<string, AnswerValue>;
  drafts: Map<string, string>;
  instances: Map<string, string[]>;
  conflicts: Map<string, ConflictView>;
  comments: Map<string, CommentView[]>;
}

function parseCsv(text: string): Row[] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const letter = text[index];
    if (quoted) {
      if (letter === '"' && text[index + 1] === '"') {
        cell += '"';
        index += 1;
      } else if (letter === '"') quoted = false;
      else cell += letter;
    } else if (letter === '"') quoted = true;
    else if (letter === ',' || letter === '\n') {
      rows.at(-1)!.push(cell.replace(/\r$/u, ''));
      cell = '';
      if (letter === '\n') rows.push([]);
    }
    else cell += letter;
  }
  const [head = [], ...body] = rows;
  return body.filter((row) => row.length > 1).map((row) => Object.fromEntries(head.map((name, i) => [name, row[i] ?? ''])));
}

const SHEETS: Record<InterviewKind, { survey: Row[]; choices: Row[] }> = {
  fgd: { survey: parseCsv(fgdSurvey), choices: parseCsv(fgdChoices) },
  kii: { survey: parseCsv(kiiSurvey), choices: parseCsv(kiiChoices) },
};

function isRelevant(expression: string, answers: Map<string, AnswerValue>): boolean {
  if (expression.trim() === '') return true;
  const difference = /\$\{(\w+)\} - \$\{(\w+)\} >= 2/u.exec(expression);
  if (difference) {
    const [one, other] = [answers.get(difference[1]!) ?? null, answers.get(difference[2]!) ?? null];
    return one !== null && other !== null && Math.abs(Number(one) - Number(other)) >= 2;
  }
  const chosen = /selected\(\$\{(\w+)\}, '(\w+)'\)/u.exec(expression);
  if (chosen) {
    const value = answers.get(chosen[1]!);
    return Array.isArray(value) && value.includes(chosen[2]!);
  }
  const compared = /\$\{(\w+)\} (!?=) '(\w*)'/u.exec(expression);
  if (!compared) return true;
  return (answers.get(compared[1]!) === compared[3]) === (compared[2] === '=');
}

const TAKES: Record<string, TakesView> = {
  audio: { media_types: ['audio/*'], most_bytes: 128 * 1024 * 1024, most_pixels: null, bits_per_second: 24_000 },
  image: { media_types: ['image/*'], most_bytes: 10 * 1024 * 1024, most_pixels: 2048, bits_per_second: null },
  file: { media_types: ['application/pdf', 'image/*'], most_bytes: 20 * 1024 * 1024, most_pixels: null, bits_per_second: null },
};

export function sectionsOf(kind: InterviewKind, language: Language, given: FakeAnswers, files: FilesOf = NO_FILES): { sections: SectionView[]; missing: MissingView[] } {
  const sheet = SHEETS[kind];
  const label = (row: Row, field = 'label') => row[`${field}::${COLUMN[language]}`] ?? '';
  const sections: SectionView[] = [];
  const missing: MissingView[] = [];
  const groups: { relevant: boolean }[] = [];
  let section: SectionView | null = null;
  let repeat: { view: RepeatView; rows: Row[] } | null = null;

  const choicesOf = (list: string): ChoiceView[] =>
    sheet.choices.filter((row) => row.list_name === list).map((row) => ({ name: row.name ?? '', label: label(row) }));

  function question(row: Row, path: string): QuestionView {
    const [type = 'text', list = ''] = (row.type ?? '').split(' ');
    const value = given.answers.get(path) ?? null;
    return {
      path,
      name: row.name ?? '',
      kind: type as QuestionKind,
      asked: true,
      attachment: typeof value === 'string' ? files.attachment(value) : null,
      takes: TAKES[type] ?? null,
      unfinished: files.unfinished(path),
      appearance: row.appearance || null,
      label: label(row),
      hint: label(row, 'hint') || null,
      required: row.required === 'yes',
      read_only: false,
      choices: choicesOf(list),
      value,
      draft: given.drafts.get(path) ?? null,
      problem: null,
      conflict: given.conflicts.get(path) ?? null,
      comments: given.comments.get(path) ?? [],
    };
  }

  function closeRepeat(): void {
    if (repeat === null) return;
    const { view, rows } = repeat;
    view.template = rows.map((row) => question(row, row.name ?? ''));
    view.instances = (given.instances.get(view.name) ?? []).map((instance, index): InstanceView => ({
      instance,
      title: view.appearance === 'counters' ? `P${index + 1}` : String(index + 1),
      cards: rows.map((row) => ({ card: 'question', ...question(row, `${view.name}/${instance}/${row.name}`) })),
    }));
    repeat = null;
  }

  for (const row of sheet.survey) {
    const [type = ''] = (row.type ?? '').split(' ');
    const inside = groups.every((group) => group.relevant);
    if (type === 'begin_group') {
      const relevant = isRelevant(row.relevant ?? '', given.answers);
      if (groups.length === 0 && relevant) {
        const name = row.name ?? '';
        const theme = THEMES.includes(name) ? (name as Theme) : null;
        section = {
          name,
          kind: theme ? 'theme' : name === 'before' ? 'before' : name === 'closing' ? 'closing' : 'participants',
          theme,
          label: label(row),
          cards: [],
          answered: 0,
          questions: 0,
          closed: false,
          discussed_path: theme ? `${name}_discussed` : null,
        };
        sections.push(section);
      }
      groups.push({ relevant });
    } else if (type === 'end_group') {
      groups.pop();
      if (groups.length === 0) section = null;
    } else if (type === 'begin_repeat') {
      const view: RepeatView = { name: row.name ?? '', label: label(row), hint: label(row, 'hint') || null, appearance: row.appearance || null, asked: true, instances: [], template: [] };
      repeat = { view, rows: [] };
      if (section && inside && isRelevant(row.relevant ?? '', given.answers)) section.cards.push({ card: 'repeat', ...view });
    } else if (type === 'end_repeat') {
      const view = repeat?.view;
      closeRepeat();
      const at = section?.cards.findIndex((card) => card.card === 'repeat' && card.name === view?.name) ?? -1;
      if (section && view && at >= 0) section.cards[at] = { card: 'repeat', ...view };
    } else if (repeat) {
      repeat.rows.push(row);
    } else if (section && inside && isRelevant(row.relevant ?? '', given.answers)) {
      section.cards.push(type === 'note' ? { card: 'note', label: label(row), hint: label(row, 'hint') || null } : { card: 'question', ...question(row, row.name ?? '') });
    }
  }
  for (const each of sections) count(each, missing);
  return { sections, missing };
}

function count(section: SectionView, missing: MissingView[]): void {
  const questions = section.cards.filter((card): card is Extract<CardView, { card: 'question' }> => card.card === 'question');
  section.questions = questions.length;
  section.answered = questions.filter((each) => each.value !== null).length;
  const value = (name: string) => questions.find((each) => each.name === name)?.value ?? null;
  section.closed = section.theme !== null && (value(`${section.theme}_discussed`) === 'no' || value(`${section.theme}_level`) !== null);
  for (const each of questions) {
    if (each.conflict) missing.push({ path: each.path, section: section.name, label: each.label, reason: 'conflict' });
    else if (each.required && each.value === null) missing.push({ path: each.path, section: section.name, label: each.label, reason: 'required' });
  }
}
