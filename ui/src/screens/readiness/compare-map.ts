/** The map of all clusters and rayons beside their list. */

import type { CompareRow, MapView } from '../../lib/api';
import { EMPTY_MAP, type Area, type LegendEntry, type MapData, type Metres } from '../../lib/map/data';
import { classFill } from '../../lib/map/fills';
import { lineOf } from '../../lib/map/plane';
import { classOf } from './compare';
import { CLASSES } from './readiness.svelte';

/** A rayon or cluster in the class that the list says; one that is not listed is an outline that no tap opens. */
function areaOf(id: string, name: string, outline: readonly number[][], row: CompareRow | undefined): Area {
  const of = row === undefined ? null : classOf(row);
  return { id, name, rings: outline.map(lineOf), tappable: row !== undefined, fill: of === null ? null : classFill(of) };
}

/** Rayons in their class, and clusters over them where their outline is known. */
export function compareMap(maps: readonly MapView[], rows: readonly CompareRow[], here: Metres | null, word: (of: (typeof CLASSES)[number]) => string): MapData {
  const shown = new Map(rows.map((row) => [row.id, row]));
  const areas = new Map<string, Area>();
  for (const map of maps) {
    for (const { rayon, name, outline } of map.rayons) areas.set(rayon, areaOf(rayon, name, outline, shown.get(rayon)));
  }
  for (const map of maps) {
    const row = shown.get(map.cluster);
    if (map.outline.length > 0 && row !== undefined) areas.set(map.cluster, areaOf(map.cluster, row.name, map.outline, row));
  }
  const classes = new Set(rows.map(classOf));
  const legend: LegendEntry[] = [...CLASSES].reverse().filter((each) => classes.has(each)).map((each) => ({ key: each, label: word(each), fill: classFill(each) }));
  return { ...EMPTY_MAP, here, legend, areas: [...areas.values()] };
}
