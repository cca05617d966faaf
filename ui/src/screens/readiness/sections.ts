/** The screens of the Readiness place and their addresses. */

import type { Dimension } from '../../lib/api';
import { hrefOf } from '../../lib/router.svelte';

export const SECTIONS = ['overview', 'indicators', 'lift', 'gaps', 'map', 'profile', 'sector', 'compare'] as const;
export type Section = (typeof SECTIONS)[number];

export const DIMENSIONS: readonly Dimension[] = ['economic_sources', 'infrastructure', 'human_capital', 'economic_potential', 'governance'];

/** What an address within the place opens. What is not known opens the overview. */
export function sectionOf(path: readonly string[]): Section {
  return SECTIONS.find((each) => each === path[0]) ?? 'overview';
}

export function dimensionOf(path: readonly string[]): Dimension {
  return DIMENSIONS.find((each) => each === path[1]) ?? 'economic_sources';
}

export function hrefOfSection(cluster: string, section: Section, ...further: string[]): string {
  if (section === 'overview') return hrefOf('readiness', cluster);
  return hrefOf('readiness', cluster, [section, ...further]);
}
