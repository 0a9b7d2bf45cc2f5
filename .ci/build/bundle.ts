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

/**
 * The CLI as one module. Libraries that a verb loads with `import()` sit in the same file, and run only then:
 * one file is what `install` has to copy and `systemd` to start.
 */
export async function bundleCli(root: string, entry = 'linux/main.ts'): Promise<Bundle> {
  const {text, metafile} = await bundle({format: 'esm', banner: {js: OLD_NODE + REQUIRE}}, root, entry);
  return {text: SHEBANG + text.replace(/^#!.*\n/, ''), metafile};
}

/** The helper as one CommonJS script: the only form that Node takes into an exe. */
export function bundleHelper(root: string, entry = 'windows/main.ts'): Promise<Bundle> {
  return bundle({format: 'cjs'}, root, entry);
}

async function bundle(
  options: Pick<BuildOptions, 'format' | 'banner'>,
  root: string,
  entry: string,
): Promise<Bundle> {
  try {
    const result = await build({...COMMON, ...options, absWorkingDir: root, entryPoints: [entry]});
    return {text: result.outputFiles.map(({text}) => text).join(''), metafile: result.metafile};
  } catch (error) {
    throw new Fault(error instanceof Error ? error.message : String(error), 'npm run check:types');
  }
}
