import test from 'ava';
import type {Entry} from '../../../linux/install/item.ts';
import {settlePending} from '../../../linux/install/plan-pending.ts';
import type {FileState} from '../../../linux/install/present.ts';

const SUM = 'a'.repeat(64);
const file = (text: string): FileState => ({
  kind: 'file',
  sha256: text,
  mode: 0o644,
  content: Buffer.from(text),
  editable: true,
});

test('what was written down and is there was made; what is not there was not; what is planned is left to the plan', t => {
  const entries: Entry[] = [
    {kind: 'folder', path: '/made', pending: true},
    {kind: 'folder', path: '/not', pending: true},
    {kind: 'folder', path: '/planned', pending: true},
    {kind: 'folder', path: '/old'},
    {kind: 'file', owner: 'relay', path: '/unit', sha256: SUM, pending: true, was: 'b'.repeat(64)},
    {kind: 'file', owner: 'relay', path: '/theirs', sha256: SUM, pending: true},
    {kind: 'lines', owner: 'environment', path: '/profile', text: '# ours\n', created: false, pending: true},
    {kind: 'lines', owner: 'environment', path: '/other', text: '# ours\n', created: false, pending: true},
    {kind: 'mask', owner: 'gnupg', unit: 'gpg-agent.socket', active: true, pending: true},
  ];
  const files = new Map<string, FileState>([
    ['/made', {kind: 'folder'}],
    ['/unit', file(SUM)],
    ['/theirs', file('x')],
    ['/profile', file('x=1\n# ours\n')],
    ['/other', file('x=1\n')],
  ]);
  const planned = {action: {do: 'note down'}, entry: {kind: 'folder', path: '/planned'}} as const;
  const changes = settlePending(entries, [planned], {files, units: new Map()});
  t.deepEqual(
    changes.map(({entry, drops}) => drops ?? entry),
    [
      {kind: 'folder', path: '/made'},
      'folder /not',
      {kind: 'file', owner: 'relay', path: '/unit', sha256: SUM},
      'file /theirs',
      {kind: 'lines', owner: 'environment', path: '/profile', text: '# ours\n', created: false},
      'file /other',
      'mask gpg-agent.socket',
    ],
  );
});
