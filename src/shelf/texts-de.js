/** The shelf's texts in German. */
/** @type {import('../types/shelf-texts.js').ShelfTexts} */
export const TEXTS_DE = {
  language: 'de',
  direction: 'ltr',

  shelf: 'Downloads',
  running: (count) => (count === 1 ? '1 Download läuft' : `${count} Downloads laufen`),
  minimize: 'Downloads verkleinern',
  restore: 'Downloads anzeigen',
  clear: 'Fertige entfernen',

  pause: 'Anhalten',
  resume: 'Fortsetzen',
  cancel: 'Abbrechen',
  undo: 'Rückgängig',
  retry: 'Noch einmal versuchen',
  dismiss: 'Entfernen',
  files: (count) => `${count} Dateien`,
  more: 'Mehr anzeigen',
  impossible: 'Das hat nicht geklappt.',
  actionOn: (action, title) => `${action}: ${title}`,

  starting: 'Beginnt …',
  downloading: 'Wird geladen',
  uploading: 'Wird hochgeladen',
  resuming: 'Wird fortgesetzt …',
  paused: 'Angehalten',
  waiting: 'Wartet auf das Netz',
  verifying: 'Dateien werden geprüft …',
  handing: 'Wird an die App übergeben …',
  cancelling: 'Abgebrochen',
  success: 'Fertig',
  failure: 'Fehlgeschlagen',
  failures: {
    aborted: 'Der Download wurde abgebrochen.',
    'bad-status': 'Der Server gibt eine Datei nicht heraus oder hat sie nicht mehr.',
    'fetch-error': 'Eine Datei kam nicht an oder war nicht die richtige.',
    'quota-exceeded': 'Auf diesem Gerät ist nicht genug Platz frei.',
    'download-total-exceeded': 'Die Dateien sind größer, als die App erwartet hat.',
  },

  ofTotal: (done, total) => `${done} von ${total}`,
  perSecond: (size) => `${size}/s`,
  timeLeft: (time) => `noch ${time}`,

  onlyWhileOpen: 'Es wird geladen, solange eine Seite dieser App offen ist.',
  storage: (used, free) => `${used} belegt, ${free} frei`,
  persist: 'Downloads behalten, wenn der Platz knapp wird',

  announceStart: (title) => `Download begonnen: ${title}`,
  announceShare: (title, percent) => `${title}: ${percent}`,
  announceSuccess: (title) => `Download fertig: ${title}`,
  announceFailure: (title, why) => `Download fehlgeschlagen: ${title}. ${why}`,
  announcePaused: (title) => `Angehalten: ${title}`,
};
