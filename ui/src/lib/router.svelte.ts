/**
 * Which place is open. The address is the hash, so the same build works from the app's own protocol and from a hub,
 * and the device's back button does what people expect.
 */

export const PLACES = ['visits', 'interviews', 'readiness', 'sync'] as const;
export type PlaceName = (typeof PLACES)[number];

export interface Route {
  place: PlaceName;
  /** The interview or cluster that is open in the place. */
  id: string | null;
  /** What is open within it. */
  path: readonly string[];
}

/** Stands in the address where nothing is open but something within it is. */
const NOTHING = '-';

export function parseRoute(hash: string): Route {
  const [place, id = '', ...path] = hash.replace(/^#\/?/, '').split('/').map(decoded);
  const known = PLACES.find((each) => each === place);
  if (known === undefined) return { place: 'visits', id: null, path: [] };
  return { place: known, id: id === '' || id === NOTHING ? null : id, path: path.filter((part) => part !== '') };
}

/** An address that somebody cut short is still read. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function hrefOf(place: PlaceName, id: string | null = null, path: readonly string[] = []): string {
  const parts = path.length > 0 ? [id ?? NOTHING, ...path] : id === null ? [] : [id];
  return ['#', place, ...parts.map(encodeURIComponent)].join('/');
}

export class Router {
  route = $state.raw<Route>({ place: 'visits', id: null, path: [] });
  readonly #window: Pick<Window, 'location' | 'addEventListener'>;

  constructor(page: Pick<Window, 'location' | 'addEventListener'>) {
    this.#window = page;
    this.route = parseRoute(page.location.hash);
    page.addEventListener('hashchange', () => {
      this.route = parseRoute(page.location.hash);
    });
  }

  go(place: PlaceName, id: string | null = null, path: readonly string[] = []): void {
    this.#window.location.hash = hrefOf(place, id, path);
    this.route = { place, id, path };
  }
}
