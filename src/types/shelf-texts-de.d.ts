export const TEXTS_DE: import('./shelf-texts.js').ShelfTexts;
