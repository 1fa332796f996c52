import { Canvas, clamp, mix, ramp, rgb, smooth } from './canvas.mjs';
import { layered, noise, random } from './noise.mjs';

/** An outline for `Canvas.below`: one height per column. */
const outline = (width, height) => Float64Array.from({ length: width }, (_, x) => height(x));

/** Pointed mountain ridges; `base` and `rise` are parts of the picture's height. */
function ridge(canvas, seed, base, rise, peaks) {
  const rough = layered(noise(seed), 7);
  return outline(canvas.width, (x) => {
    const at = (x / canvas.width) * peaks;
    const fold = 1 - Math.abs(2 * rough(at) - 1);
    return canvas.height * (base - rise * (fold ** 1.5 * 0.85 + rough(at * 3 + 50) * 0.25));
  });
}

function rolling(canvas, seed, base, rise, waves) {
  const soft = noise(seed);
  return outline(canvas.width, (x) => canvas.height * (base - rise * soft((x / canvas.width) * waves)));
}

/** The tops of a spruce wood standing on a line. */
function spruces(canvas, seed, line, tallest, count) {
  const next = random(seed);
  const edge = outline(canvas.width, () => line);
  for (let tree = 0; tree < count; tree += 1) {
    const centre = next() * canvas.width;
    const tall = tallest * (0.45 + 0.55 * next());
    const wide = tall * (0.17 + 0.06 * next());
    for (let x = Math.max(0, Math.ceil(centre - wide)); x < Math.min(canvas.width, centre + wide); x += 1) {
      const out = Math.abs(x - centre) / wide;
      const branches = ((out * 7) % 1) * 0.09;
      edge[x] = Math.min(edge[x], line - tall * clamp(1 - out - branches + 0.05));
    }
  }
  return edge;
}

/** Mountains in the mist, the sun about to rise, a still lake. */
export function dawn(width, height) {
  const canvas = new Canvas(width, height);
  const sky = ramp([
    [0, '#27335f'],
    [0.28, '#6d5f93'],
    [0.46, '#d98aa0'],
    [0.62, '#ffcfa3'],
    [1, '#ffe9cf'],
  ]);
  canvas.paint((x, y, out) => sky(y / height, out));
  canvas.glow(width * 0.41, height * 0.4, width * 0.5, rgb('#ffb27a'), 0.8, 2.2);
  canvas.disc(width * 0.41, height * 0.385, height * 0.05, rgb('#fff6dc'));
  canvas.glow(width * 0.41, height * 0.385, height * 0.2, rgb('#fff0c8'), 0.65, 2);
  const haze = rgb('#f3b9a4');
  const layers = [
    { seed: 3, base: 0.62, rise: 0.34, peaks: 3.2, colour: '#a7809f' },
    { seed: 14, base: 0.68, rise: 0.28, peaks: 4.1, colour: '#7b6590' },
    { seed: 22, base: 0.72, rise: 0.19, peaks: 5.2, colour: '#544f7d' },
    { seed: 31, base: 0.76, rise: 0.12, peaks: 6.5, colour: '#343a63' },
  ];
  const stone = layered(noise(90), 5);
  for (const { seed, base, rise, peaks, colour } of layers) {
    const edge = ridge(canvas, seed, base, rise, peaks);
    const ground = rgb(colour);
    canvas.below(edge, (x, y, out) => {
      const mist = smooth(0, height * 0.2, y - edge[x]) * 0.62;
      const relief = (stone(x / 46 + y / 90, y / 40) - 0.5) * 0.13;
      for (let c = 0; c < 3; c += 1) out[c] = mix(ground[c] + relief, haze[c], mist);
    });
  }
  const line = Math.round(height * 0.745);
  const shore = spruces(canvas, 8, line, height * 0.075, 190);
  const wood = rgb('#262a4a');
  canvas.below(shore, (x, y, out) => wood.forEach((value, c) => (out[c] = value)));
  const wave = noise(41);
  const water = rgb('#5b5c8c');
  canvas.mirror(
    line,
    (x, depth) => (wave(x / 70, depth / (2 + depth / 40)) - 0.5) * (2 + depth / 9),
    (x, depth, out) => {
      const deep = 0.18 + 0.35 * smooth(0, height * 0.3, depth);
      for (let c = 0; c < 3; c += 1) out[c] = mix(out[c], water[c], deep);
    },
  );
  return canvas;
}

