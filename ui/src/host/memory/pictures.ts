// Pictures for a journal in memory: small landscapes drawn from a number, or photographs that the development server lends.

const drawn = new Map<number, string>();

/** An address of the picture with this number. Drawn once, when it is first looked at. */
export function pictureUrl(seed: number, aspect: number): string {
  if (__PHOTOGRAPHS__ > 0) return `/photographs/${seed % __PHOTOGRAPHS__}`;
  const known = drawn.get(seed);
  if (known !== undefined) return known;
  const url = draw(seed, aspect);
  drawn.set(seed, url);
  return url;
}

/** The colour that stands there before the picture does: the picture's sky. */
export function skyColour(seed: number): number {
  const [r, g, b] = rgb(hueOf(seed), 0.42, 0.62);
  return (r << 16) | (g << 8) | b;
}

function hueOf(seed: number): number {
  return (seed * 47 + 200) % 360;
}

function draw(seed: number, aspect: number): string {
  const canvas = document.createElement('canvas');
  canvas.width = 320;
  canvas.height = Math.round(320 * aspect);
  const brush = canvas.getContext('2d');
  // Test environments without a canvas show the placeholder colour, as a picture that is not made yet does.
  if (!brush) return '';
  const hue = hueOf(seed);
  const sky = brush.createLinearGradient(0, 0, 0, canvas.height);
  sky.addColorStop(0, `hsl(${hue} 48% 46%)`);
  sky.addColorStop(0.7, `hsl(${(hue + 40) % 360} 55% 78%)`);
  brush.fillStyle = sky;
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.fillStyle = `hsl(${(hue + 60) % 360} 80% 90%)`;
  brush.beginPath();
  brush.arc(60 + ((seed * 53) % 200), canvas.height * 0.35, 18 + (seed % 3) * 8, 0, Math.PI * 2);
  brush.fill();
  for (let ridge = 0; ridge < 4; ridge += 1) {
    const base = canvas.height * (0.52 + ridge * 0.13);
    brush.fillStyle = `hsl(${(hue + ridge * 14) % 360} 34% ${44 - ridge * 9}%)`;
    brush.beginPath();
    brush.moveTo(0, canvas.height);
    for (let x = 0; x <= canvas.width; x += 8) {
      brush.lineTo(x, base + Math.sin((x + seed * 31) / (34 + ridge * 17)) * 22 + Math.sin((x * (seed % 5)) / 61) * 9);
    }
    brush.lineTo(canvas.width, canvas.height);
    brush.fill();
  }
  return canvas.toDataURL('image/jpeg', 0.8);
}

function rgb(hue: number, saturation: number, lightness: number): [number, number, number] {
  const chroma = saturation * Math.min(lightness, 1 - lightness);
  const channel = (n: number): number => {
    const k = (n + hue / 30) % 12;
    return Math.round(255 * (lightness - chroma * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}
