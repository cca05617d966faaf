/**
 * SYNTHETIC. What the real core says of the made-up pack (`crates/pack/src/synthetic.rs`), written by `cargo xtask bridge`
 * into `synthetic/LANGUAGE.json`. Only what if is worked out here, roughly, so that numbers move with the slider.
 */

import type { CompareView, GapsView, IndicatorChange, Language, LeverView, LeversView, LiftView, LocatedView, MapView, NewPlace, PeersView, ProfileView, ReadinessClass, ReadinessView, ReadProfile, SectorView, WhatIfView } from '../src/lib/api';
import { spread } from '../src/lib/map/plane';
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
const CLASSES: ReadinessClass[] = ['activate', 'accelerate_low', 'accelerate_medium', 'accelerate_high', 'amplify'];

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

function scoreOf(lever: LeverView, value: number | null): number | null {
  if (value === null || lever.worst === null || lever.best === null) return null;
  return Math.max(0, Math.min(100, ((value - lever.worst) / (lever.best - lever.worst)) * 100));
}

/** A class higher within a kilometre and a half, or as far as a mast reaches. */
function raiseAround(classes: Uint8Array, cells: MapView['cells'], { x_m, y_m, radius_km }: NewPlace): void {
  if (!cells) return;
  const reach = (radius_km ?? 1.5) * 1_000;
  classes.forEach((value, at) => {
    const x = cells.west_m + ((at % cells.columns) + 0.5) * cells.cell_m - x_m;
    const y = cells.north_m - (Math.floor(at / cells.columns) + 0.5) * cells.cell_m - y_m;
    if (value > 0 && value < 5 && Math.hypot(x, y) < reach) classes[at] = value + 1;
  });
}

/** The index moved by the weights; everybody in the class below moves along. Nothing but a picture. */
export function whatIfOf(views: ClusterViews, changes: IndicatorChange[]): WhatIfView {
  const { before } = views.calculate_what_if;
  let gain = 0;
  const { cells } = views.read_map;
  const classes = cells ? spread(cells.classes, cells.columns * cells.rows) : new Uint8Array();
  const changed = changes.flatMap(({ row, zone, value, place }) => {
    const lever = views.read_levers.levers.find((each) => each.row === row);
    if (!lever) return [];
    if (place) {
      gain += 0.4;
      raiseAround(classes, cells, place);
      const score_before = lever.score ?? 0;
      const places = changes.filter((each) => each.row === row && each.place !== null).length;
      return [{ row, name: lever.name, zone: null, from: lever.value, to: lever.value ?? 0, unit: lever.unit, score_before, score_after: Math.min(100, score_before + 6 * places), places, cautions: lever.takes === 'destination' ? (['ways_here'] as const).slice() : lever.cautions }];
    }
    if (value === null) return [];
    const from = zone === null ? lever.value : (lever.zones.find((each) => each.zone === zone)?.value ?? null);
    const share = zone === null ? 1 : 1 / lever.zones.length;
    const [score_before, score_after] = [scoreOf(lever, from), scoreOf(lever, value) ?? 0];
    gain += lever.weight * share * (score_after - (score_before ?? 0));
    return [{ row, name: lever.name, zone, from, to: value, unit: lever.unit, score_before, score_after, places: 0, cautions: lever.cautions }];
  });
  const index = before.index + gain;
  const { thresholds } = views.read_readiness.data!;
  const classOf = (value: number) => CLASSES[thresholds.filter((threshold) => value >= threshold).length]!;
  const rising = Math.max(0, Math.min(1, gain / 8));
  const risen = (amounts: number[]) => amounts.map((amount, at) => amount * (at < 4 ? 1 - rising : 1) + (at > 0 ? amounts[at - 1]! * rising : 0));
  const merged = before.merged && { ...before.merged, value: before.merged.value + gain, range_low: before.merged.range_low + gain, range_high: before.merged.range_high + gain, class: classOf(before.merged.value + gain) };
  return {
    ...views.calculate_what_if,
    after: { ...before, index, class: classOf(index), merged, area_km2: risen(before.area_km2), people: risen(before.people) },
    // All places of a row stand together.
    changes: changed.filter((each, at) => each.places === 0 || changed.findIndex((other) => other.row === each.row) === at),
    classes: cells && changes.some((each) => each.place !== null) ? [...classes].flatMap((value) => [value, 1]) : null,
    cautions: [...new Set(changed.flatMap((each) => each.cautions))],
  };
}

export function sectorOf({ read_sector }: ClusterViews, crops: string[]): SectorView {
  const wanted = (crop: string | null) => crop === null || crops.length === 0 || crops.includes(crop);
  return { ...read_sector, zones: read_sector.zones.filter((zone) => wanted(zone.crop)), travel: read_sector.travel.filter((way) => wanted(way.crop)) };
}
