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
}

export function parseRoute(hash: string): Route {
  const [place, id] = hash.replace(/^#\/?/, '').split('/');
  const known = PLACES.find((each) => each === place);
  return { place: known ?? 'visits', id: known !== undefined && id ? decodeURIComponent(id) : null };
}

export function hrefOf(place: PlaceName, id: string | null = null): string {
  return id === null ? `#/${place}` : `#/${place}/${encodeURIComponent(id)}`;
}

export class Router {
  route = $state.raw<Route>({ place: 'visits', id: null });
  readonly #window: Pick<Window, 'location' | 'addEventListener'>;

  constructor(page: Pick<Window, 'location' | 'addEventListener'>) {
    this.#window = page;
    this.route = parseRoute(page.location.hash);
    page.addEventListener('hashchange', () => {
      this.route = parseRoute(page.location.hash);
    });
  }

  go(place: PlaceName, id: string | null = null): void {
    this.#window.location.hash = hrefOf(place, id);
    this.route = { place, id };
  }
}
