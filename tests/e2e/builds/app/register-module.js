navigator.serviceWorker.register('/sw.js', { type: 'module' });
