/**
 * A map as MapLibre wants it: no tiles, no letters, nothing from a network. Colours are read from the page at the moment
 * of drawing, because the renderer knows no CSS.
 */

import type { FeatureCollection, Position as Pair } from 'geojson';
import type { GeoJSONSourceSpecification, LayerSpecification } from 'maplibre-gl';

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

const lists = (ring: Ring): Pair[] => ring.map(degreesOf);
const closed = (ring: Ring): Pair[] => lists(ring[0] === undefined ? ring : [...ring, ring[0]]);
/** Neighbours share their border: it may not be simplified apart. */
const EXACT = { type: 'geojson', tolerance: 0, maxzoom: 13 } as const;

export function sourcesOf(data: MapData): Record<string, GeoJSONSourceSpecification> {
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
    if (area.fill) layers.push(...fillsOf(`area-${index}`, ['==', ['get', 'area'], index], area.fill, colours));
  });
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

type Filter = ['==', ['get', string], number];

function fillsOf(id: string, filter: Filter, fill: Fill, colours: Colours): LayerSpecification[] {
  const found: LayerSpecification[] = [];
  if (fill.colour !== 'transparent') {
    found.push({ id, source: 'areas', type: 'fill', filter, paint: { 'fill-color': colours.of(fill.colour), 'fill-antialias': false } });
  }
  if (patterned(fill, colours.sunlight)) {
    found.push({ id: `${id}-pattern`, source: 'areas', type: 'fill', filter, paint: { 'fill-pattern': patternId(fill), 'fill-antialias': false } });
  }
  return found;
}

/** The fills of areas that need a pattern. */
export function patternsOf(data: MapData, sunlight: boolean): Fill[] {
  const all = data.areas.flatMap((area) => area.fill ?? []);
  const found = new Map(all.filter((fill) => patterned(fill, sunlight)).map((fill) => [patternId(fill), fill]));
  return [...found.values()];
}

/** One tile of a pattern, so many pixels for each of its units. */
export function tileOf(fill: Fill, colours: Colours, ratio: number): { canvas: HTMLCanvasElement; pen: CanvasRenderingContext2D } | null {
  const canvas = document.createElement('canvas');
  const side = Math.max(1, Math.round(TILE_PX * ratio));
  [canvas.width, canvas.height] = [side, side];
  const pen = canvas.getContext('2d');
  if (pen === null) return null;
  pen.scale(side / TILE_PX, side / TILE_PX);
  pen.strokeStyle = colours.of(fill.ink);
  pen.lineWidth = strokeWidth(fill.pattern);
  pen.lineCap = 'round';
  pen.stroke(new Path2D(STROKES[fill.pattern]));
  return { canvas, pen };
}
