import { expect, it } from 'vitest';

import { NO_CELL, cellAt, cornersOf, rectsByValue } from './cells';
import { EMPTY_MAP, boundsOf, type CellGrid, type MapData } from './data';
import { classFill } from './fills';
import { hitOf, inside } from './hit';
import { placed } from './labels';
import { toLonLat, toPlane } from './mercator';
import { frameOf, pathOfRects } from './shapes';
import { layersOf, sourcesOf } from './style';
import { fitted, lonLatAt, panned, pixelOf, zoomed } from './view';

const GRID: CellGrid = {
  columns: 40,
  rows: 20,
  // As a grid in an equal-area plane lies: no side is quite parallel to a meridian.
  corners: [
    [45.4, 41.01],
    [46.0, 41.0],
    [45.99, 40.7],
    [45.41, 40.71],
  ],
};

it('a place in the plane is read back as the degrees it was made of', () => {
  const [longitude, latitude] = toLonLat(toPlane([47.5, 40.2]));
  expect(longitude).toBeCloseTo(47.5, 9);
  expect(latitude).toBeCloseTo(40.2, 9);
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

it('the middle of every cell is found again, and what lies outside is no cell', () => {
  const place = cornersOf(GRID);
  for (let row = 0; row < GRID.rows; row += 1) {
    for (let column = 0; column < GRID.columns; column += 1) {
      expect(cellAt(GRID, toLonLat(place(column + 0.5, row + 0.5)))).toEqual({ column, row });
    }
  }
  expect(cellAt(GRID, [45.3, 40.8])).toBeNull();
});

function someMap(): MapData {
  return {
    ...EMPTY_MAP,
    grid: GRID,
    layers: [{ key: 'amplify', label: 'Amplify', fill: classFill('amplify'), rects: [{ column: 0, row: 0, columns: 40, rows: 10 }] }],
    areas: [
      { id: 'around', name: 'Around', fill: null, tappable: true, rings: [[[45, 40], [47, 40], [47, 42], [45, 42]]] },
      { id: 'hole', name: 'With a hole', fill: classFill('activate'), tappable: true, rings: [[[45.2, 40.2], [45.8, 40.2], [45.8, 40.8], [45.2, 40.8]], [[45.4, 40.4], [45.6, 40.4], [45.6, 40.6], [45.4, 40.6]]] },
    ],
  };
}

it('a tap finds the uppermost area and the cells under it, and a hole is no part of its area', () => {
  const data = someMap();
  expect(hitOf(data, [45.5, 40.95]).layers.map((layer) => layer.key)).toEqual(['amplify']);
  expect(hitOf(data, [45.5, 40.75]).layers).toEqual([]);
  expect(hitOf(data, [45.3, 40.3]).area?.id).toBe('hole');
  expect(hitOf(data, [45.5, 40.5]).area?.id).toBe('around');
  expect(inside([], [0, 0])).toBe(false);
});

it('both ways of drawing get all cells, and the renderer gets a pattern for each class in sunlight only', () => {
  const data = someMap();
  expect(pathOfRects(frameOf(data), GRID, data.layers[0]!.rects)).toMatch(/^M[-\d. ]+(L[-\d. ]+){3}Z$/u);
  const { cells } = sourcesOf(data);
  expect(JSON.stringify(cells)).toContain('"layer":"amplify"');
  const names = (sunlight: boolean) => layersOf(data, { sunlight, of: (token) => token }).map((layer) => layer.id);
  expect(names(true)).toContain('cells-amplify-pattern');
  expect(names(false)).not.toContain('cells-amplify-pattern');
});

it('a hole stays with the polygon that it is in', () => {
  const source = sourcesOf(someMap()).areas as { data: { features: { geometry: { coordinates: unknown[][] } }[] } };
  expect(source.data.features[1]!.geometry.coordinates.map((polygon) => polygon.length)).toEqual([2]);
});

it('all of the map is in sight at first; what is under the finger stays there while the map grows', () => {
  const size = { width: 400, height: 300 };
  const view = fitted(boundsOf(someMap())!, size);
  for (const corner of GRID.corners) {
    const { x, y } = pixelOf(view, size, toPlane(corner));
    expect(x >= 0 && x <= size.width && y >= 0 && y <= size.height).toBe(true);
  }
  const about = { x: 100, y: 80 };
  const before = lonLatAt(view, size, about);
  const after = lonLatAt(zoomed(view, 2, size, about), size, about);
  expect(after[0]).toBeCloseTo(before[0], 9);
  expect(after[1]).toBeCloseTo(before[1], 9);
  expect(pixelOf(panned(view, 40, 0), size, toPlane(before)).x).toBeCloseTo(60, 6);
});

it('a map without anything has no bounds, and a single place has some ground around it', () => {
  expect(boundsOf(EMPTY_MAP)).toBeNull();
  const place = { id: 'one', name: 'One', position: { latitude: 40.9, longitude: 45.5 }, weight: 1, marked: false };
  const bounds = boundsOf({ ...EMPTY_MAP, places: [place] })!;
  expect(bounds.east - bounds.west).toBeCloseTo(0.04, 9);
});

it('names never cover each other; the weightiest goes first, and the chosen one is always named', () => {
  const place = (id: string, weight: number) => ({ id, name: `Place ${id}`, position: { latitude: 0, longitude: 0 }, weight, marked: false });
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
