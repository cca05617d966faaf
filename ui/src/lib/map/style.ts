/**
 * A map as MapLibre wants it: no tiles, no letters, nothing from a network. Colours are read from the page at the moment
 * of drawing, because the renderer knows no CSS.
 */

import type { FeatureCollection, Position as Pair } from 'geojson';
import type { GeoJSONSourceSpecification, LayerSpecification } from 'maplibre-gl';

import { cornersOf } from './cells';
import { degreesOf } from './degrees';
import type { Fill, MapData, Metres, Ring } from './data';
import { inside } from './hit';
import { STROKES, TILE_PX, patternId, patterned, strokeWidth } from './patterns';

export interface Colours {
  sunlight: boolean;
  /** The colour of a token, or what is no token as it is. */
  of: (token: string) => string;
}

export function coloursOfPage(sunlight: boolean): Colours {
  const style = getComputedStyle(document.documentElement);
  return { sunlight, of: (token) => (token.startsWith('--') ? style.getPropertyValue(token).trim() : token) };
}

/** Renderers round corners, and where a long side meets two short ones the ground would shine through: cells reach so far
 *  over their neighbours, in cells. */
const OVERLAP = 0.08;
const lists = (ring: Ring): Pair[] => ring.map(degreesOf);
const closed = (ring: Ring): Pair[] => lists(ring[0] === undefined ? ring : [...ring, ring[0]]);
/** Cells are small: nothing may be simplified away. */
const EXACT = { type: 'geojson', tolerance: 0, maxzoom: 13 } as const;

export function sourcesOf(data: MapData): Record<string, GeoJSONSourceSpecification> {
  const { grid } = data;
  const collection = (features: FeatureCollection['features']): GeoJSONSourceSpecification => ({
    ...EXACT,
    data: { type: 'FeatureCollection', features },
  });
  return {
    areas: collection(
      data.areas.map((area, index) => ({
        type: 'Feature',
        properties: { area: index },
        geometry: { type: 'MultiPolygon', coordinates: polygonsOf(area.rings) },
      })),
    ),
    cells: collection(
      grid === null
        ? []
        : data.layers.map((layer) => ({
            type: 'Feature',
            properties: { layer: layer.key },
            geometry: { type: 'MultiPolygon', coordinates: layer.rects.map((rect) => [closed(cornersOf(grid, rect, OVERLAP))]) },
          })),
    ),
    lines: collection(
      data.lines.map((line) => ({
        type: 'Feature',
        properties: { kind: line.kind },
        geometry: { type: 'LineString', coordinates: lists(line.points) },
      })),
    ),
  };
}

/** Rings to polygons: one that lies within another is its hole. */
function polygonsOf(rings: readonly Ring[]): Pair[][][] {
  const holds = (outer: Ring, inner: Ring): boolean => {
    const first: Metres | undefined = inner[0];
    return outer !== inner && first !== undefined && inside([outer], first);
  };
  const outer = rings.filter((ring) => !rings.some((other) => holds(other, ring)));
  return outer.map((ring) => [ring, ...rings.filter((other) => holds(ring, other))].map(closed));
}

export function layersOf(data: MapData, colours: Colours): LayerSpecification[] {
  const layers: LayerSpecification[] = [
    { id: 'ground', type: 'background', paint: { 'background-color': colours.of('--surface-quiet') } },
  ];
  const stroke = colours.sunlight ? 3 : 1.5;
  data.areas.forEach((area, index) => {
    if (area.fill) layers.push(...fillsOf('areas', `area-${index}`, ['==', ['get', 'area'], index], area.fill, colours));
  });
  for (const layer of data.layers) {
    layers.push(...fillsOf('cells', `cells-${layer.key}`, ['==', ['get', 'layer'], layer.key], layer.fill, colours));
  }
  for (const [kind, token] of [['water', '--primary'], ['road', '--ink-quiet']] as const) {
    layers.push({
      id: kind,
      source: 'lines',
      type: 'line',
      filter: ['==', ['get', 'kind'], kind],
      paint: { 'line-color': colours.of(token), 'line-width': stroke },
    });
  }
  layers.push({
    id: 'outlines',
    source: 'areas',
    type: 'line',
    paint: { 'line-color': outlineColour(data, colours), 'line-width': stroke },
  });
  return layers;
}

function outlineColour(data: MapData, colours: Colours): string {
  const filled = data.areas.some((area) => area.fill !== null);
  return colours.of(filled && !colours.sunlight ? '--surface' : '--ink');
}

type Filter = ['==', ['get', string], string | number];

function fillsOf(source: string, id: string, filter: Filter, fill: Fill, colours: Colours): LayerSpecification[] {
  const found: LayerSpecification[] = [];
  if (fill.colour !== 'transparent') {
    found.push({ id, source, type: 'fill', filter, paint: { 'fill-color': colours.of(fill.colour), 'fill-antialias': false } });
  }
  if (patterned(fill, colours.sunlight)) {
    found.push({ id: `${id}-pattern`, source, type: 'fill', filter, paint: { 'fill-pattern': patternId(fill), 'fill-antialias': false } });
  }
  return found;
}

/** The fills of a map that need a pattern. */
export function patternsOf(data: MapData, sunlight: boolean): Fill[] {
  const all = [...data.layers.map((layer) => layer.fill), ...data.areas.flatMap((area) => area.fill ?? [])];
  const found = new Map(all.filter((fill) => patterned(fill, sunlight)).map((fill) => [patternId(fill), fill]));
  return [...found.values()];
}

/** One tile of a pattern as pixels. */
export function tileOf(fill: Fill, colours: Colours, ratio: number): ImageData | null {
  const side = TILE_PX * ratio;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [side, side];
  const pen = canvas.getContext('2d');
  if (pen === null) return null;
  pen.scale(ratio, ratio);
  pen.strokeStyle = colours.of(fill.ink);
  pen.lineWidth = strokeWidth(fill.pattern);
  pen.lineCap = 'round';
  pen.stroke(new Path2D(STROKES[fill.pattern]));
  return pen.getImageData(0, 0, side, side);
}
