/** The map of all clusters and rayons beside their list. */

import type { CompareRow, MapView } from '../../lib/api';
import { EMPTY_MAP, type Area, type LegendEntry, type MapData, type Metres } from '../../lib/map/data';
import { classFill } from '../../lib/map/fills';
import { lineOf } from '../../lib/map/plane';
import { CLASSES } from './readiness.svelte';

/** Rayons in their class, and clusters over them where their outline is known. */
export function compareMap(maps: readonly MapView[], rows: readonly CompareRow[], here: Metres | null, word: (of: (typeof CLASSES)[number]) => string): MapData {
  const shown = new Map(rows.map((row) => [row.id, row]));
  const areas = new Map<string, Area>();
  for (const map of maps) {
    for (const { rayon, name, outline } of map.rayons) {
      const row = shown.get(rayon);
      areas.set(rayon, { id: rayon, name, rings: outline.map(lineOf), tappable: row !== undefined, fill: row?.class ? classFill(row.class) : null });
    }
  }
  for (const map of maps) {
    const row = shown.get(map.cluster);
    if (map.outline.length === 0 || row === undefined) continue;
    areas.set(map.cluster, { id: map.cluster, name: row.name, rings: map.outline.map(lineOf), tappable: true, fill: row.class ? classFill(row.class) : null });
  }
  const classes = new Set(rows.map((row) => row.class));
  const legend: LegendEntry[] = [...CLASSES].reverse().filter((each) => classes.has(each)).map((each) => ({ key: each, label: word(each), fill: classFill(each) }));
  return { ...EMPTY_MAP, here, legend, areas: [...areas.values()] };
}
