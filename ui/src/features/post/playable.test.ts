import { describe, expect, it } from 'vitest';
import type { AssetView } from '../../host/host';
import { playable } from './playable';

const clip = (mime: string, codec: string | null) => ({ mime, codec }) as AssetView;
/** An engine without the package for H.264, as a bare Linux has it. */
const bare = (type: string) => (type.includes('vp09') ? 'probably' : '');

describe('a clip', () => {
  it('in H.264 on a bare Linux names what is missing', () => {
    expect(playable(clip('video/mp4', 'avc1'), bare)).toEqual({ can: false, lacks: 'h264', codec: 'avc1' });
    expect(playable(clip('video/quicktime', 'H264'), bare)).toMatchObject({ lacks: 'h264' });
  });

  it('in another codec that is missing names the codec', () => {
    expect(playable(clip('video/mp4', 'hvc1'), bare)).toEqual({ can: false, lacks: 'codec', codec: 'hvc1' });
  });

  it('that the engine knows, or that nobody can ask about, is tried', () => {
    expect(playable(clip('video/webm', 'vp9'), bare)).toEqual({ can: true });
    expect(playable(clip('video/webm', null), bare)).toEqual({ can: true });
  });

  it('of a phone is asked about as MP4, which it is inside', () => {
    const asked: string[] = [];
    playable(clip('video/quicktime', 'hvc1'), (type) => (asked.push(type), 'maybe'));
    expect(asked[0]).toMatch(/^video\/mp4;/u);
  });
});
