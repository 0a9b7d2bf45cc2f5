/** A file with lines of ours in it; `text` is exactly what was put in, and what is to be taken out again. */
export type WithLines = {content: Uint8Array; text: string};

const NEWLINE = 0x0a;

/** Adds lines at the end; a file without a final newline gets one first, and loses it with the lines again. */
export function addLines(content: Uint8Array, lines: string): WithLines {
  const complete = content.length === 0 || content.at(-1) === NEWLINE;
  const text = complete ? lines : `\n${lines}`;
  return {content: Buffer.concat([content, Buffer.from(text)]), text};
}

export function holdsLines(content: Uint8Array, text: string): boolean {
  return Buffer.from(content).includes(text);
}

/** Takes the text out at its last place. The file must hold it. */
export function removeLines(content: Uint8Array, text: string): Uint8Array {
  const last = Buffer.from(content).lastIndexOf(text) + Buffer.byteLength(text) === content.length;
  // what somebody wrote below must not end up on the line above
  return splice(content, text, text.startsWith('\n') && !last ? '\n' : '');
}

/** Puts other lines where ours are. The file must hold `old`. */
export function swapLines(content: Uint8Array, old: string, lines: string): WithLines {
  const text = old.startsWith('\n') ? `\n${lines}` : lines;
  return {content: splice(content, old, text), text};
}

function splice(content: Uint8Array, old: string, replacement: string): Uint8Array {
  const bytes = Buffer.from(content);
  const length = Buffer.byteLength(old);
  const at = bytes.lastIndexOf(old);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(replacement), bytes.subarray(at + length)]);
}
