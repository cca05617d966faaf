/** A map of the core as what the map component draws. */

import type { MapCellsView, MapView, ReadinessClass, SectorView, SectorZoneView } from '../../lib/api';
import { rectsByValue } from '../../lib/map/cells';
import { EMPTY_MAP, type Area, type Bounds, type CellLayer, type Fill, type MapData, type Metres, type PatternName, type Place } from '../../lib/map/data';
import { UNSURE_FILL, classFill } from '../../lib/map/fills';
import { lineOf, spread } from '../../lib/map/plane';
import { CLASSES } from './readiness.svelte';

/** What the map says in the language that is on. */
interface MapWords {
  class: (of: ReadinessClass) => string;
  unsure: string;
}

/** As `MapCellsView.doubtful` says it. */
const DOUBTFUL = 2;

function classLayers(cells: MapCellsView, words: MapWords): CellLayer[] {
  const length = cells.columns * cells.rows;
  const classes = rectsByValue(spread(cells.classes, length), cells.columns, cells.rows);
  const doubtful = rectsByValue(spread(cells.doubtful, length), cells.columns, cells.rows);
  const layers = CLASSES.map((each, index) => ({ key: each, label: words.class(each), fill: classFill(each), rects: classes.get(index + 1) ?? [] }));
  const unsure = doubtful.get(DOUBTFUL) ?? [];
  return [
    ...layers.reverse().filter((layer) => layer.rects.length > 0),
    ...(unsure.length > 0 ? [{ key: 'unsure', label: words.unsure, fill: UNSURE_FILL, rects: unsure }] : []),
  ];
}

function rayonsOf(map: MapView): Area[] {
  return map.rayons.map(({ rayon, name, outline }) => ({ id: rayon, name, fill: null, rings: outline.map(lineOf), tappable: true }));
}

function extentOf([west, south, east, north]: readonly number[]): Bounds | null {
  return west === undefined || south === undefined || east === undefined || north === undefined || !(east > west && north > south)
    ? null
    : { west, south, east, north };
}

/** The outlines and names around the cells, the same for every map of a cluster. */
function groundOf(map: MapView, here: Metres | null): MapData {
  return {
    ...EMPTY_MAP,
    here,
    areas: [
      ...rayonsOf(map),
      ...(map.outline.length > 0 ? [{ id: map.cluster, name: map.name, fill: null, rings: map.outline.map(lineOf), tappable: false }] : []),
    ],
    lines: [
      ...map.water.map((line) => ({ kind: 'water' as const, points: lineOf(line) })),
      ...map.roads.map(({ line }) => ({ kind: 'road' as const, points: lineOf(line) })),
    ],
    extent: extentOf(map.extent_m),
    names: map.settlements
      .filter((settlement) => map.places.every((place) => place.name !== settlement.name))
      .map(({ name, x_m, y_m, population }) => ({ id: `settlement/${name}`, name, at: [x_m, y_m], weight: population ?? 0, marked: false })),
    places: map.places.map(({ village, name, x_m, y_m, population, interviews }): Place => ({
      id: village,
      name,
      at: [x_m, y_m],
      weight: (population ?? 0) + (interviews > 0 ? 1_000_000 : 0),
      marked: interviews > 0,
    })),
  };
}

export function clusterMap(map: MapView, here: Metres | null, words: MapWords): MapData {
  const ground = groundOf(map, here);
  return map.cells === null ? ground : { ...ground, grid: map.cells, layers: classLayers(map.cells, words) };
}

/** Something new on the map. */
export interface AddedPlace {
  name: string;
  at: Metres;
  radius_km: number | null;
}

/** Corners of a circle on a map. */
const CORNERS = 72;

function circle([x, y]: Metres, radius_m: number): Metres[] {
  return Array.from({ length: CORNERS }, (_, corner) => {
    const angle = (2 * Math.PI * corner) / CORNERS;
    return [x + radius_m * Math.cos(angle), y + radius_m * Math.sin(angle)];
  });
}

/** Added to the number of a class that a cell did not have before. */
const CHANGED = 10;

