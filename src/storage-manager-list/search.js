/** @type {Map<string, string>} */
const folded = new Map();

/**
 * Those whose titles have the words of a query in them, whatever their case and accents.
 *
 * @template {{ title: string }} T
 * @param {T[]} sets
 * @param {string} query
 * @returns {T[]}
 */
export function matching(sets, query) {
  const words = fold(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return sets;
  return sets.filter(({ title }) => {
    const text = foldedTitle(title);
    return words.every((word) => text.includes(word));
  });
}

/** @param {string} title */
function foldedTitle(title) {
  const known = folded.get(title);
  if (known !== undefined) return known;
  const text = fold(title);
  folded.set(title, text);
  return text;
}

/**
 * Upper case first: it makes two letters of some that lower case leaves alone, such as the German ß.
 *
 * @param {string} text
 */
function fold(text) {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase().toLowerCase();
}
