import { expect, it } from 'vitest';

import { NO_CELL, cellAt, cornersOf, rectsByValue } from './cells';
import { pixelsOfCell } from './cell-picture';
import { EMPTY_MAP, boundsOf, type CellGrid, type MapData, type Ring } from './data';
import { degreesOf, metresOf } from './degrees';
import { classFill } from './fills';
import { hitOf, inside } from './hit';
import { placed } from './labels';
import { nearestPlace } from './nearest';
import { lineOf, spread, toMetres } from './plane';
import { pathOfRects } from './shapes';
import { layersOf, sourcesOf } from './style';
import { fitted, metresAt, panned, pixelOf, scaleBar, zoomed } from './view';

const GRID: CellGrid = { west_m: -150_000, north_m: 90_000, cell_m: 500, columns: 40, rows: 20 };
const square = (west: number, south: number, side: number): Ring => [
  [west, south],
  [west + side, south],
  [west + side, south + side],
  [west, south + side],
];
function someMap(): MapData {
  return {
    ...EMPTY_MAP,
    grid: GRID,
    layers: [{ key: 'amplify', label: 'Amplify', fill: classFill('amplify'), rects: [{ column: 0, row: 0, columns: 40, rows: 10 }] }],
    areas: [
      { id: 'around', name: 'Around', fill: null, tappable: true, rings: [square(-160_000, 60_000, 60_000)] },
      { id: 'hole', name: 'With a hole', fill: classFill('activate'), tappable: true, rings: [square(-155_000, 61_000, 9_000), square(-153_000, 63_000, 3_000)] },
    ],
  };
}

it('where the person stands lies where the core would put it', () => {
  // Baku, by `EqualArea` of crates/cells, which agrees with PROJ to a millimetre.
  const [x, y] = toMetres({ longitude: 49.89201, latitude: 40.37767 });
  expect(x).toBeCloseTo(203_100.96, 1);
  expect(y).toBeCloseTo(22_457.12, 1);
  expect(toMetres({ longitude: 47.5, latitude: 40.2 }).map((metres) => Math.abs(metres) < 1e-6)).toEqual([true, true]);
});

it('lines are read from their steps, and runs fill their grid and no more', () => {
  expect(lineOf([10, 20, 1, 1, -5, 0])).toEqual([[10, 20], [11, 21], [6, 21]]);
  expect(lineOf([1])).toEqual([]);
  expect([...spread([0, 2, 3, 1, 5, 9], 5)]).toEqual([0, 0, 3, 5, 5]);
});

it('metres come back from the degrees of the renderer', () => {
  const [x, y] = metresOf(degreesOf([-123_456, 78_901]));
  expect(x).toBeCloseTo(-123_456, 4);
  expect(y).toBeCloseTo(78_901, 4);
});

it('equal neighbours become one rectangle, and every cell lies in just one', () => {
  const values = [1, 1, 2, 1, 1, 2, NO_CELL, 1, 1];
  const found = rectsByValue(values, 3, 3);
  expect(found.get(1)).toEqual([
    { column: 0, row: 0, columns: 2, rows: 2 },
    { column: 1, row: 2, columns: 2, rows: 1 },
  ]);
  expect(found.get(2)).toEqual([{ column: 2, row: 0, columns: 1, rows: 2 }]);
  expect(found.has(NO_CELL)).toBe(false);
  const covered = [...found.values()].flat().reduce((sum, rect) => sum + rect.columns * rect.rows, 0);
  expect(covered).toBe(8);
});

it('a cell is found by any place in it, and what lies outside the grid is no cell', () => {
  const [north_west] = cornersOf(GRID, { column: 39, row: 19, columns: 1, rows: 1 });
  expect(cellAt(GRID, [north_west[0] + 1, north_west[1] - 1])).toEqual({ column: 39, row: 19 });
  expect(cellAt(GRID, [GRID.west_m - 1, GRID.north_m - 1])).toBeNull();
  expect(cellAt(GRID, [GRID.west_m + 1, GRID.north_m + 1])).toBeNull();
});

it('a tap finds the uppermost area and the cells under it, and a hole is no part of its area', () => {
  const data = someMap();
  expect(hitOf(data, [-140_000, 88_000]).layers.map((layer) => layer.key)).toEqual(['amplify']);
  expect(hitOf(data, [-140_000, 84_000]).layers).toEqual([]);
  expect(hitOf(data, [-154_000, 62_000]).area?.id).toBe('hole');
  expect(hitOf(data, [-152_000, 64_000]).area?.id).toBe('around');
  expect(inside([], [0, 0])).toBe(false);
});

