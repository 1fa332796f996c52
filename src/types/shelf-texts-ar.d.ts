export const TEXTS_AR: import('./shelf-texts.js').ShelfTexts;