/** Green hills, cumulus clouds, a farmhouse and one big tree. */
export function noon(width, height) {
  const canvas = new Canvas(width, height);
  const sky = ramp([
    [0, '#1f6fc4'],
    [0.45, '#6fb7ea'],
    [0.7, '#d4eefb'],
    [1, '#d4eefb'],
  ]);
  const cloud = layered(noise(12), 6);
  canvas.paint((x, y, out) => {
    sky(y / height, out);
    const here = cloud((x / width) * 5 + 3, (y / height) * 6.5 + 1);
    const above = cloud((x / width) * 5 + 2.85, (y / height) * 6.5 + 0.7);
    const cover = smooth(0.53, 0.62, here) * (1 - smooth(0.42, 0.62, y / height));
    const shade = 1 - 0.24 * smooth(0.5, 0.78, above);
    for (let c = 0; c < 3; c += 1) out[c] = mix(out[c], shade + c * 0.012, cover * 0.95);
  });
  const far = ridge(canvas, 45, 0.63, 0.1, 5);
  const range = ramp([
    [0, '#86b0cc'],
    [1, '#bcd9e2'],
  ]);
  canvas.below(far, (x, y, out) => range((y - far[x]) / (height * 0.14), out));
  const hills = [
    { seed: 51, base: 0.73, rise: 0.17, waves: 6, from: '#8fc46a', to: '#5f9f55', rows: 0 },
    { seed: 52, base: 0.84, rise: 0.22, waves: 4.2, from: '#7cc04f', to: '#3f8a43', rows: 1 },
    { seed: 58, base: 1.02, rise: 0.3, waves: 3.1, from: '#5fae3f', to: '#23662f', rows: 0 },
  ];
  const grass = layered(noise(71), 4);
  const bloom = random(99);
  for (const [index, hill] of hills.entries()) {
    const edge = rolling(canvas, hill.seed, hill.base, hill.rise, hill.waves);
    const [from, to] = [rgb(hill.from), rgb(hill.to)];
    canvas.below(edge, (x, y, out) => {
      const down = clamp((y - edge[x]) / (height * 0.32));
      const tuft = (grass(x / (26 - index * 8), y / (10 - index * 3)) - 0.5) * (0.08 + index * 0.05);
      const row = hill.rows ? 0.045 * Math.sin((x * 0.35 + (y - edge[x]) * 1.6) / 9) : 0;
      const flower = index === 2 && down > 0.1 && bloom() < 0.02 * down;
      for (let c = 0; c < 3; c += 1)
        out[c] = flower ? [1, 0.86, 0.25][c] : mix(from[c], to[c], down) + tuft + row;
    });
    if (index === 1)
      house(canvas, width * 0.27, edge[Math.round(width * 0.27)] + height * 0.02, height * 0.075);
  }
  oak(canvas, width * 0.76, height * 0.86, height * 0.5);
  return canvas;
}

function house(canvas, x, y, size) {
  const wall = [
    [x - size, y - size * 0.75],
    [x + size, y - size * 0.75],
    [x + size, y + size * 0.25],
    [x - size, y + size * 0.25],
  ];
  const roof = [
    [x - size * 1.2, y - size * 0.7],
    [x - size * 0.75, y - size * 1.45],
    [x + size * 0.75, y - size * 1.45],
    [x + size * 1.2, y - size * 0.7],
  ];
  canvas.polygon(wall, rgb('#f4ead8'));
  canvas.polygon(roof, rgb('#b6442f'));
  for (const part of [-0.55, 0, 0.55]) {
    const left = x + part * size - size * 0.13;
    const right = left + size * 0.26;
    const top = y - size * 0.45;
    canvas.polygon(
      [
        [left, top],
        [right, top],
        [right, top + size * 0.34],
        [left, top + size * 0.34],
      ],
      rgb('#4c6170'),
    );
  }
}

