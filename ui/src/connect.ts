/** The core of the place that this page was opened in. */

import { apiOver, callOfThisPlace, type Api } from './lib/api';

export function connect(): Api {
  return apiOver(callOfThisPlace());
}
