import fs from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {gnupgLeads, leads, type Sight} from '../../../windows/probe/find.ts';
import {parseAgentConf} from '../../../windows/probe/gpg-agent-conf.ts';
import {parseKeeAgentSockets} from '../../../windows/probe/keeagent.ts';
import {includedFiles, pageantFiles} from '../../../windows/probe/pageant-files.ts';
import {productOf} from '../../../windows/probe/product.ts';
import {expandVariables, parseUserVariable} from '../../../windows/probe/registry.ts';
import {targetOf} from '../../../windows/probe/socket-kind.ts';
import {tempFolder} from '../harness.ts';

const products: [string, string][] = [
  ['C:\\Windows\\System32\\OpenSSH\\ssh-agent.exe', 'OpenSSH agent'],
  ['C:\\Users\\Ada\\AppData\\Local\\1Password\\app\\8\\1Password.exe', '1Password'],
  ['C:\\Users\\Ada\\AppData\\Local\\Programs\\Bitwarden\\Bitwarden.exe', 'Bitwarden'],
  ['C:\\Program Files\\KeePass Password Safe 2\\KeePass.exe', 'KeeAgent'],
  ['C:\\Program Files (x86)\\GnuPG\\bin\\gpg-agent.exe', 'gpg-agent'],
  ['C:\\Program Files\\PuTTY\\PAGEANT.EXE', 'Pageant'],
  ['D:\\tools\\PuTTY-CAC\\pageant.exe', 'PuTTY-CAC'],
  ['C:\\Program Files\\WinSSH-Pageant\\winssh-pageant.exe', 'WinSSH-Pageant'],
  ['C:\\odd\\Some Agent.exe', 'Some Agent.exe'],
  ['constructor.exe', 'constructor.exe'],
];
for (const [program, product] of products)
  test(`${program} is ${product}`, t => {
    t.is(productOf(program), product);
  });

test('gpg-agent.conf: what it switches on, whatever stands around it', t => {
  const off = {sshSupport: false, puttySupport: false, opensshPipe: null};
  t.deepEqual(parseAgentConf(''), off);
  t.deepEqual(parseAgentConf('# enable-putty-support\nenable-ssh-support-not\n'), off);
  t.deepEqual(parseAgentConf('enable-ssh-support\r\n  enable-putty-support # yes\r\n'), {
    sshSupport: true,
    puttySupport: true,
    opensshPipe: null,
  });
  t.is(parseAgentConf('enable-win32-openssh-support').opensshPipe, 'openssh-ssh-agent');
  t.is(parseAgentConf('enable-win32-openssh-support \\\\.\\pipe\\mine').opensshPipe, 'mine');
});

test("the person's own variables, as reg.exe prints them", t => {
  const output =
    '\r\nHKEY_CURRENT_USER\\Environment\r\n    Path    REG_EXPAND_SZ    x\r\n    Ssh_Auth_Sock    REG_SZ    C:\\a b\\s \r\n\r\n';
  t.is(parseUserVariable(output, 'SSH_AUTH_SOCK'), 'C:\\a b\\s');
  t.is(parseUserVariable(output, 'SSH'), undefined);
  t.is(parseUserVariable('ERROR: no such value', 'SSH_AUTH_SOCK'), undefined);
  t.is(expandVariables('%TEMP%\\s %NOPE%', {TEMP: 'C:\\t'}), 'C:\\t\\s %NOPE%');
});

test("KeeAgent's sockets are those that are switched on", t => {
  const item = (key: string, value: string) =>
    `<Item>\n\t<Key>KeeAgent.${key}</Key>\n\t<Value>${value}</Value>\n</Item>`;
  const xml = [
    item('UseCygwinSocket', 'true'),
    item('CygwinSocketPath', 'C:\\a &amp; b\\cyg'),
    item('UseMsysSocket', 'false'),
    item('MsysSocketPath', 'C:\\msys'),
  ].join('\n');
  t.deepEqual(parseKeeAgentSockets(`<Custom>${xml}</Custom>`), ['C:\\a & b\\cyg']);
  t.deepEqual(parseKeeAgentSockets(item('UseCygwinSocket', 'true')), []);
  t.deepEqual(parseKeeAgentSockets('garbage'), []);
});

test('a setting that names a socket becomes a target by what is there', async t => {
  t.is(await targetOf('\\\\.\\pipe\\mine'), 'pipe:mine');
  t.is(await targetOf('//./pipe/mine'), 'pipe:mine');
  t.is(await targetOf('/tmp/ssh-XXXX/agent.12'), undefined);
  t.is(await targetOf('agent.sock'), undefined);
  t.is(await targetOf('C:\\nowhere\\agent.sock'), 'cygwin:C:\\nowhere\\agent.sock');
});

