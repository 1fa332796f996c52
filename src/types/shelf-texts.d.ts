/** All that the shelf says. */
export interface ShelfTexts {
  /** A BCP 47 tag: sizes, times and percentages are written in its way. */
  language: string;
  direction: 'ltr' | 'rtl';
  shelf: string;
  /** Of the pill that a minimised shelf is. */
  running(count: number): string;
  minimize: string;
  restore: string;
  clear: string;
  pause: string;
  resume: string;
  cancel: string;
  undo: string;
  retry: string;
  dismiss: string;
  files(count: number): string;
  more: string;
  /** Something that the user asked for could not be done. */
  impossible: string;
  /** The name of a button, for those who do not see what is around it. */
  actionOn(action: string, title: string): string;
  starting: string;
  downloading: string;
  uploading: string;
  resuming: string;
  paused: string;
  waiting: string;
  verifying: string;
  handing: string;
  cancelling: string;
  success: string;
  failure: string;
  /** A sentence for each failure reason. */
  failures: Record<
    'aborted' | 'bad-status' | 'fetch-error' | 'quota-exceeded' | 'download-total-exceeded',
    string
  >;
  ofTotal(done: string, total: string): string;
  perSecond(size: string): string;
  timeLeft(time: string): string;
  onlyWhileOpen: string;
  storage(used: string, free: string): string;
  persist: string;
  /** What a screen reader says. */
  announceStart(title: string): string;
  announceShare(title: string, percent: string): string;
  announceSuccess(title: string): string;
  announceFailure(title: string, why: string): string;
  announcePaused(title: string): string;
}
