import 'background-fetch-polyfill/service-worker';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Handler<E> = ((this: ServiceWorkerGlobalScope, ev: E) => any) | null;

declare function assertSame<A, B>(same: Same<A, B>): void;

assertSame<
  Pick<BackgroundFetchEvent, 'registration'>,
  { readonly registration: BackgroundFetchRegistration }
>(true);
assertSame<BackgroundFetchUpdateUIEvent['updateUI'], (options?: BackgroundFetchUIOptions) => Promise<void>>(
  true,
);
assertSame<
  Pick<
    ServiceWorkerGlobalScope,
    'onbackgroundfetchsuccess' | 'onbackgroundfetchfail' | 'onbackgroundfetchabort' | 'onbackgroundfetchclick'
  >,
  {
    onbackgroundfetchsuccess: Handler<BackgroundFetchUpdateUIEvent>;
    onbackgroundfetchfail: Handler<BackgroundFetchUpdateUIEvent>;
    onbackgroundfetchabort: Handler<BackgroundFetchEvent>;
    onbackgroundfetchclick: Handler<BackgroundFetchEvent>;
  }
>(true);
assertSame<typeof BackgroundFetchEvent.prototype, BackgroundFetchEvent>(true);
assertSame<typeof BackgroundFetchUpdateUIEvent.prototype, BackgroundFetchUpdateUIEvent>(true);

type Given = [type: string, init: BackgroundFetchEventInit];
assertSame<ConstructorParameters<typeof BackgroundFetchEvent>, Given>(true);
assertSame<InstanceType<typeof BackgroundFetchEvent>, BackgroundFetchEvent>(true);
assertSame<ConstructorParameters<typeof BackgroundFetchUpdateUIEvent>, Given>(true);
assertSame<InstanceType<typeof BackgroundFetchUpdateUIEvent>, BackgroundFetchUpdateUIEvent>(true);