test.serial(
  'a file that a setting names is told by its first bytes; garbage is left to who says what is wrong',
  async t => {
    const folder = await tempFolder(t);
    // what Windows takes for an absolute path, and Linux for a file's name
    const name = 'C:\\socket';
    const kinds: [string, string][] = [
      ['!<socket >1234 s 00-00', 'cygwin'],
      [`1234\n${'x'.repeat(16)}`, 'assuan'],
      ['', 'cygwin'],
      ['garbage', 'cygwin'],
    ];
    const before = process.cwd();
    t.teardown(() => process.chdir(before));
    process.chdir(folder);
    for (const [content, kind] of kinds) {
      await fs.writeFile(name, content);
      t.is(await targetOf(name), `${kind}:${name}`, content);
    }
    await fs.rm(name);
    await fs.mkdir(name);
    t.is(await targetOf(name), `unix:${name}`);
  },
);

test('files of pageant --openssh-config are found in the .ssh folder, and through what its config includes', async t => {
  const home = await tempFolder(t);
  const ssh = path.join(home, '.ssh');
  await fs.mkdir(ssh);
  t.deepEqual(await pageantFiles(home), []);
  t.deepEqual(await pageantFiles(undefined), []);
  await fs.writeFile(path.join(ssh, 'pageant.conf'), '');
  await fs.writeFile(path.join(ssh, 'other'), 'IdentityAgent "//./pipe/pageant.Ada.00ff"\n');
  await fs.writeFile(path.join(ssh, 'hosts'), 'Host a\n  User b\n');
  await fs.writeFile(path.join(ssh, 'none'), '');
  await fs.writeFile(
    path.join(ssh, 'config'),
    '# Include no\nInclude hosts none "other"\nHost *\n  include *.d\n',
  );
  t.deepEqual(await pageantFiles(home), [
    {path: path.join(ssh, 'pageant.conf'), pipe: null},
    {path: path.join(ssh, 'other'), pipe: 'pageant.Ada.00ff'},
  ]);
  t.deepEqual(includedFiles('Include ~/.ssh/a.conf ~/elsewhere %d/x'), ['a.conf']);
});

const nothing: Sight = {
  platform: 'win32',
  pipes: [],
  pageant: {window: null, configFiles: []},
  sshAuthSock: undefined,
  keeAgent: [],
};

test('each agent is asked once, however often it is named', t => {
  const targets = (sight: Partial<Sight>) => leads({...nothing, ...sight}).map(({target}) => target);
  t.deepEqual(targets({}), ['pipe:openssh-ssh-agent', 'pageant:pipe']);
  t.deepEqual(targets({platform: 'linux'}), ['pipe:openssh-ssh-agent']);
  t.deepEqual(
    targets({
      pipes: ['openssh-ssh-agent', 'pageant.ada.1', 'some-agent'],
      pageant: {
        window: {pid: 1, program: null, product: null, owner: null},
        configFiles: [
          {path: 'C:\\one', pipe: 'pageant.ada.1'},
          {path: 'C:\\two', pipe: 'pageant.ada.2'},
          {path: 'C:\\three', pipe: null},
        ],
      },
      sshAuthSock: 'pipe:openssh-ssh-agent',
      keeAgent: ['cygwin:C:\\s', 'cygwin:C:\\s'],
    }),
    [
      'pipe:openssh-ssh-agent',
      'pageant:pipe',
      'pageant:window',
      'pipe:pageant.ada.1',
      'pageant:C:\\two',
      'cygwin:C:\\s',
    ],
  );
});

test("GnuPG's sockets are asked where they exist, and its pipe when it has a name of its own", t => {
  const socket = (exists: boolean) => ({path: 'C:\\S', exists});
  const gnupg = {
    gpgconf: 'C:\\gpgconf.exe',
    version: '2.4.9',
    homedir: null,
    sockets: {
      'agent-socket': socket(true),
      'agent-ssh-socket': socket(true),
      'agent-extra-socket': socket(false),
      'agent-browser-socket': socket(false),
      'scdaemon-socket': socket(false),
      'dirmngr-socket': socket(false),
    },
    sshSupport: false,
    puttySupport: false,
    opensshPipe: 'openssh-ssh-agent' as string | null,
  };
  const asked = () => gnupgLeads(gnupg).map(({target, protocol}) => [target, protocol]);
  const sockets = [
    ['gpg:agent-socket', 'assuan'],
    ['gpg:agent-ssh-socket', 'ssh-agent'],
  ];
  t.deepEqual(asked(), sockets);
  gnupg.opensshPipe = 'mine';
  t.deepEqual(asked(), [...sockets, ['pipe:mine', 'ssh-agent']]);
});
