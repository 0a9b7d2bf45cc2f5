import {blocked} from './blocked.ts';

/**
 * (module
 *   (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
 *   (memory (export "memory") 1)
 *   (func (export "_start") i32.const CODE call 0))
 */
function exitModule(code: number): Uint8Array<ArrayBuffer> {
  const name = (text: string): number[] => [text.length, ...Buffer.from(text)];
  const section = (id: number, ...body: number[]): number[] => [id, body.length, ...body];
  const start = [0, 0x41, (code & 0x7f) | 0x80, code >> 7, 0x10, 0, 0x0b];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 2, 0x60, 1, 0x7f, 0, 0x60, 0, 0),
    ...section(2, 1, ...name('wasi_snapshot_preview1'), ...name('proc_exit'), 0, 0),
    ...section(3, 1, 1),
    ...section(5, 1, 0, 1),
    ...section(7, 2, ...name('memory'), 2, 0, ...name('_start'), 0, 1),
    ...section(10, 1, start.length, ...start),
  ]);
}

/** What must not outlive this process, as functions that end it. */
export const endings = new Set<() => void>();

/**
 * Ends the process with this code. On Windows process.exit waits for libuv's threads, one of which may sit in
 * ReadFile until Linux closes stdin, while Linux waits for our exit to see the end (Node 22,
 * DefaultProcessExitHandlerInternal; seen under Wine). WASI's proc_exit is C's exit(), which waits for
 * nobody. What is to be written must be written before.
 */
export function leave(code: number): never {
  for (const end of endings) end();
  if (process.platform === 'win32' && blocked.calls > 0) {
    // Taken only now: at start-up it would cost every connection a millisecond and a warning.
    const {WASI} = process.getBuiltinModule('node:wasi');
    const wasi = new WASI({version: 'preview1', returnOnExit: false});
    const module = new WebAssembly.Module(exitModule(code));
    wasi.start(new WebAssembly.Instance(module, {wasi_snapshot_preview1: wasi.wasiImport}));
  }
  process.exit(code);
}
