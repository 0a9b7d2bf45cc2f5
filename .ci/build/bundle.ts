import {join, relative} from 'node:path';
import {type BuildOptions, build, type Metafile} from 'esbuild';
import {exitCode} from '../../shared/exit-codes.ts';
import {Fault} from '../fault.ts';

/** One bundled program and what went into it, with paths relative to the root. */
export interface Bundle {
  text: string;
  metafile: Metafile;
}

/**
 * Not minified: it gains nothing measurable at start-up, and Node prints the line that threw, which would be
 * the whole program.
 */
const COMMON = {
  bundle: true,
  platform: 'node',
  target: 'node22',
  charset: 'utf8',
  legalComments: 'none',
  // With node_modules behind a link, file names in the result would tell where the link leads.
  preserveSymlinks: true,
  logLevel: 'silent',
  metafile: true,
  write: false,
} as const satisfies BuildOptions;

const SHEBANG = '#!/usr/bin/env node\n';
/** Runs before any library, some of which fail on an older Node with an error nobody can act on. */
const OLD_NODE =
  'if (Number.parseInt(process.versions.node) < 22) {\n' +
  '  console.error("wslagent: error: needs node 22 or newer, this is " + process.versions.node);\n' +
  '  console.error("wslagent: hint: npm start");\n' +
  `  process.exit(${exitCode('failure')});\n` +
  '}\n';
/** For CommonJS libraries inside the module; under other names than yargs' own import of createRequire. */
const REQUIRE =
  'import {createRequire as __wslagentRequire} from "node:module";' +
  'const require = __wslagentRequire(import.meta.url);';

/** The CLI's first file, and the folder beside it with what it loads when that is used. */
export const CLI = 'wslagent.mjs';
export const CHUNKS = 'wslagent';

/** Files by their paths in dist/, and what went into them. */
export interface CliBundle {
  files: Map<string, string>;
  metafile: Metafile;
}

/**
 * The CLI: a first file and chunks. What a verb loads with `import()` is a file of its own, because Node keeps the text
 * of every file that it loads: in one file the libraries of all verbs take 5 MB of the service's memory.
 */
export async function bundleCli(root: string, entry = 'linux/main.ts'): Promise<CliBundle> {
  const {outputFiles, metafile} = await bundle(
    {
      format: 'esm',
      splitting: true,
      // esbuild names files below this folder; nothing is written
      outdir: join(root, 'dist'),
      entryNames: CHUNKS,
      chunkNames: `${CHUNKS}/[name]-[hash]`,
      outExtension: {'.js': '.mjs'},
      banner: {js: OLD_NODE + REQUIRE},
    },
    root,
    entry,
  );
  const files = outputFiles.map(({path, text}): [string, string] => {
    const name = relative(join(root, 'dist'), path);
    return [name, name === CLI ? SHEBANG + text.replace(/^#!.*\n/, '') : text];
  });
  return {files: new Map(files), metafile};
}

/** The helper as one CommonJS script: the only form that Node takes into an exe. */
export async function bundleHelper(root: string, entry = 'windows/main.ts'): Promise<Bundle> {
  const {outputFiles, metafile} = await bundle({format: 'cjs'}, root, entry);
  return {text: outputFiles.map(({text}) => text).join(''), metafile};
}

type Shape = Pick<
  BuildOptions,
  'format' | 'banner' | 'splitting' | 'outdir' | 'entryNames' | 'chunkNames' | 'outExtension'
>;

async function bundle(options: Shape, root: string, entry: string) {
  try {
    return await build({...COMMON, ...options, absWorkingDir: root, entryPoints: [entry]});
  } catch (error) {
    throw new Fault(error instanceof Error ? error.message : String(error), 'npm run check:types');
  }
}
