/**
 * What the shelf knows of one background fetch, from whichever source.
 *
 * @typedef {object} Entry
 * @property {string} key unlike any other's
 * @property {string} scope of the service worker registration
 * @property {string} id
 * @property {string} title the id where there is none
 * @property {BackgroundFetchImageResource[]} [icons]
 * @property {number} created ms since 1970
 * @property {BackgroundFetchResult} result
 * @property {BackgroundFetchFailureReason} failureReason
 * @property {number} downloaded
 * @property {number} downloadTotal 0 where it is not known
 * @property {number} uploaded
 * @property {number} uploadTotal
 * @property {boolean} isDelivered the worker has handled the event of the end
 * @property {boolean} [isPaused]
 * @property {boolean} [isWaiting] for the network
 * @property {boolean} [isKept] it is shown until it is dismissed
 * @property {boolean} [isMoving] something came while the shelf looked
 * @property {boolean} [canOpen] a click on it is told to the worker
 * @property {boolean} [canPause]
 * @property {boolean} [canRetry]
 * @property {number} [fileCount] of which there is something to tell
 */

/**
 * @typedef {'starting' | 'downloading' | 'uploading' | 'resuming' | 'paused' | 'waiting' | 'verifying' | 'handing' | 'success' | 'failure'} State
 */

/**
 * What a fetch is at, as its user sees it.
 *
 * @param {Entry} entry
 * @returns {State}
 */
export function stateOf(entry) {
  const { result, isDelivered, isPaused, isWaiting, isMoving, downloaded, uploaded, uploadTotal } = entry;
  if (result === 'failure') return 'failure';
  if (result === 'success') return isDelivered ? 'success' : 'handing';
  if (isPaused) return 'paused';
  if (isWaiting) return 'waiting';
  if (uploaded < uploadTotal && isMoving) return 'uploading';
  if (isComplete(entry)) return 'verifying';
  if (isMoving) return 'downloading';
  return downloaded + uploaded > 0 ? 'resuming' : 'starting';
}

/** @typedef {'pause' | 'resume' | 'cancel' | 'undo' | 'retry' | 'dismiss'} Action */

/**
 * What can be done to it, the main action first.
 *
 * @param {Entry} entry
 * @param {boolean} isCancelling its cancelling can be undone
 * @returns {Action[]}
 */
export function actionsOf(entry, isCancelling) {
  if (isCancelling) return ['undo'];
  const { result, isDelivered, isPaused, canPause, canRetry } = entry;
  if (result !== '') {
    if (!isDelivered) return [];
    return canRetry ? ['retry', 'dismiss'] : ['dismiss'];
  }
  if (isPaused) return ['resume', 'cancel'];
  return canPause ? ['pause', 'cancel'] : ['cancel'];
}

/**
 * From 0 to 1; undefined where the whole is not known.
 *
 * @param {Entry} entry
 */
export function shareOf({ result, downloaded, downloadTotal, uploaded, uploadTotal }) {
  if (result === 'success') return 1;
  // What is sent says little of what comes back.
  if (downloadTotal === 0) return downloaded === 0 && uploadTotal > 0 ? uploaded / uploadTotal : undefined;
  return Math.min(1, (downloaded + uploaded) / (downloadTotal + uploadTotal));
}

/** @param {Entry} entry */
function isComplete({ downloaded, downloadTotal, uploaded, uploadTotal }) {
  return downloadTotal > 0 && downloaded >= downloadTotal && uploaded >= uploadTotal;
}

/**
 * The icon that is shown at a width: the smallest that is not smaller, or else the largest. `sizes` are those of
 * https://html.spec.whatwg.org/#attr-link-sizes; "any" fits best, and what tells no size comes last.
 *
 * @param {BackgroundFetchImageResource[] | undefined} icons
 * @param {number} width in pixels of the device
 */
export function bestIcon(icons = [], width) {
  const widths = icons.flatMap((icon) =>
    (icon.sizes?.trim().toLowerCase().split(/\s+/) ?? ['']).map((size) => ({ icon, width: widthOf(size) })),
  );
  const enough = widths.filter((each) => each.width >= width).sort((one, other) => one.width - other.width);
  const rest = widths.sort((one, other) => other.width - one.width);
  const any = widths.find((each) => each.width === Infinity);
  return (any ?? enough[0] ?? rest[0])?.icon;
}

/** @param {string} size */
function widthOf(size) {
  if (size === 'any') return Infinity;
  const [, width] = /^([1-9]\d*)x[1-9]\d*$/.exec(size) ?? [];
  return width === undefined ? 0 : Number(width);
}
