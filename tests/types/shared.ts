/** Code that page and worker have in common. */
export function describe({ downloaded, downloadTotal, result }: BackgroundFetchRegistration): string {
  return `${downloaded} of ${downloadTotal} bytes, ${result || 'running'}`;
}

export function explain(reason: BackgroundFetchFailureReason): string {
  switch (reason) {
    case '':
      return 'It has not failed.';
    case 'aborted':
    case 'bad-status':
    case 'fetch-error':
    case 'quota-exceeded':
    case 'download-total-exceeded':
      return `It failed: ${reason}`;
  }
}
