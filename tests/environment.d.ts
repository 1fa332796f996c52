/** What functions that a test runs in a page find there, for the type checker. */

/// <reference path="../src/types/background-fetch.d.ts" />

/** Names that a test or its app has put there. */
interface Window {
  [name: string | symbol]: any;
}

/** Tests know which elements they look for, and of what requests an event tells. */
interface ParentNode {
  querySelector(selectors: string): any;
  querySelectorAll(selectors: string): NodeListOf<any>;
}
interface Document {
  getElementById(id: string): any;
}
interface EventTarget {
  result?: any;
}
interface Performance {
  getEntriesByType(type: 'navigation'): PerformanceNavigationTiming[];
  getEntriesByType(type: 'resource'): PerformanceResourceTiming[];
}

/** Chromium's. */
interface IDBVersionChangeEvent {
  readonly dataLossMessage?: string;
}
/** Needed for streams as bodies. */
interface RequestInit {
  duplex?: 'half';
}

/** JavaScript has no other way to say that nothing comes of a promise. */
interface PromiseConstructor {
  new <T = any>(
    executor: (resolve: (value?: T | PromiseLike<T>) => void, reject: (reason?: any) => void) => void,
  ): Promise<T>;
}
