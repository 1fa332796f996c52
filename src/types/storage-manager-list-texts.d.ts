/** All that the list of the storage manager says. */
export interface StorageManagerListTexts {
  /** A BCP 47 tag: sizes, percentages and lists are written in its way. */
  language: string;
  direction: 'ltr' | 'rtl';
  heading: string;
  /** How much is stored, where nobody knows how much there is room for. */
  summary(stored: string): string;
  summaryOf(stored: string, room: string): string;
  search: string;
  found(count: number, total: number): string;
  nothingFound: string;
  loading: string;
  empty: string;
  /** Of what is shown while the worker cannot be asked. */
  lastKnown: string;
  reload: string;
  more: string;
  store: string;
  update: string;
  retry: string;
  pause: string;
  resume: string;
  cancel: string;
  remove: string;
  /** Before something is removed; its answers are `confirm` and `keep`. */
  question(title: string): string;
  confirm: string;
  keep: string;
  /** A switch: what is stored is never evicted. */
  pin: string;
  /** The name of a button, for those who do not see what is around it. */
  actionOn(action: string, title: string): string;
  absent: string;
  starting: string;
  fetching: string;
  paused: string;
  stored: string;
  outdated: string;
  /** Of a set whose update has failed. */
  earlier: string;
  /** Of a stored set that the manifest does not have any more. */
  notListed: string;
  pinned: string;
  files(count: number): string;
  ofTotal(done: string, total: string): string;
  /** A sentence for each failure reason. */
  failures: Record<
    'aborted' | 'bad-status' | 'fetch-error' | 'quota-exceeded' | 'download-total-exceeded',
    string
  >;
  /** A sentence for what the worker could not do. */
  problems: Record<'noWorker' | 'notOffered' | 'cannotPause' | 'unreachable' | 'impossible', string>;
  /** `titles`: what would have to go, already joined; empty where that is not enough. */
  noRoom(missing: string, titles: string): string;
  quoted(title: string): string;
  others(count: number): string;
  /** What a screen reader says. */
  announceStart(title: string): string;
  announcePaused(title: string): string;
  announceStored(title: string): string;
  announceFailure(title: string, why: string): string;
  announceRemoved(title: string): string;
}
