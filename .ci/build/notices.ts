import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {Metafile} from 'esbuild';

/**
 * The licences of everything that is shipped: the bundled libraries, Node.js itself, whose Linux package of the
 * same version holds the text that the Windows one leaves out, and koffi, for which the same is true.
 */
export async function notices(root: string, metafiles: readonly Metafile[]): Promise<string> {
  const libraries = new Set(metafiles.flatMap(({inputs}) => Object.keys(inputs).flatMap(packageFolder)));
  const native = ['koffi', `node-linux-${process.arch}`].map(name => join('node_modules', name));
  const parts = [...[...libraries].sort(), ...native];
  const texts = await Promise.all(parts.map(folder => notice(join(root, folder))));
  return `${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

/** `node_modules/a/node_modules/@b/c/lib/x.js` → `node_modules/a/node_modules/@b/c`; nothing for own files. */
function packageFolder(input: string): string[] {
  const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
  return match?.[1] === undefined ? [] : [match[1]];
}

async function notice(folder: string): Promise<string> {
  const {name, version, license} = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const files = await readdir(folder);
  const file = files.find(candidate => /^(licen[cs]e|copying)/i.test(candidate));
  const text = file === undefined ? '' : (await readFile(join(folder, file), 'utf8')).trim();
  return `${name} ${version} (${license})\n\n${text}`.trimEnd();
}