function oak(canvas, x, foot, tall) {
  const next = random(5);
  const bark = rgb('#4a3526');
  const trunk = tall * 0.05;
  canvas.polygon(
    [
      [x - trunk * 1.7, foot],
      [x - trunk * 0.7, foot - tall * 0.5],
      [x + trunk * 0.7, foot - tall * 0.5],
      [x + trunk * 1.7, foot],
    ],
    bark,
  );
  const leaves = [];
  for (let i = 0; i < 1500; i += 1) {
    const angle = next() * Math.PI * 2;
    const out = Math.sqrt(next());
    leaves.push({
      x: x + Math.cos(angle) * out * tall * (0.38 + 0.02 * Math.sin(angle * 7)),
      y: foot - tall * 0.66 + Math.sin(angle) * out * tall * (0.3 + 0.012 * Math.cos(angle * 6)),
      size: tall * (0.012 + 0.022 * next()),
      tone: next(),
    });
  }
  leaves.sort((a, b) => b.y - a.y);
  const [dark, light] = [rgb('#1d5a2b'), rgb('#8cc653')];
  for (const leaf of leaves) {
    const lit = clamp(
      (foot - tall * 0.36 - leaf.y) / (tall * 0.6) + ((leaf.x - x) / tall) * -0.35 + leaf.tone * 0.3 - 0.1,
    );
    canvas.disc(
      leaf.x,
      leaf.y,
      leaf.size,
      dark.map((value, c) => mix(value, light[c], lit)),
      0.92,
    );
  }
}

/** The sun going down over open water, and a boat on its way home. */
export function dusk(width, height) {
  const canvas = new Canvas(width, height);
  const line = Math.round(height * 0.6);
  const sky = ramp([
    [0, '#2a1a4f'],
    [0.3, '#8a2f63'],
    [0.55, '#e2573f'],
    [0.78, '#ffa53b'],
    [1, '#ffe28a'],
  ]);
  const streak = layered(noise(25), 5);
  const [lit, dim] = [rgb('#ffb36b'), rgb('#5b2458')];
  canvas.paint((x, y, out) => {
    const at = clamp(y / line);
    sky(at, out);
    const band = smooth(0.53, 0.72, streak((x / width) * 4 + at * 2, at * 15)) * (1 - smooth(0.8, 1, at));
    const warm = smooth(0.2, 0.75, at);
    for (let c = 0; c < 3; c += 1) out[c] = mix(out[c], mix(dim[c], lit[c], warm), band * 0.7);
  });
  const sunX = width * 0.42;
  const sunY = line - height * 0.06;
  canvas.glow(sunX, sunY, width * 0.42, rgb('#ffd27a'), 0.6, 2.4);
  canvas.disc(sunX, sunY, height * 0.105, rgb('#fff3c4'));
  const cape = rgb('#5a1f3f');
  canvas.below(
    outline(width, (x) => {
      const rise = smooth(0.68, 1, x / width) * 0.12;
      return line - height * rise * (0.75 + 0.25 * streak(x / 90));
    }),
    (x, y, out) => cape.forEach((value, c) => (out[c] = value)),
  );
  const wave = layered(noise(61), 3);
  const deep = rgb('#3a1650');
  const dusky = [0.93, 0.78, 0.72];
  canvas.mirror(
    line,
    (x, depth) => (wave(x / (30 + depth / 3), depth / (1.5 + depth / 28)) - 0.5) * (8 + depth / 3),
    (x, depth, out) => {
      const far = 22 * Math.log1p(depth / 14);
      const crest = wave(x / (9 + depth / 9) + far, far);
      const path = Math.exp(-(((x - sunX) / (width * (0.05 + depth / height / 5))) ** 2));
      const glitter = smooth(0.5, 0.6, crest) * path * 0.9;
      const dark = 0.55 * smooth(0, height * 0.42, depth);
      for (let c = 0; c < 3; c += 1) {
        out[c] = mix(mix(out[c] * dusky[c], deep[c], dark), [1, 0.86, 0.5][c], glitter);
      }
    },
  );
  boat(canvas, width * 0.66, line + height * 0.085, height * 0.27);
  return canvas;
}

