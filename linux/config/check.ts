import {parse, TomlError} from 'smol-toml';
import * as v from 'valibot';
import {configError} from './config-error.ts';
import {type ConfigFile, configSchema} from './schema.ts';

/** Parses the configuration file's text and checks it. Throws UserError naming file, key and what was expected. */
export function checkConfig(path: string, text: string): ConfigFile {
  const result = v.safeParse(configSchema, parseToml(path, text), {abortEarly: true});
  if (result.success) return result.output;
  const issue = result.issues[0];
  const key = v.getDotPath(issue) ?? '';
  const message =
    issue.type === 'strict_object' && issue.expected === 'never' ? 'is not a known key' : issue.message;
  // "C:\new" is read, with a line's end in it
  const hint = message.includes('control character') ? singleQuotes("'C:\\…'") : undefined;
  throw configError(`${path}: ${key}: ${message}`, hint);
}

function parseToml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    const place = `${path}: line ${error.line}, column ${error.column}`;
    const hint = reason?.includes('escape') ? quotesFor(text.split('\n')[error.line - 1]) : undefined;
    throw configError(`${place}: ${reason}`, hint);
  }
}

/** In double quotes a backslash begins an escape: the text of this line as it is written without one. */
function quotesFor(line = ''): string {
  const [, text] = /"([^"']*\\[^"']*)"/.exec(line) ?? [];
  return singleQuotes(`'${text ?? 'C:\\…'}'`);
}

function singleQuotes(example: string): string {
  return `put Windows paths into single quotes: ${example}`;
}
