/** Where somebody stands, and which cluster and rayon that is in. */

import { KendError, type LocatedView, type Position } from '../../lib/api';
import type { Kend } from '../../lib/kend';
import { whereAmI } from '../../lib/position';
import { errorWords, t } from '../../lib/words/words.svelte';

/** Shows the position as soon as it is known. Null where it is not, or could not be asked about; that is said. */
export async function locate({ api, session, toasts }: Pick<Kend, 'api' | 'session' | 'toasts'>, show: (position: Position | null) => void): Promise<LocatedView | null> {
  const position = await whereAmI();
  show(position);
  if (position === null) {
    toasts.say(t('village.locate.failed'));
    return null;
  }
  try {
    return await api.locateCluster({ position });
  } catch (thrown) {
    const error = KendError.from(thrown);
    session.noticed(error);
    toasts.say(errorWords(error.code));
    return null;
  }
}