function boat(canvas, x, y, tall) {
  const hull = rgb('#1c0b26');
  const reflection = [
    [x - tall * 0.3, y + tall * 0.06],
    [x + tall * 0.34, y + tall * 0.06],
    [x + tall * 0.08, y + tall * 0.75],
    [x - tall * 0.05, y + tall * 0.75],
  ];
  canvas.polygon(reflection, hull, 0.3);
  canvas.polygon(
    [
      [x - tall * 0.36, y - tall * 0.05],
      [x + tall * 0.42, y - tall * 0.07],
      [x + tall * 0.26, y + tall * 0.07],
      [x - tall * 0.26, y + tall * 0.07],
    ],
    hull,
  );
  canvas.polygon(
    [
      [x - tall * 0.012, y - tall * 1.05],
      [x + tall * 0.012, y - tall * 1.05],
      [x + tall * 0.012, y],
      [x - tall * 0.012, y],
    ],
    hull,
  );
  canvas.polygon(
    [
      [x + tall * 0.03, y - tall],
      [x + tall * 0.44, y - tall * 0.14],
      [x + tall * 0.03, y - tall * 0.12],
    ],
    rgb('#2c1236'),
  );
  canvas.polygon(
    [
      [x - tall * 0.03, y - tall * 0.94],
      [x - tall * 0.03, y - tall * 0.12],
      [x - tall * 0.3, y - tall * 0.13],
    ],
    rgb('#3d1a3f'),
  );
}

/** Northern lights over a winter wood, a hut with a lit window. */
export function night(width, height) {
  const canvas = new Canvas(width, height);
  const sky = ramp([
    [0, '#050b24'],
    [0.5, '#0d2247'],
    [0.8, '#17405c'],
    [1, '#1d5566'],
  ]);
  canvas.paint((x, y, out) => sky(y / (height * 0.75), out));
  const next = random(2024);
  for (let star = 0; star < 900; star += 1) {
    const bright = next() ** 4;
    canvas.disc(
      next() * width,
      next() * height * 0.7,
      0.5 + bright * 1.3,
      [1, 1, 0.95],
      0.25 + 0.75 * bright,
    );
  }
  aurora(canvas);
  const line = Math.round(height * 0.79);
  const peaks = ridge(canvas, 77, 0.8, 0.2, 3.4);
  const snow = layered(noise(15), 6);
  canvas.below(peaks, (x, y, out) => {
    const drift = smooth(0.4, 0.62, snow(x / 60 + y / 45, y / 30 - x / 120));
    const down = smooth(0, height * 0.18, y - peaks[x]);
    for (let c = 0; c < 3; c += 1)
      out[c] = mix([0.1, 0.19, 0.3][c], [0.36, 0.55, 0.62][c], drift * (1 - down * 0.75));
  });
  for (const { seed, at, tall, count, colour } of [
    { seed: 4, at: 0.775, tall: 0.12, count: 120, colour: '#0d2433' },
    { seed: 6, at: 0.8, tall: 0.2, count: 64, colour: '#06121d' },
  ]) {
    const wood = rgb(colour);
    canvas.below(spruces(canvas, seed, height * at, height * tall, count), (x, y, out) => {
      wood.forEach((value, c) => (out[c] = value));
    });
  }
  hut(canvas, width * 0.24, line + height * 0.005, height * 0.07);
  const wave = noise(18);
  const ice = rgb('#0b2a3c');
  canvas.mirror(
    line + Math.round(height * 0.012),
    (x, depth) => (wave(x / 40, depth / (1.5 + depth / 30)) - 0.5) * (3 + depth / 8),
    (x, depth, out) => {
      const deep = 0.25 + 0.3 * smooth(0, height * 0.2, depth);
      for (let c = 0; c < 3; c += 1) out[c] = mix(out[c], ice[c], deep);
    },
  );
  return canvas;
}

