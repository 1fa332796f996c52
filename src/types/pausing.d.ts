/// <reference path="./background-fetch.d.ts" />

/**
 * Stops a background fetch until it is resumed, also over restarts of the browser. What has come is kept; an upload that is
 * on its way goes on.
 *
 * Resolves with whether this call paused it: false when it has ended or was paused before. Rejects with NotSupportedError
 * for a native registration, which no script can pause.
 */
export function pause(registration: BackgroundFetchRegistration): Promise<boolean>;

/** Lets a paused background fetch go on. Resolves with whether this call did. Rejects as {@link pause} does. */
export function resume(registration: BackgroundFetchRegistration): Promise<boolean>;

/**
 * Whether a background fetch is paused, by whichever page or worker; false for a native registration.
 */
export function isPaused(registration: BackgroundFetchRegistration): boolean;

/**
 * Whether a background fetch waits for the network: nothing of it can go on before its servers can be reached again, for
 * `settings.staleTime` at most. Goes by what every page and worker is told; no event tells of it. False for a native registration.
 */
export function isWaitingForNetwork(registration: BackgroundFetchRegistration): boolean;
