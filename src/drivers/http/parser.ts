import { cachedDataVersionTag, setFlagsFromString } from "node:v8";

let parser: Promise<WebAssembly.Module> | undefined;

/** What `--wasm-tiering-budget` is where nothing is said: in V8 11, and from 12 on. */
const usual = [1_800_000, 13_000_000];

/** The largest budget there is: some 300 replies use it up. */
const largest = 2_147_483_647;

/**
 * Before undici's first connection: compiles its parser as one that is optimised late. V8 would begin with that after
 * one or a few replies, on another thread, for 100 ms and 30 MB, and the process could not end before it is through
 * (docs/decisions/0009-http-client.md). It stays in memory: V8 gives whoever compiles the same bytes again, as undici
 * does, the code that is there.
 */
export async function readyParser(): Promise<void> {
  // The stand-alone executable's runtime is not V8.
  if (!("Bun" in globalThis)) await (parser ??= compiled());
}

/**
 * A module takes its budget when it is made, so the flag is set for that moment alone: under other flags than it was
 * made under, code that was compiled beforehand is refused, Node's own and ours.
 */
async function compiled(): Promise<WebAssembly.Module> {
  const { default: bytes } = await import("undici/lib/llhttp/llhttp_simd-wasm.js");
  const before = cachedDataVersionTag();
  setFlagsFromString(`--wasm-tiering-budget=${largest}`);
  const made = new WebAssembly.Module(bytes);
  for (const budget of usual) {
    setFlagsFromString(`--wasm-tiering-budget=${budget}`);
    if (cachedDataVersionTag() === before) break;
  }
  return made;
}