function aurora(canvas) {
  const { width, height } = canvas;
  const sway = noise(33);
  const ray = layered(noise(34), 4);
  for (const [offset, reach, strength] of [
    [0.47, 0.36, 0.95],
    [0.3, 0.24, 0.4],
  ]) {
    const foot = outline(
      width,
      (x) => height * (offset + 0.26 * (sway((x / width) * 3.6 + offset * 20) - 0.5)),
    );
    const beam = outline(width, (x) => ray((x / width) * 26 + offset * 70, offset * 9));
    const out = new Float64Array(3);
    for (let y = 0; y < height * 0.8; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const up = (foot[x] - y) / (height * reach * (0.55 + 0.9 * beam[x]));
        const light = up < 0 ? Math.exp(up * 14) : Math.exp(-up * 2.6);
        const fade = strength * light * (0.12 + 0.88 * smooth(0.15, 0.85, beam[x]));
        if (fade < 0.004) continue;
        const purple = smooth(0.25, 1.1, up);
        out[0] = mix(0.16, 0.62, purple);
        out[1] = mix(0.98, 0.28, purple);
        out[2] = mix(0.55, 0.85, purple);
        const at = (y * width + x) * 3;
        for (let c = 0; c < 3; c += 1) canvas.pixels[at + c] += (1 - canvas.pixels[at + c]) * out[c] * fade;
      }
    }
  }
}

function hut(canvas, x, y, size) {
  canvas.polygon(
    [
      [x - size, y - size * 0.7],
      [x + size, y - size * 0.7],
      [x + size, y],
      [x - size, y],
    ],
    rgb('#1a1410'),
  );
  canvas.polygon(
    [
      [x - size * 1.3, y - size * 0.6],
      [x, y - size * 1.5],
      [x + size * 1.3, y - size * 0.6],
    ],
    rgb('#bcd3dd'),
  );
  canvas.polygon(
    [
      [x - size * 1.05, y - size * 0.62],
      [x, y - size * 1.32],
      [x + size * 1.05, y - size * 0.62],
    ],
    rgb('#1f1813'),
  );
  const pane = [
    [x - size * 0.3, y - size * 0.55],
    [x + size * 0.3, y - size * 0.55],
    [x + size * 0.3, y - size * 0.12],
    [x - size * 0.3, y - size * 0.12],
  ];
  canvas.polygon(pane, rgb('#ffd27a'));
  canvas.glow(x, y - size * 0.33, size * 2.6, rgb('#ffb347'), 0.45, 2.4);
}

/** The set's icon: a sun between two peaks. */
export function icon(size) {
  const canvas = new Canvas(size, size);
  const sky = ramp([
    [0, '#2b2a6b'],
    [0.55, '#c4507b'],
    [1, '#ffb35c'],
  ]);
  canvas.paint((x, y, out) => sky(y / (size * 0.75), out));
  canvas.glow(size * 0.5, size * 0.46, size * 0.5, rgb('#ffd08a'), 0.7, 2);
  canvas.disc(size * 0.5, size * 0.46, size * 0.15, rgb('#fff4cf'));
  canvas.polygon(
    [
      [-size * 0.1, size * 0.8],
      [size * 0.25, size * 0.38],
      [size * 0.6, size * 0.8],
    ],
    rgb('#4b3a7c'),
  );
  canvas.polygon(
    [
      [size * 0.3, size * 0.8],
      [size * 0.74, size * 0.22],
      [size * 1.18, size * 0.8],
    ],
    rgb('#33305f'),
  );
  canvas.polygon(
    [
      [size * 0.63, size * 0.365],
      [size * 0.74, size * 0.22],
      [size * 0.85, size * 0.365],
      [size * 0.79, size * 0.41],
      [size * 0.73, size * 0.36],
      [size * 0.68, size * 0.41],
    ],
    rgb('#f3e4ef'),
  );
  canvas.mirror(
    Math.round(size * 0.74),
    (x, depth) => Math.sin((depth / size) * 110) * size * 0.006 * (1 + (depth / size) * 6),
    (x, depth, out) => {
      for (let c = 0; c < 3; c += 1) out[c] *= [0.8, 0.66, 0.78][c];
    },
  );
  return canvas;
}
