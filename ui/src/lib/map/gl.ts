/** Whether this device draws with WebGL; a page without it gets the map as SVG. */

let known: boolean | null = null;

export function drawsWithGl(): boolean {
  known ??= looked();
  return known;
}

function looked(): boolean {
  if (typeof WebGL2RenderingContext === 'undefined') return false;
  try {
    const context = document.createElement('canvas').getContext('webgl2');
    // Browsers hold few of these at a time.
    context?.getExtension('WEBGL_lose_context')?.loseContext();
    return context !== null;
  } catch {
    return false;
  }
}
