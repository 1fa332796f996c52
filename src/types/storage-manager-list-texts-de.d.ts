export const TEXTS_DE: import('./storage-manager-list-texts.js').StorageManagerListTexts;
