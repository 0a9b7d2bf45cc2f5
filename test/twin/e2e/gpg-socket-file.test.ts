// needs: gnupg
import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {createServer as createHttpServer} from 'node:http';
import {type AddressInfo, createServer, type Server} from 'node:net';
import path from 'node:path';
import test from 'ava';
import type {Chain} from './chain.ts';
import {Client} from './client.ts';
import {type GpgBed, SETUP_MS, startGpgBed} from './gpg-bed.ts';

/** The socket file in question, as Windows and as Linux call it. */
const FILE = 'C:\\users\\Ada Lovelace\\S.some agent';
const NONCE = randomBytes(16);

let bed: GpgBed;
let file: string;
let chain: Chain;

test.before(async t => {
  t.timeout(SETUP_MS);
  bed = await startGpgBed();
  file = bed.twin.toLinux(FILE);
  chain = await bed.relay({target: `assuan:${FILE}`, protocol: 'assuan'});
  await bed.gnupg.launch();
});

test.after.always(() => bed?.stop());

test.serial('the socket file of a gpg-agent, wherever it is', async t => {
  await writeFile(file, await agentFile());
  const client = await Client.to(chain.socket);
  client.send(Buffer.from('GETINFO version\nBYE\n'));
  t.regex(
    (await client.rest()).toString(),
    /^OK Pleased to meet you.*\nD 2\.4\.\d+\nOK\nOK closing connection\n$/,
  );
  client.close();
  await chain.line(/ info: socket#1: /);
});

type Case = {
  title: string;
  /** What the file holds; undefined for no file. */
  content: () => Promise<Uint8Array | undefined>;
  /** What is said of it, after its name. */
  says: RegExp;
  hint: RegExp;
};

const noSocketFile = /name the socket file of a gpg-agent; hint: wslagent probe$/;
const restart = /gpgconf\.exe --kill gpg-agent/;

const cases: Case[] = [
  {
    title: 'a socket file that is not there',
    content: async () => undefined,
    says: /does not exist/,
    hint: /gpgconf\.exe --launch gpg-agent/,
  },
  {title: 'an empty file', content: async () => Buffer.alloc(0), says: /is empty/, hint: noSocketFile},
  {
    title: 'a file cut short in its nonce',
    content: async () => (await agentFile()).subarray(0, -1),
    says: /has a nonce of 15 bytes instead of 16/,
    hint: noSocketFile,
  },
  {
    title: 'a file that ends after the port',
    content: async () => Buffer.from('40000\n'),
    says: /has a nonce of 0 bytes instead of 16/,
    hint: noSocketFile,
  },
  {
    title: 'a file with one byte too many',
    content: async () => Buffer.concat([await agentFile(), Buffer.from('\n')]),
    says: /has a nonce of 17 bytes instead of 16/,
    hint: noSocketFile,
  },
  {
    title: 'a file of 64 MiB',
    content: async () => Buffer.alloc(64 * 1024 * 1024, '1'),
    says: /is longer than 49 bytes, so it is no GnuPG socket file/,
    hint: noSocketFile,
  },
  {
    title: 'binary garbage',
    content: async () => Buffer.from('fffefd00ff80c1bf0102030405', 'hex'),
    says: /holds no port line, so it is no GnuPG socket file/,
    hint: noSocketFile,
  },
  {
    title: 'a port that cannot be',
    content: async () => Buffer.concat([Buffer.from('70000\n'), NONCE]),
    says: /names no valid port/,
    hint: noSocketFile,
  },
  {
    title: "a file of Cygwin's format cut short",
    content: async () => Buffer.from('!<socket >40000 s 0102AB'),
    says: /is cut short/,
    hint: noSocketFile,
  },
  {
    title: 'a port that nobody holds any more',
    content: async () => {
      const server = await listen(createServer());
      server.close();
      await once(server, 'close');
      return socketFile(server.port, NONCE);
    },
    says: /port \d+ of socket file .* is closed: its agent has gone/,
    hint: /gpgconf\.exe --launch gpg-agent/,
  },
  {
    title: 'a wrong nonce',
    content: async () => socketFile(Number.parseInt((await agentFile()).toString('latin1'), 10), NONCE),
    says: /\(port \d+\) closed the connection instead of greeting/,
    hint: restart,
  },
  {
    title: 'a port that an HTTP server has now',
    content: async () => socketFile((await listen(createHttpServer())).port, NONCE),
    says: /\(port \d+\) is no GnuPG service: it greets as none does/,
    hint: restart,
  },
  {
    title: 'a port whose holder says an endless line',
    content: async () => {
      const server = createServer(socket => {
        socket.on('error', () => {});
        socket.end(`OK ${'x'.repeat(2000)}`);
      });
      return socketFile((await listen(server)).port, NONCE);
    },
    says: /is no GnuPG service: it greets with a line of more than 1000 bytes/,
    hint: restart,
  },
  {
    title: 'a port whose holder accepts and says nothing',
    content: async () => socketFile((await listen(createServer(socket => socket.resume()))).port, NONCE),
    says: /\(port \d+\) accepted the connection and did not greet within 10 s/,
    hint: restart,
  },
];

for (const {title, content, says, hint} of cases) {
  test.serial(`${title}: one clear error`, async t => {
    await rm(file, {force: true});
    const bytes = await content();
    if (bytes !== undefined) await writeFile(file, bytes);
    const from = chain.lines.length;
    const client = await Client.to(chain.socket);
    client.send(Buffer.from('GETINFO version\n'));
    const [line = '', ...rest] = (await client.rest()).toString().split('\n');
    client.close();
    t.deepEqual(rest, ['']);
    const reason = /^ERR 67108941 No agent <wslagent: (.*)>$/.exec(line)?.[1] ?? line;
    t.regex(reason, says);
    t.true(reason.includes(FILE), reason);
    const journal = await chain.line(/ (warning|error|info): socket#/, from);
    t.true(journal.includes(` warning: `) && journal.includes(`; ${reason}; hint: `), journal);
    t.regex(journal, hint);
  });
}

test.serial('a folder in place of the file', async t => {
  await rm(file, {force: true});
  await mkdir(file);
  const client = await Client.to(chain.socket);
  t.regex(
    (await client.rest()).toString(),
    /^ERR 67108941 No agent <wslagent: socket file C:\\users\\Ada Lovelace\\S\.some agent is no file that can be read: \w+>\n$/,
  );
  client.close();
  await rm(file, {recursive: true});
});

test.serial('no byte of a nonce was ever said', async t => {
  const nonce = (await agentFile()).subarray(-16);
  const journal = chain.lines.join('\n');
  for (const bytes of [nonce, NONCE]) {
    for (const encoding of ['hex', 'base64', 'latin1'] as const) {
      t.false(journal.includes(bytes.toString(encoding).slice(0, 12)));
    }
  }
});

function agentFile(): Promise<Buffer> {
  return readFile(path.join(bed.gnupg.socketFolder, 'S.gpg-agent'));
}

function socketFile(port: number, nonce: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${port}\n`), nonce]);
}

/** Wine's loopback is Linux's: a server here is to the helper another program on Windows. */
async function listen<T extends Server>(server: T): Promise<T & {port: number}> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return Object.assign(server, {port: (server.address() as AddressInfo).port});
}