/** The classes as they would be, cells that change theirs hatched, and how much rises; `after` are runs as those of the map. */
export function changedMap(map: MapView, after: readonly number[] | null, added: readonly AddedPlace[], words: Pick<MapWords, 'class'> & { becomes: (of: ReadinessClass) => string }): { data: MapData; risen_km2: number } {
  const ground = groundOf(map, null);
  const data = {
    ...ground,
    areas: [
      ...ground.areas.map((area) => ({ ...area, tappable: false })),
      ...added.flatMap(({ at, radius_km }, index) => (radius_km === null ? [] : [{ id: `reach/${index}`, name: '', fill: null, rings: [circle(at, radius_km * 1_000)], tappable: false }])),
    ],
    names: [...ground.names, ...added.map(({ name, at }, index): Place => ({ id: `added/${index}`, name, at, weight: 1_000_000_000 - index, marked: true }))],
  };
  const { cells } = map;
  if (cells === null) return { data, risen_km2: 0 };
  const length = cells.columns * cells.rows;
  const before = spread(cells.classes, length);
  const now = after === null ? before : spread(after, length);
  const risen = now.reduce((count, value, place) => count + Number(value > (before[place] ?? 0)), 0);
  const rects = rectsByValue(now.map((value, place) => (value === before[place] ? value : value + CHANGED)), cells.columns, cells.rows);
  const layers = CLASSES.flatMap((each, index): CellLayer[] => [
    { key: each, label: words.class(each), fill: classFill(each), rects: rects.get(index + 1) ?? [] },
    // In the class's own ink, or it would not be seen on the dark ones.
    { key: `becomes-${each}`, label: words.becomes(each), fill: { ...classFill(each), pattern: 'diagonal', always: true }, rects: rects.get(index + 1 + CHANGED) ?? [] },
  ]);
  return {
    data: { ...data, grid: cells, layers: layers.reverse().filter((layer) => layer.rects.length > 0) },
    risen_km2: (risen * cells.cell_m * cells.cell_m) / 1_000_000,
  };
}

/** The village or settlement nearest to a place; null on a map without any. */
export function nearestName(map: MapView, [x, y]: Metres): string | null {
  const all = [...map.places, ...map.settlements];
  const distance = (each: { x_m: number; y_m: number }) => Math.hypot(each.x_m - x, each.y_m - y);
  return all.reduce<(typeof all)[number] | null>((near, each) => (near === null || distance(each) < distance(near) ? each : near), null)?.name ?? null;
}

/** The class with the most area, and its share; null without cells. */
export function mostOf(cells: MapCellsView | null): { class: ReadinessClass; share: number } | null {
  if (cells === null) return null;
  const sum = cells.area_km2.reduce((total, area) => total + area, 0);
  if (sum === 0) return null;
  const most = Math.max(...cells.area_km2);
  const found = CLASSES[cells.area_km2.indexOf(most)];
  return found === undefined ? null : { class: found, share: most / sum };
}

/** The pattern says what a zone is, the colour of which crop. */
const ZONE_PATTERNS: Record<SectorZoneView['zone'], PatternName> = {
  production: 'dots',
  processing: 'horizontal',
  commercialisation: 'vertical',
  tourism_supply: 'counter',
  tourism_demand: 'diagonal',
  tourism_optimised: 'grid',
  agritourism: 'rings',
};
/** From below. */
const DRAWN: readonly SectorZoneView['zone'][] = ['production', 'processing', 'commercialisation', 'tourism_optimised', 'tourism_supply', 'tourism_demand', 'agritourism'];
const CROP_COLOURS = ['--class-accelerate-low', '--class-activate', '--class-accelerate-medium', '--class-amplify'] as const;

function zoneFill({ zone, crop }: SectorZoneView, crops: readonly string[]): Fill {
  const look = { pattern: ZONE_PATTERNS[zone], always: true };
  if (zone === 'agritourism') return { ...look, colour: '--accent', ink: '--accent-ink' };
  if (zone === 'tourism_optimised') return { ...look, colour: '--class-accelerate-high', ink: '--class-accelerate-high-ink' };
  if (crop === null) return { ...look, colour: 'transparent', ink: '--ink' };
  const colour = CROP_COLOURS[Math.max(0, crops.indexOf(crop)) % CROP_COLOURS.length] ?? CROP_COLOURS[0];
  return { ...look, colour, ink: `${colour}-ink` };
}

/** Zones as layers that may lie over each other, crops below and agritourism on top. */
export function sectorMap(map: MapView, sector: SectorView, label: (zone: SectorZoneView) => string): MapData {
  const crops = sector.crops.map((each) => each.crop);
  const rank = ({ zone }: SectorZoneView) => DRAWN.indexOf(zone);
  const layers = [...sector.zones]
    .sort((one, other) => rank(one) - rank(other))
    .map((zone): CellLayer => ({
      key: zone.crop === null ? zone.zone : `${zone.zone}-${zone.crop}`,
      label: label(zone),
      fill: zoneFill(zone, crops),
      rects: rectsByValue(spread(zone.cells, sector.columns * sector.rows), sector.columns, sector.rows).get(1) ?? [],
    }))
    .filter((layer) => layer.rects.length > 0);
  return { ...groundOf(map, null), grid: sector, layers };
}