it('cells are written whole, and areas get a pattern for each class in sunlight only', () => {
  const data = someMap();
  expect(pathOfRects(GRID, data.layers[0]!.rects)).toBe('M-150 -90L-150 -85L-130 -85L-130 -90Z');
  const striped = { ...data, areas: data.areas.map((area) => ({ ...area, fill: classFill('amplify') })) };
  const names = (sunlight: boolean) => layersOf(striped, { sunlight, of: (token) => token }).map((layer) => layer.id);
  expect(names(true)).toContain('area-0-pattern');
  expect(names(false)).not.toContain('area-0-pattern');
});

it('the picture of cells has a pixel a cell, and with patterns as many as the screen, within memory', () => {
  const data = someMap();
  expect(pixelsOfCell(data, false, 7.2)).toBe(1);
  expect(pixelsOfCell(data, true, 7.2)).toBe(8);
  expect(pixelsOfCell({ ...data, grid: { ...GRID, columns: 1_000 } }, true, 7.2)).toBe(2);
  expect(pixelsOfCell({ ...data, grid: { ...GRID, columns: 9_000 } }, true, 0.1)).toBe(1);
});

it('a hole stays with the polygon that it is in', () => {
  const source = sourcesOf(someMap()).areas as { data: { features: { geometry: { coordinates: unknown[][] } }[] } };
  expect(source.data.features[1]!.geometry.coordinates.map((polygon) => polygon.length)).toEqual([2]);
});

it('all of the map is in sight at first; what is under the finger stays there while the map grows', () => {
  const size = { width: 400, height: 300 };
  const view = fitted(boundsOf(someMap())!, size);
  for (const corner of cornersOf(GRID, { column: 0, row: 0, columns: 40, rows: 20 })) {
    const { x, y } = pixelOf(view, size, corner);
    expect(x >= 0 && x <= size.width && y >= 0 && y <= size.height).toBe(true);
  }
  const about = { x: 100, y: 80 };
  const before = metresAt(view, size, about);
  const after = metresAt(zoomed(view, 2, size, about), size, about);
  expect(after[0]).toBeCloseTo(before[0], 6);
  expect(after[1]).toBeCloseTo(before[1], 6);
  expect(pixelOf(panned(view, 40, 10), size, before)).toEqual({ x: expect.closeTo(60, 6), y: expect.closeTo(70, 6) });
});

it('a bar of scale has a length that people say aloud', () => {
  expect(scaleBar(0.01, 100)).toEqual({ km: 10, width_px: 100 });
  expect(scaleBar(0.013, 100)?.km).toBe(5);
  expect(scaleBar(0, 100)).toBeNull();
});

it('a map without anything has no bounds, and a single place has some ground around it', () => {
  expect(boundsOf(EMPTY_MAP)).toBeNull();
  const bounds = boundsOf({ ...EMPTY_MAP, places: [{ id: 'one', name: 'One', at: [10, 20], weight: 1, marked: false }] })!;
  expect(bounds).toEqual({ west: -1_990, east: 2_010, south: -1_980, north: 2_020 });
});

it('names never cover each other; the weightiest goes first, and the chosen one is always named', () => {
  const place = (id: string, weight: number) => ({ id, name: `Place ${id}`, at: [0, 0] as const, weight, marked: false });
  const all = [
    { place: place('a', 10), at: { x: 50, y: 50 } },
    { place: place('b', 90), at: { x: 60, y: 52 } },
    { place: place('c', 1), at: { x: 55, y: 51 } },
    { place: place('d', 5), at: { x: 500, y: 50 } },
  ];
  const named = (chosen: string | null) => placed(all, { width: 300, height: 200 }, chosen).filter((each) => each.named).map(({ place: { id } }) => id);
  expect(named(null)).toEqual(['b']);
  expect(named('c')).toEqual(['c']);
  expect(placed(all, { width: 300, height: 200 }, null).map(({ place: { id } }) => id)).toEqual(['b', 'a', 'c']);
});

it('a tap means the nearest place within a finger, or none', () => {
  const places = [[0, 0], [30, 0]].map(([x, y], index) => ({ id: String(index), name: '', at: [x!, y!] as const, weight: 1, marked: false }));
  const drawn = { project: ([x, y]: readonly [number, number]) => ({ x, y }) };
  expect(nearestPlace(places, [20, 0], drawn)?.id).toBe('1');
  expect(nearestPlace(places, [90, 0], drawn)).toBeNull();
});
