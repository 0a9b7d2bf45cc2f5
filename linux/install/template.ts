import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {UserError} from '../errors.ts';
import {DIST} from '../helper-command.ts';

/** The folder of the unit templates: beside dist/ in the sources and in the package. */
const TEMPLATES = join(DIST, '..', 'systemd');

/** The text of a unit template such as `daemon/wslagent.service.in`. Throws UserError when it is not there. */
export function readTemplate(name: string): string {
  const path = join(TEMPLATES, name);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError(
      `the unit template ${path} cannot be read: ${(error as Error).message}`,
      'get the whole project again: dist/ and systemd/ belong side by side',
    );
  }
}

/**
 * Fills the `@NAME@` places of a template. A line that is one place without a value disappears.
 * Throws when a place has no value in `values`: a template of another version.
 */
export function fillTemplate(text: string, values: Readonly<Record<string, string>>): string {
  const value = (name: string): string => {
    const found = values[name];
    if (found === undefined) throw new Error(`the unit template has an unknown place @${name}@`);
    return found;
  };
  return text
    .split('\n')
    .filter(line => {
      const place = /^@([A-Z]+)@$/.exec(line);
      return place === null || value(place[1] ?? '') !== '';
    })
    .join('\n')
    .replaceAll(/@([A-Z_]+)@/g, (_, name: string) => value(name));
}
