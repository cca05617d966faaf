/** Whether this device draws with WebGL; a page without it gets the map as SVG. */

export function drawsWithGl(): boolean {
  if (typeof WebGL2RenderingContext === 'undefined') return false;
  try {
    return document.createElement('canvas').getContext('webgl2') !== null;
  } catch {
    return false;
  }
}
