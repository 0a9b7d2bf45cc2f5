import {linesOf, oneLine} from '../../shared/text.ts';
import type {Output} from './output.ts';

/** Changes go to stdout, one line each; what a person has to know to stderr. */
export const printer: Output = {
  say(line) {
    process.stdout.write(`${oneLine(line, 4000)}\n`);
  },
  tell(line) {
    const [indent = ''] = /^ */.exec(line) ?? [];
    process.stderr.write(`${indent}${oneLine(line, 4000)}\n`);
  },
  warn({text, hint}) {
    process.stderr.write(`wslagent: warning: ${oneLine(text, 2000)}\n`);
    for (const line of linesOf(hint ?? '')) process.stderr.write(`wslagent: hint: ${oneLine(line, 2000)}\n`);
  },
};
