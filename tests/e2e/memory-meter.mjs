/**
 * A script for a page, to run before the package's: `meter.look()` gives the bytes that JavaScript's heap (where the browser
 * tells) and the memories of wasm instances have, and `meter.most` is the most that it has given.
 */
export const METER = `
self.meter = { memories: [], most: 0 };
for (const name of ['instantiate', 'instantiateStreaming']) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (...args) => {
    const result = await original.apply(WebAssembly, args);
    const { exports } = result.instance ?? result;
    meter.memories.push(Object.values(exports).find((value) => value instanceof WebAssembly.Memory));
    return result;
  };
}
meter.look = () => {
  const wasm = meter.memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
  const held = wasm + (performance.memory?.usedJSHeapSize ?? 0);
  meter.most = Math.max(meter.most, held);
  return held;
};
`;
