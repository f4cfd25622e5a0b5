// Posters of clips that the core could not draw (no decoder of ours reads H.264): the webview can, so it draws one frame and the
// journal keeps it. One at a time, each clip tried once while the window is open.
import { type AssetId, type AssetView, host } from '../host/host';

/** A poster is never larger than a view of a photo. */
const LONGEST_EDGE = 1600;
/** The first frames of many clips are black; a second in, or a tenth of a short clip, shows something. */
const AT_SECONDS = 1;
const PATIENCE_MS = 15_000;

const tried = new Set<AssetId>();
let last: Promise<void> = Promise.resolve();

/** Draws a poster in a while, when this is a clip that has none. */
export function wantPoster(facts: AssetView): void {
  const lacks =
    facts.kind === 'clip' && !facts.has_picture && (facts.problem === null || facts.problem === 'no_decoder');
  if (!lacks || tried.has(facts.id)) return;
  tried.add(facts.id);
  last = last.then(() => keepPoster(facts.id));
}

async function keepPoster(asset: AssetId): Promise<void> {
  try {
    const base64 = await drawFrame(host.clipUrl(asset));
    await host.call('asset_poster', { name: asset, base64 });
  } catch {
    // A clip that this webview cannot play has no poster; its tile shows the sign of a clip instead.
  }
}

async function drawFrame(url: string): Promise<string> {
  const video = document.createElement('video');
  try {
    video.crossOrigin = 'anonymous';
    video.muted = true;
    video.preload = 'auto';
    video.src = url;
    await heard(video, 'loadeddata');
    video.currentTime = Math.min(AT_SECONDS, video.duration / 10 || 0);
    await heard(video, 'seeked');
    return toJpeg(video);
  } finally {
    // Without this the engine keeps the connection and the decoder.
    video.removeAttribute('src');
    video.load();
  }
}

function toJpeg(video: HTMLVideoElement): string {
  const scale = Math.min(1, LONGEST_EDGE / Math.max(video.videoWidth, video.videoHeight));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/jpeg', 0.85).replace(/^[^,]*,/u, '');
}

function heard(video: HTMLVideoElement, name: 'loadeddata' | 'seeked'): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no frame came')), PATIENCE_MS);
    video.addEventListener(name, () => (clearTimeout(timer), resolve()), { once: true });
    video.addEventListener('error', () => (clearTimeout(timer), reject(new Error('not playable'))), { once: true });
  });
}
