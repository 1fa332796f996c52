// webpack knows this form, and builds the worker along with the page.
navigator.serviceWorker.register(new URL('./sw.js', import.meta.url));
