/** Sizes and times as people read them, in the words and digits of a language. */

const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
const TIMES = /** @type {const} */ ([
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
]);
/** A time is told as a multiple of this many, so that it does not change each second. */
const STEPS = { hour: 0.5, minute: 1, second: 5 };

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/**
 * Made once: making one takes longer than hundreds of uses.
 *
 * @param {string} language
 * @param {Intl.NumberFormatOptions} options
 */
function formatOf(language, options) {
  const key = `${language} ${JSON.stringify(options)}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(language, options);
  formats.set(key, format);
  return format;
}

/**
 * With three digits at most, as in "1.25 GB".
 *
 * @param {string} language
 * @param {number} bytes
 */
export function formatSize(language, bytes) {
  let power = 0;
  let count = bytes;
  // What would be rounded to 1,000 belongs to the next unit.
  while (count >= 999.5 && power < SIZES.length - 1) {
    count /= 1000;
    power += 1;
  }
  const maximumFractionDigits = power === 0 || count >= 99.95 ? 0 : count >= 9.995 ? 1 : 2;
  return formatOf(language, {
    style: 'unit',
    unit: SIZES[power],
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits,
  }).format(count);
}

/**
 * @param {string} language
 * @param {number} bytesPerSecond
 * @param {(size: string) => string} perSecond
 */
export function formatSpeed(language, bytesPerSecond, perSecond) {
  return perSecond(formatSize(language, Math.round(bytesPerSecond)));
}

/**
 * A length of time in one unit, rounded up: "5 sec" is the least.
 *
 * @param {string} language
 * @param {number} ms
 */
export function formatTime(language, ms) {
  const counts = TIMES.map(([unit, length]) => Math.ceil(ms / length / STEPS[unit]) * STEPS[unit]);
  // What would be rounded to 60 seconds is a minute.
  const at = TIMES.findIndex(([, length], index) => ms >= length || counts[index + 1] >= 60);
  const [unit] = TIMES[at] ?? TIMES[2];
  const count = Math.max(STEPS[unit], counts[at] ?? counts[2]);
  return formatOf(language, { style: 'unit', unit, unitDisplay: 'short' }).format(count);
}

/**
 * @param {string} language
 * @param {number} share from 0 to 1
 */
export function formatPercent(language, share) {
  return formatOf(language, { style: 'percent' }).format(Math.floor(share * 100) / 100);
}
