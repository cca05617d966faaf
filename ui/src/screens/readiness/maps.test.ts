import { expect, it } from 'vitest';

import { FakeCore } from '../../../tests/fake-api';
import { boundsOf } from '../../lib/map/data';
import { hitOf } from '../../lib/map/hit';
import { spread } from '../../lib/map/plane';
import { changedMap, clusterMap, mostOf, nearestName, sectorMap } from './cluster-map';
import { compareMap } from './compare-map';
import { CLASSES } from './readiness.svelte';

const CLUSTER = { cluster: 'synthetic-a' };
const WORDS = { class: (of: string) => of, unsure: 'unsure' };
const core = new FakeCore({ cells: true, language: 'en' });

it('the map holds just the cells that the core counted, class by class', async () => {
  const map = await core.readMap(CLUSTER);
  const data = clusterMap(map, null, WORDS);
  const cell_km2 = (data.grid!.cell_m / 1_000) ** 2;
  for (const layer of data.layers.filter((each) => each.key !== 'unsure')) {
    const cells = layer.rects.reduce((sum, rect) => sum + rect.columns * rect.rows, 0);
    expect(cells * cell_km2).toBeCloseTo(map.cells!.area_km2[CLASSES.findIndex((each) => each === layer.key)]!, 6);
  }
  expect(data.layers.at(-1)!.key).toBe('unsure');
  expect(mostOf(map.cells)!.class).toBe('accelerate_high');
});

it('at first the map shows what the core says, and a tap on a village finds its class and rayon', async () => {
  const map = await core.readMap(CLUSTER);
  const data = clusterMap(map, null, WORDS);
  expect(boundsOf(data)!.west).toBeCloseTo(map.extent_m[0]!, 6);
  const place = map.places[0]!;
  const hit = hitOf(data, [place.x_m, place.y_m]);
  expect(hit.layers.map((layer) => layer.key)).toContain(place.class);
  expect(hit.area?.id).toBe('AZ-SY1');
  expect(data.names.every(({ name }) => map.places.every((each) => each.name !== name))).toBe(true);
});

it('without cells the map is rayons and villages, and says nothing of classes', async () => {
  const map = { ...(await core.readMap(CLUSTER)), cells: null };
  expect(clusterMap(map, null, WORDS).layers).toEqual([]);
  expect(mostOf(null)).toBeNull();
});

it('zones of two crops are told apart by colour, kinds of zones by pattern, and agritourism lies on top', async () => {
  const sector = await core.readSector({ ...CLUSTER, crops: [] });
  const { layers } = sectorMap(await core.readMap(CLUSTER), sector, (zone) => zone.zone);
  const of = (key: string) => layers.find((layer) => layer.key === key)!.fill;
  expect(of('production-grapes').colour).not.toBe(of('production-tomatoes').colour);
  expect(of('production-grapes').pattern).toBe(of('production-tomatoes').pattern);
  expect(of('production-grapes').pattern).not.toBe(of('processing-grapes').pattern);
  expect(layers.at(-1)!.key).toMatch(/^agritourism/u);
});

it('the map of all has clusters over rayons, in their classes, and only those that are listed open by a tap', async () => {
  const maps = await Promise.all(['synthetic-a', 'synthetic-b'].map((cluster) => core.readMap({ cluster })));
  const { rows } = await core.compareClusters({});
  const all = compareMap(maps, rows, null, (of) => of);
  const clusters = all.areas.map(({ id }) => id).filter((id) => id.startsWith('synthetic'));
  expect(all.areas.slice(-2).map(({ id }) => id)).toEqual(clusters);
  const some = compareMap(maps, rows.filter((row) => row.kind === 'rayon'), null, (of) => of);
  expect(some.areas.some(({ id }) => id.startsWith('synthetic'))).toBe(false);
  const one = compareMap(maps, rows.filter((row) => row.id === 'AZ-SY1'), null, (of) => of);
  expect(one.areas.filter((area) => area.tappable).map(({ id }) => id)).toEqual(['AZ-SY1']);
});

it('the map of all colours and explains what the list says: the class with the voices, where enough were heard', async () => {
  const maps = [await core.readMap(CLUSTER)];
  const { rows } = await core.compareClusters({});
  const cluster = { ...rows.find(({ id }) => id === 'synthetic-a')!, class: 'activate' as const };
  const { merged } = await core.readReadiness(CLUSTER);
  const drawn = (provisional: boolean) => {
    const row = { ...cluster, merged: { ...merged!, class: 'amplify' as const, provisional } };
    const { areas, legend } = compareMap(maps, [row], null, (of) => of);
    return [areas.find(({ id }) => id === 'synthetic-a')!.fill!.colour, legend.map(({ key }) => key)];
  };
  expect(drawn(false)).toEqual(['--class-amplify', ['amplify']]);
  expect(drawn(true)).toEqual(['--class-activate', ['activate']]);
});

it('what is new on the map hatches the cells whose class changes, and its reach is drawn', async () => {
  const map = await core.readMap(CLUSTER);
  const cells = map.cells!;
  const after = spread(cells.classes, cells.columns * cells.rows);
  const rising = after.findIndex((value) => value > 0 && value < 5);
  after[rising]! += 1;
  const runs = [...after].flatMap((value) => [value, 1]);
  const [x_m, y_m] = [map.places[0]!.x_m, map.places[0]!.y_m];
  const words = { class: (of: string) => of, becomes: (of: string) => `becomes ${of}` };
  const { data, risen_km2 } = changedMap(map, runs, [{ name: '1. mast', at: [x_m, y_m], radius_km: 2 }], words);
  expect(risen_km2).toBeCloseTo(0.01, 9);
  const changed = data.layers.filter((layer) => layer.key.startsWith('becomes-'));
  expect(changed).toHaveLength(1);
  expect(changed[0]).toMatchObject({ label: `becomes ${CLASSES[after[rising]! - 1]}`, rects: [{ column: rising % cells.columns, row: Math.floor(rising / cells.columns), columns: 1, rows: 1 }] });
  const reach = data.areas.at(-1)!.rings[0]!.map(([x, y]) => Math.hypot(x - x_m, y - y_m));
  expect(Math.max(...reach) - Math.min(...reach)).toBeLessThan(1e-6);
  expect(data.names.at(-1)).toMatchObject({ name: '1. mast', marked: true });
  expect(changedMap(map, null, [], words).data.layers.some((layer) => layer.key.startsWith('becomes-'))).toBe(false);
  expect(nearestName(map, [x_m + 5, y_m])).toBe(map.places[0]!.name);
});
