/** The screens of the Readiness place and their addresses. */

import type { Dimension } from '../../lib/api';
import { hrefOf, type Route } from '../../lib/router.svelte';

export const SECTIONS = ['overview', 'indicators', 'lift', 'gaps', 'map', 'profile', 'sector', 'compare', 'meeting'] as const;
export type Section = (typeof SECTIONS)[number];

export const DIMENSIONS: readonly Dimension[] = ['economic_sources', 'infrastructure', 'human_capital', 'economic_potential', 'governance'];

/** What an address within the place opens. What is not known opens the overview. */
export function sectionOf(path: readonly string[]): Section {
  return SECTIONS.find((each) => each === path[0]) ?? 'overview';
}

export function dimensionOf(path: readonly string[]): Dimension {
  return DIMENSIONS.find((each) => each === path[1]) ?? 'economic_sources';
}

/** The meeting that an address holds open: it takes the whole screen. */
export function meetingOf({ place, id, path }: Route): { cluster: string; id: string; asked: string | null } | null {
  if (place !== 'readiness' || id === null || path[0] !== 'meeting' || path[1] === undefined) return null;
  return { cluster: id, id: path[1], asked: path[2] ?? null };
}

export function hrefOfSection(cluster: string, section: Section, ...further: string[]): string {
  if (section === 'overview') return hrefOf('readiness', cluster);
  return hrefOf('readiness', cluster, [section, ...further]);
}
