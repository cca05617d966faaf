/**
 * Where the bytes of a file are played from. A browser asks the hub, which sends the parts that are wanted; the app's window
 * has them handed over in parts and holds them as one `Blob`, which the browser keeps out of the page's memory.
 */

import type { Api, FileView, StatusView } from '../api';
import { bytesOf, type Target } from './pieces';

const PART_BYTES = 512 * 1024;

/** The address of a file at the hub that served this page. */
export function hubAddress(target: Target, file: FileView): string {
  return `/attachments/${target.interview}/${file.attachment}/${target.path}`;
}

/** Whether files have an address here. */
export function haveAddresses(place: StatusView['place'] | undefined): boolean {
  return place === 'browser';
}

/** Reads a file as a whole; null when it was stopped. */
export async function readFile(
  api: Api,
  target: Target,
  file: FileView,
  told: (read_bytes: number) => void,
  stopped: AbortSignal,
): Promise<Blob | null> {
  const parts: Blob[] = [];
  let at_bytes = 0;
  while (at_bytes < file.size_bytes) {
    const { interview, path } = target;
    const part = await api.readAttachment({ interview, path, attachment: file.attachment, at_bytes, most_bytes: PART_BYTES });
    if (stopped.aborted) return null;
    const bytes = bytesOf(part.content_base64);
    if (bytes.length === 0) break;
    parts.push(new Blob([bytes]));
    at_bytes += bytes.length;
    told(at_bytes);
  }
  return new Blob(parts, { type: file.media_type });
}
