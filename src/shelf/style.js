/**
 * Its look. What apps change are the custom properties of the host, and the parts. The colours are those of the page's own colour
 * scheme, mixed out of the system's, so that light, dark and forced colours are right without any of it.
 */
export const STYLE = `
/* Not of the host: those are the page's. */
[part=shelf], [part=pill] {
  --surface: var(--shelf-surface, Canvas);
  --text: var(--shelf-text, CanvasText);
  --muted: var(--shelf-muted, color-mix(in srgb, var(--text) 70%, var(--surface)));
  --line: var(--shelf-line, color-mix(in srgb, var(--text) 14%, var(--surface)));
  --track: var(--shelf-track, color-mix(in srgb, var(--text) 10%, var(--surface)));
  --accent: var(--shelf-accent, color-mix(in srgb, #4f63ff 70%, var(--text)));
  --good: var(--shelf-good, color-mix(in srgb, #1a9955 65%, var(--text)));
  --bad: var(--shelf-bad, color-mix(in srgb, #e5484d 65%, var(--text)));
  color: var(--text);
}
:host {
  position: fixed;
  inset-block-end: max(1rem, env(safe-area-inset-bottom));
  inset-inline-end: 1rem;
  z-index: 2147483000;
  display: block;
  inline-size: min(var(--shelf-width, 25rem), 100vw - 2rem);
  font: 0.9375rem/1.4 system-ui, sans-serif;
  text-align: start;
}
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; margin: 0; padding: 0; list-style: none; }
button { font: inherit; color: inherit; text-align: start; background: none; border: 0; border-radius: 8px; cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
[part=shelf], [part=pill] {
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: var(--shelf-radius, 16px);
  box-shadow: 0 8px 32px #0003;
}
[part=shelf] { display: flex; flex-direction: column; max-block-size: min(36rem, 100dvh - 2rem); overflow: hidden; }
[part=pill] { display: block; margin-inline-start: auto; padding: 0.625rem 1.125rem; font-weight: 600; }
[part=header] { display: flex; align-items: center; gap: 0.5rem; padding-block: 0.625rem; padding-inline: 1rem 0.625rem; }
[part=heading] { flex: 1; font-size: 1rem; outline: 0; }
[part=list] { overflow: hidden auto; overscroll-behavior: contain; scrollbar-width: thin; }
[part=entry] {
  display: grid;
  grid-template-columns: minmax(0, 1fr) auto;
  padding-block: 0.75rem;
  padding-inline: 1rem 0.625rem;
}
[part=entry], [part=footer] { border-block-start: 1px solid var(--line); }
/* Until its row is made. */
[part=entry]:empty { min-block-size: 6rem; }
[part=body] { display: flex; gap: 0.75rem; align-self: center; }
button[part=body]:hover [part=title] { text-decoration: underline; }
[part=icon] { flex: none; border-radius: 9px; object-fit: cover; }
[part=text] { display: grid; align-content: center; overflow-wrap: anywhere; }
[part=title], [part~=button] { font-weight: 600; }
[part=details], [part=state], [part=footer], [part=files], [part~=button] { font-size: 0.8125rem; color: var(--muted); }
[data-state=failure] [part=state] { color: var(--bad); }
[data-state=success] [part=state] { color: var(--good); }
[part=progress] {
  grid-column: 1 / -1;
  margin-block-start: 0.625rem;
  margin-inline-end: 0.375rem;
  block-size: 6px;
  border-radius: 3px;
  background: var(--track);
  overflow: hidden;
}
[part=progress-value] {
  block-size: 100%;
  inline-size: calc(var(--share) * 100%);
  background: var(--accent);
  border-radius: inherit;
  transition: inline-size 0.4s linear;
}
:is([data-state=paused], [data-state=waiting]) [part=progress-value] { background: var(--muted); }
[part=progress]:not([aria-valuenow]) [part=progress-value] { inline-size: 30%; }
[data-state=downloading] [part=progress]:not([aria-valuenow]) [part=progress-value] { animation: pass 1.6s ease-in-out infinite alternate; }
@keyframes pass { to { margin-inline-start: 70%; } }
[part=actions] { display: flex; align-items: center; }
[part~=button] { padding: 0.375rem 0.625rem; color: var(--accent); }
[part~=button]:hover { background: var(--track); }
[part~=symbol] { padding: 0.6875rem; color: var(--muted); }
[part~=symbol]::before {
  content: '';
  display: block;
  inline-size: 0.875rem;
  block-size: 0.875rem;
  background: currentColor;
  clip-path: polygon(0 0, 14% 0, 50% 43%, 86% 0, 100% 0, 57% 50%, 100% 100%, 86% 100%, 50% 57%, 14% 100%, 0 100%, 43% 50%);
}
[part~=pause]::before { clip-path: polygon(12% 0, 38% 0, 38% 100%, 62% 100%, 62% 0, 88% 0, 88% 100%, 12% 100%); }
[part~=resume]::before { clip-path: polygon(14% 0, 96% 50%, 14% 100%); }
[part~=minimize]::before { clip-path: inset(43% 0); }
[part~=files-button], [part~=more], [part~=persist] { justify-self: start; margin-inline-start: -0.625rem; }
[part=files-area] { grid-column: 1 / -1; margin-inline-end: 0.375rem; }
[part=file] { display: flex; justify-content: space-between; gap: 1rem; overflow-wrap: anywhere; }
[part=footer] { padding: 0.625rem 1rem; }
[part=announcer] { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
@media (forced-colors: active) {
  [part=progress] { border: 1px solid; }
  [part=progress-value], [part~=symbol]::before { forced-color-adjust: none; background: CanvasText; }
}
@media (prefers-reduced-motion: reduce) {
  [part=progress-value] { transition: none; animation: none !important; }
}
@media (max-width: 30rem) {
  :host { inset-inline: 0.5rem; inline-size: auto; }
}
`;
