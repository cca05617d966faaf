/**
 * An error of the core as the screens catch it: a code that has words in three languages, and a detail for the person
 * who mends it. Anything else that is thrown is a defect of the UI and becomes the code `internal`.
 */

import type { ApiError, ErrorCode } from './bridge';

/**
 * For every code, whether the same request may succeed when tried again as it is: nothing about it was wrong. The
 * compiler holds this table against the bridge, so a code is neither missing here nor left over.
 */
const RETRYABLE: Readonly<Record<ErrorCode, boolean>> = {
  locked: true,
  wrong_passphrase: false,
  weak_passphrase: false,
  already_exists: false,
  not_found: false,
  not_allowed: false,
  not_signed_in: true,
  wrong_sign_in: false,
  code_needed: false,
  wrong_code: false,
  weak_password: false,
  too_many_tries: true,
  bad_request: false,
  bad_answer: false,
  wrong_media: false,
  missing_answers: false,
  wrong_state: false,
  pack_damaged: false,
  pack_unsigned: false,
  pack_other_signer: false,
  no_cells: false,
  place_outside: false,
  place_blocked: false,
  takes_no_place: false,
  instrument_broken: false,
  store_damaged: false,
  store_newer: false,
  disk_refused: true,
  hub_unreachable: true,
  hub_not_trusted: false,
  hub_answer_damaged: true,
  hub_refused: false,
  device_wiped: false,
  signature_refused: false,
  bad_code: false,
  not_a_bundle: false,
  bundle_for_others: false,
  bundle_newer: false,
  stick_full: true,
  stick_failed: true,
  file_stopped: true,
  too_large: false,
  internal: true,
};

export class KendError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | null;

  constructor(code: ErrorCode, detail: string | null = null) {
    super(detail === null ? code : `${code}: ${detail}`);
    this.name = 'KendError';
    this.code = code;
    this.detail = detail;
  }

  get retryable(): boolean {
    return RETRYABLE[this.code];
  }

  /** Whatever was thrown or answered, as an error that a screen has words for. */
  static from(thrown: unknown): KendError {
    if (thrown instanceof KendError) return thrown;
    if (isApiError(thrown)) return new KendError(thrown.code, thrown.detail);
    return new KendError('internal', thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/** Whether something is an error of the core, with a code of this version's. */
export function isApiError(value: unknown): value is ApiError {
  if (typeof value !== 'object' || value === null || !('code' in value) || !('detail' in value)) return false;
  if (typeof value.code !== 'string' || !Object.hasOwn(RETRYABLE, value.code)) return false;
  return value.detail === null || typeof value.detail === 'string';
}
