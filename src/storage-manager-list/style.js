/**
 * Its look. What apps change are the custom properties of the host, and the parts. The colours are those of the page's own colour
 * scheme, mixed out of the system's, so that light, dark and forced colours are right without any of it. The properties are set on
 * the section: those of the host are the page's.
 */
export const STYLE = `
[part=sets] {
  --surface: var(--storage-manager-surface, Canvas);
  --text: var(--storage-manager-text, CanvasText);
  --muted: var(--storage-manager-muted, color-mix(in srgb, var(--text) 70%, var(--surface)));
  --line: var(--storage-manager-line, color-mix(in srgb, var(--text) 14%, var(--surface)));
  --track: var(--storage-manager-track, color-mix(in srgb, var(--text) 10%, var(--surface)));
  --accent: var(--storage-manager-accent, color-mix(in srgb, #4f63ff 70%, var(--text)));
  --tint: color-mix(in srgb, var(--accent) 12%, var(--surface));
  --good: var(--storage-manager-good, color-mix(in srgb, #1a9955 65%, var(--text)));
  --bad: var(--storage-manager-bad, color-mix(in srgb, #e5484d 65%, var(--text)));
  position: relative;
  color: var(--text);
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: var(--storage-manager-radius, 16px);
  overflow: clip;
}
:host { display: block; container-type: inline-size; font: 0.9375rem/1.4 system-ui, sans-serif; text-align: start; }
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; margin: 0; padding: 0; list-style: none; }
button, input { font: inherit; color: inherit; background: none; border: 0; border-radius: 8px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
header, li, [part=notice] { padding: 0.875rem 1.25rem; }
header, [part=storage], [part=text] { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.375rem; }
h2 { font-size: 1.125rem; outline: 0; }
p, [part=details], [part=state], [part~=button] { font-size: 0.8125rem; }
p, [part=details], [part=state], [part~=remove], [part~=symbol] { color: var(--muted); }
[part=room], [part=progress] { block-size: 6px; border-radius: 3px; background: var(--track); overflow: hidden; }
[part$=value] {
  block-size: 100%;
  inline-size: calc(var(--share) * 100%);
  background: var(--accent);
  border-radius: inherit;
  transition: inline-size 0.4s linear;
}
[part=finder], [part=notice], [part=actions] { display: flex; flex-wrap: wrap; align-items: center; }
[part=notice], [part=actions] { gap: 0.375rem; }
[part=found]:not(:empty) { padding: 0.5rem 0.75rem; }
[part=search] { flex: 1 1 12rem; min-inline-size: 0; padding: 0.5rem 0.75rem; margin-block-start: 0.375rem; background: var(--track); }
::placeholder { color: var(--muted); opacity: 1; }
li { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; align-items: center; column-gap: 1rem; }
li, [part=notice] { border-block-start: 1px solid var(--line); }
[part~=icon] {
  display: grid;
  place-items: center;
  inline-size: 3rem;
  block-size: 3rem;
  border-radius: 10px;
  object-fit: cover;
  font-size: 1.25rem;
}
[part=text] { gap: 0; overflow-wrap: anywhere; }
[part=title], [part~=button], [part~=letter] { font-weight: 600; }
[data-state=stored] [part=state] { color: var(--good); }
:is([data-state=failed], [data-state=confirming]) [part=state], [part=problem] { color: var(--bad); }
[part=progress], [part=problem] { grid-column: 1 / -1; margin-block-start: 0.625rem; }
[data-state=paused] [part$=value] { background: var(--muted); }
[part=actions] { justify-content: end; max-inline-size: 19rem; }
button { min-block-size: 2.25rem; padding: 0.375rem 0.875rem; cursor: pointer; }
[part~=button], [part~=letter], [data-state=outdated] [part=state] { color: var(--accent); }
button:hover { background: var(--track); }
[aria-disabled] { opacity: 0.5; }
[part~=letter], [part~=store], [part~=update], [part~=retry], [aria-pressed=true] { background: var(--tint); }
[part~=remove], [part~=symbol]:not([aria-pressed=true]) { color: var(--muted); }
[part~=confirm], [part~=confirm]:hover { color: var(--surface); background: var(--bad); }
[part~=more] { inline-size: 100%; }
[part~=symbol] { padding: 0.6875rem; }
[part~=symbol]::before, [data-state=stored] [part=state]::before {
  content: '';
  display: inline-block;
  inline-size: 0.875rem;
  block-size: 0.875rem;
  background: currentColor;
  clip-path: polygon(0 0, 14% 0, 50% 43%, 86% 0, 100% 0, 57% 50%, 100% 100%, 86% 100%, 50% 57%, 14% 100%, 0 100%, 43% 50%);
}
[part~=symbol]::before { display: block; }
[part=state]::before { margin-inline-end: 0.25rem; vertical-align: -0.125em; clip-path: polygon(0 55%, 12% 42%, 36% 66%, 88% 10%, 100% 23%, 36% 92%) !important; }
[part~=pause]::before { clip-path: polygon(12% 0, 38% 0, 38% 100%, 62% 100%, 62% 0, 88% 0, 88% 100%, 12% 100%); }
[part~=resume]::before { clip-path: polygon(14% 0, 96% 50%, 14% 100%); }
[part~=pin]::before { scale: 1.3; clip-path: polygon(25% 0, 75% 0, 75% 12%, 67% 12%, 71% 44%, 90% 66%, 55% 66%, 50% 100%, 45% 66%, 10% 66%, 29% 44%, 33% 12%, 25% 12%); }
[part=announcer] { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
@container (max-width: 34rem) {
  header, li, [part=notice] { padding-inline: 1rem; }
  li { grid-template-columns: auto minmax(0, 1fr); column-gap: 0.75rem; }
  [part=actions] { grid-column: 1 / -1; justify-content: start; margin-block-start: 0.5rem; max-inline-size: none; }
  :is([part~=remove], [part~=symbol]):first-child { margin-inline-start: -0.6875rem; }
}
@media (forced-colors: active) {
  [part=room], [part=progress], input, button { border: 1px solid; }
  [part$=value], ::before { forced-color-adjust: none; background: CanvasText !important; }
  [aria-pressed=true] { border-width: 4px; }
}
@media (prefers-reduced-motion: reduce) {
  [part$=value] { transition: none; }
}
`;
