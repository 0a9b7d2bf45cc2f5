import fs from 'node:fs';
import {linesOf, oneLine} from '../../shared/text.ts';

const PROGRAM = 'wslagent-helper';

/** The longest text that a line shows, in UTF-16 units. */
const TEXT_MAX = 1500;

/**
 * Writes one line to stderr. Never through process.stderr: its getter throws on handles that are not
 * Windows' own (facts of Wine and MSYS), and a helper must not die of a line that nobody reads.
 */
export function stderrLine(line: string): void {
  try {
    fs.writeSync(2, `${line}\n`);
  } catch {}
}

/** `wslagent-helper: error: …`, and below it a line for each of the hint when there is one. */
export function errorLines(message: string, hint?: string): void {
  stderrLine(`${PROGRAM}: error: ${oneLine(message, TEXT_MAX)}`);
  for (const line of linesOf(hint ?? '')) stderrLine(`${PROGRAM}: hint: ${oneLine(line, TEXT_MAX)}`);
}
