/** `npm run build`: makes everything in `dist/`; what is up to date is left alone. */
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {ARCHES, type Arch} from './build/arch.ts';
import {build} from './build/build.ts';
import {Fault, runMain} from './fault.ts';

const USAGE = `usage: npm run build -- [--helper-only] [--js-only] [--arch x64|arm64|all]

  --helper-only   the helper and its exes, without the CLI
  --js-only       the two scripts, without the exes
  --arch ARCH     which exes to make, each with koffi's native file beside it (default: all)

example: npm run build -- --helper-only --arch x64`;

await runMain('build', async () => {
  const options = parse();
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const root = join(import.meta.dirname, '..');
  const exes = options['js-only'] ? [] : arches(options.arch);
  await build({root, dist: join(root, 'dist'), cli: !options['helper-only'], exes});
});

function parse() {
  try {
    return parseArgs({
      options: {
        'helper-only': {type: 'boolean', default: false},
        'js-only': {type: 'boolean', default: false},
        arch: {type: 'string', default: 'all'},
        help: {type: 'boolean', default: false},
      },
    }).values;
  } catch (error) {
    throw new Fault(error instanceof Error ? error.message : String(error), 'npm run build -- --help');
  }
}

function arches(wanted: string): readonly Arch[] {
  const chosen = ARCHES.filter(arch => wanted === 'all' || wanted === arch);
  if (chosen.length === 0) {
    throw new Fault(`unknown architecture "${wanted}"`, 'npm run build -- --help');
  }
  return chosen;
}
