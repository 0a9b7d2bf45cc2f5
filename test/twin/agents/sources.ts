import {createHash} from 'node:crypto';
import {access, mkdir, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {debianMirror} from './apt.ts';
import {runLogged} from './command.ts';
import {AgentsFault} from './fault.ts';
import type {Recipe, Source} from './recipe.ts';

const KEYRINGS = ['debian-archive-keyring.gpg', 'debian-archive-keyring.pgp'].map(
  name => `/usr/share/keyrings/${name}`,
);
// Not in PATH: apt ships it for scripts that want apt's own transports, proxies and sum checks.
const APT_HELPER = '/usr/lib/apt/apt-helper';

type Context = {work: string; log: string; say: (line: string) => void};

/**
 * Fetches the tarball of the first of `recipes` that Debian still offers, into `work`, and gives both. The
 * index is verified with Debian's keyring, the tarball with the index's sum and the recipe's own.
 */
export async function fetchFirst(
  recipes: Recipe[],
  context: Context,
): Promise<{recipe: Recipe; tarball: string}> {
  const mirror = await debianMirror();
  const keyring = await firstThere(KEYRINGS);
  for (const recipe of recipes) {
    for (const suite of recipe.source.suites) {
      const apt = await privateApt(join(context.work, 'apt', suite), {mirror, keyring, suite});
      const tarball = await fetchFrom(apt, recipe, suite, context);
      if (tarball !== undefined) {
        return {recipe, tarball};
      }
    }
  }
  const wanted = recipes.map(({source}) => source.file).join(' or ');
  throw new AgentsFault(
    `no Debian suite offers ${wanted} with the recorded sum`,
    `tail -n 40 ${context.log}`,
  );
}

async function fetchFrom(
  apt: string[],
  {source, agent, version}: Recipe,
  suite: string,
  {work, log, say}: Context,
): Promise<string | undefined> {
  say(`fetching the source of ${agent} ${version} from Debian ${suite}`);
  const tarball = join(work, source.file);
  try {
    await runLogged(log, {command: 'apt-get', args: [...apt, 'update']});
    const uri = await findUri(apt, source);
    if (uri === undefined) {
      return undefined;
    }
    await runLogged(log, {
      command: APT_HELPER,
      args: ['download-file', uri, tarball, `SHA256:${source.sha256}`],
    });
  } catch (error) {
    // What one suite or its mirror lacks, the next may have; the log keeps the reason.
    if (error instanceof AgentsFault) {
      return undefined;
    }
    throw error;
  }
  const sum = createHash('sha256').update(await readFile(tarball));
  return sum.digest('hex') === source.sha256 ? tarball : undefined;
}

/**
 * Where the index says the tarball is, undefined when it lists another sum or none. `apt-get source` itself is
 * of no use: it fails as a whole when a signature file beside the tarball answers 404 (seen with several).
 */
async function findUri(apt: string[], source: Source): Promise<string | undefined> {
  const args = [...apt, 'source', '--print-uris', source.package];
  const {stdout} = await execa('apt-get', args, {reject: false, stdin: 'ignore'});
  for (const line of stdout.split('\n')) {
    const [, uri, name, sum] = /^'([^']+)' (\S+) \d+ SHA256:([0-9a-f]{64})/.exec(line) ?? [];
    if (name === source.file && sum === source.sha256) {
      return uri;
    }
  }
  return undefined;
}

/** Options that make apt-get use folders and one deb-src line of its own, and keep the machine's proxy settings. */
async function privateApt(
  folder: string,
  {mirror, keyring, suite}: {mirror: string; keyring: string; suite: string},
): Promise<string[]> {
  const list = join(folder, 'sources.list');
  await mkdir(join(folder, 'lists/partial'), {recursive: true});
  await mkdir(join(folder, 'cache/archives/partial'), {recursive: true});
  await writeFile(list, `deb-src [signed-by=${keyring}] ${mirror} ${suite} main\n`);
  const settings = {
    'Dir::Etc::sourcelist': list,
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::Cache': join(folder, 'cache'),
    // Without it apt-get says 0 after an update that fetched nothing.
    'APT::Update::Error-Mode': 'any',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

async function firstThere(paths: string[]): Promise<string> {
  for (const path of paths) {
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    ) {
      return path;
    }
  }
  throw new AgentsFault(
    'the keyring of the Debian archive is missing',
    'sudo apt-get install debian-archive-keyring',
  );
}
