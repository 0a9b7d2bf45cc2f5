// needs: wine
import {copyFile, mkdtemp, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import test from 'ava';
import {DIST} from '../../../linux/helper-command.ts';
import {startTwin} from '../twin.ts';
import {windowsNode} from './windows-node.ts';

test('a process that may not be opened has its name in the list of processes', async t => {
  t.timeout(180_000);
  const twin = await startTwin();
  t.teardown(() => twin.stop());
  const node = await windowsNode(twin);
  t.teardown(() => node.stop());
  // koffi's file is looked for beside the script
  const folder = await mkdtemp(path.join(twin.home, 'names-'));
  await copyFile(path.join(DIST, 'koffi-x64.node'), path.join(folder, 'koffi-x64.node'));
  const fixture = path.join(import.meta.dirname, '../../fixtures/process-names.ts');
  const url = pathToFileURL(twin.toWindows(fixture), {windows: true});
  await writeFile(path.join(folder, 'main.mjs'), `import ${JSON.stringify(url.href)};\n`);
  const program = await node.start(path.join(folder, 'main.mjs'));
  const said = JSON.parse(/listening (.*)/.exec(await program.output())?.[1] ?? '') as Record<string, string>;
  t.deepEqual(said, {opened: 'node.exe', listed: 'node.exe', nobody: null});
});
