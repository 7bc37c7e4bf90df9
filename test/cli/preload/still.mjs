// Loaded before the program: a timer of 300 ms and more never fires. Only a process that waits for none of them ends.
const { setTimeout } = globalThis;
globalThis.setTimeout = (act, ms, ...args) => setTimeout(act, ms < 300 ? ms : 0x7fff_ffff, ...args);
