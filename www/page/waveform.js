const SVG = 'http://www.w3.org/2000/svg';
const STEP = 8;
const HEIGHT = 64;

/**
 * A track's loudness as bars; those already played stand out.
 * @param {number[]} bars from 0 to 1
 * @param {HTMLAudioElement} audio
 * @returns {SVGSVGElement}
 */
export function waveform(bars, audio) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${bars.length * STEP} ${HEIGHT}`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('class', 'waveform');
  // Only an ornament: the player beside it says the same in words.
  svg.setAttribute('aria-hidden', 'true');
  const shapes = bars.map((loudness, n) => {
    const tall = Math.max(4, loudness ** 1.6 * HEIGHT * (0.72 + 0.28 * Math.abs(Math.sin(n * 2.4))));
    const bar = document.createElementNS(SVG, 'rect');
    bar.setAttribute('x', String(n * STEP + 1.5));
    bar.setAttribute('y', String((HEIGHT - tall) / 2));
    bar.setAttribute('width', String(STEP - 3));
    bar.setAttribute('height', String(tall));
    bar.setAttribute('rx', '2');
    return bar;
  });
  svg.append(...shapes);
  audio.addEventListener('timeupdate', () => {
    const played = (audio.currentTime / audio.duration) * bars.length;
    shapes.forEach((bar, n) => bar.classList.toggle('played', n < played));
  });
  return svg;
}
