/**
 * SYNTHETIC. What the real core says of the made-up pack (`crates/pack/src/synthetic.rs`), written by `cargo xtask bridge`
 * into `synthetic/LANGUAGE.json`. What if answers the same change whatever is asked: numbers move in the real core only.
 */

import type { CompareView, GapsView, Language, LeversView, LiftView, LocatedView, MapView, PeersView, ProfileView, ReadinessView, ReadProfile, SectorView, WhatIfView } from '../src/lib/api';
import az from './synthetic/az.json';
import en from './synthetic/en.json';
import ru from './synthetic/ru.json';

interface ClusterViews {
  read_readiness: ReadinessView;
  read_levers: LeversView;
  calculate_what_if: WhatIfView;
  lift_cluster: LiftView;
  read_peers: PeersView;
  read_gaps: GapsView;
  read_map: MapView;
  read_sector: SectorView;
  read_profile: ProfileView;
}

interface Views {
  clusters: Record<string, ClusterViews>;
  compare_clusters: CompareView;
  village: ProfileView;
  rayon: ProfileView;
}

const VIEWS = { az, en, ru } as unknown as Record<Language, Views>;
const FIRST = 'synthetic-a';

/** All that is known of a cluster; of one that the made-up pack doesn't have, what is known of its first. */
export function clusterViews(language: Language, cluster: string): ClusterViews {
  const { clusters } = VIEWS[language];
  return clusters[cluster] ?? clusters[FIRST]!;
}

export const compareView = (language: Language): CompareView => VIEWS[language].compare_clusters;

export function profileView(language: Language, request: ReadProfile): ProfileView {
  if ('cluster' in request) return clusterViews(language, request.cluster).read_profile;
  return 'village' in request ? VIEWS[language].village : VIEWS[language].rayon;
}

export function locatedView(language: Language): LocatedView {
  const { cluster, name } = clusterViews(language, FIRST).read_map;
  return { cluster, name, by_cell: true, class: 'accelerate_high', rayon: 'AZ-SY1' };
}
