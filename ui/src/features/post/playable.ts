// Whether this window can play a clip, and if not, what is missing. Asks the engine; knows only what to ask it.
import type { AssetView } from '../../host/host';

export type Playable = { can: true } | { can: false; lacks: 'h264' | 'codec'; codec: string };

/** Containers name codecs shortly; `canPlayType` wants a profile too, and the most common one answers for all. */
const PROFILES: { [codec: string]: string } = {
  avc1: 'avc1.42E01E',
  avc3: 'avc1.42E01E',
  h264: 'avc1.42E01E',
  hvc1: 'hvc1.1.6.L93.B0',
  hev1: 'hev1.1.6.L93.B0',
  hevc: 'hvc1.1.6.L93.B0',
  vp08: 'vp8',
  vp8: 'vp8',
  vp09: 'vp09.00.10.08',
  vp9: 'vp09.00.10.08',
  av01: 'av01.0.04M.08',
  av1: 'av01.0.04M.08',
};

export function playable(facts: AssetView, canPlayType: (type: string) => string): Playable {
  const codec = facts.codec?.toLowerCase() ?? '';
  const profile = PROFILES[codec];
  // QuickTime files are MP4 inside, but engines say no to their name and play them all the same.
  const container = facts.mime === 'video/quicktime' ? 'video/mp4' : facts.mime;
  // Of a codec that we cannot ask about, the attempt itself tells.
  if (profile === undefined || canPlayType(`${container}; codecs="${profile}"`) !== '') return { can: true };
  return { can: false, lacks: profile.startsWith('avc1') ? 'h264' : 'codec', codec };
}
