/** Tells the server, whose log outlives the browser. */
self.report = (what, facts = {}) => fetch(`/report?${new URLSearchParams({ what, ...facts })}`);
