/** Pictures made smaller before they are kept: a phone's camera gives ten times what a report shows. */

const JPEG_QUALITY = 0.85;

/** The picture with its longer side at most so long; the file itself where it is small enough or can't be read here. */
export async function smaller(file: File, most_pixels: number | null): Promise<{ content: Blob; media_type: string }> {
  const as_is = { content: file, media_type: file.type };
  if (most_pixels === null || !file.type.startsWith('image/') || file.type === 'image/svg+xml') return as_is;
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return as_is;
  }
  const scale = most_pixels / Math.max(bitmap.width, bitmap.height);
  if (scale >= 1) return as_is;
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const content = await new Promise<Blob | null>((resolve) => { canvas.toBlob(resolve, 'image/jpeg', JPEG_QUALITY); });
  return content === null ? as_is : { content, media_type: content.type };
}
