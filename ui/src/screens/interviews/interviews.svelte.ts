/** The list of interviews: by state for those who record, an inbox for those who review. */

import { KendError, type Api, type InterviewState, type InterviewSummary } from '../../lib/api';

export const INBOX_GROUPS = ['new', 'flagged', 'conflict', 'returned', 'approved', 'draft'] as const;
export type InboxGroup = (typeof INBOX_GROUPS)[number];
export const STATES: readonly InterviewState[] = ['returned', 'draft', 'complete', 'approved', 'erased'];

/** The one group of the inbox where an interview is found: what needs a person's eye first comes first. */
export function inboxGroup(summary: InterviewSummary): InboxGroup | null {
  if (summary.state === 'erased') return null;
  if (summary.conflicts > 0) return 'conflict';
  if (summary.state === 'returned') return 'returned';
  if (summary.state === 'draft') return 'draft';
  if (summary.state === 'approved') return summary.changed_since_approval ? 'new' : 'approved';
  return summary.checks.length > 0 ? 'flagged' : 'new';
}

/** Latest first. */
function byStart(one: InterviewSummary, other: InterviewSummary): number {
  return other.started_at.localeCompare(one.started_at);
}

export class InterviewsState {
  list = $state.raw<InterviewSummary[] | null>(null);
  error = $state.raw<KendError | null>(null);
  /** The group that is open; null until one is chosen, then the first that holds something. */
  chosen_group = $state<InboxGroup | null>(null);
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  get byState(): { state: InterviewState; list: InterviewSummary[] }[] {
    return STATES.map((state) => ({
      state,
      list: (this.list ?? []).filter((summary) => summary.state === state).sort(byStart),
    })).filter((group) => group.list.length > 0);
  }

  get inbox(): { group: InboxGroup; list: InterviewSummary[] }[] {
    return INBOX_GROUPS.map((group) => ({
      group,
      list: (this.list ?? []).filter((summary) => inboxGroup(summary) === group).sort(byStart),
    }));
  }

  get group(): InboxGroup {
    return this.chosen_group ?? this.inbox.find((each) => each.list.length > 0)?.group ?? 'new';
  }

  async load(): Promise<void> {
    this.error = null;
    try {
      this.list = await this.#api.listInterviews({});
    } catch (thrown) {
      this.error = KendError.from(thrown);
    }
  }
}
