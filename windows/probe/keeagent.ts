import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {expandVariables} from './registry.ts';

/** KeePass's configuration holds settings of all its plugins and is far smaller, in bytes. */
const CONFIG_MAX = 4 * 1024 * 1024;

/** The sockets that KeeAgent is told to make, from KeePass's configuration; none when there is none. */
export async function keeAgentSockets(appData: string | undefined): Promise<string[]> {
  if (!appData) return [];
  const file = path.join(appData, 'KeePass', 'KeePass.config.xml');
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.length > CONFIG_MAX ? [] : parseKeeAgentSockets(text).map(socket => expandVariables(socket));
}

/** Options.cs of KeeAgent: whether there is a socket, and where, for each of the two kinds. */
export function parseKeeAgentSockets(xml: string): string[] {
  const options = new Map(
    Array.from(
      xml.matchAll(/<Key>KeeAgent\.(\w+)<\/Key>\s*<Value>([^<]*)<\/Value>/g),
      ([, key = '', value = '']) => [key, unescapeXml(value)] as const,
    ),
  );
  return ['Cygwin', 'Msys'].flatMap(kind => {
    const used = /^true$/i.test(options.get(`Use${kind}Socket`) ?? '');
    const socket = options.get(`${kind}SocketPath`) ?? '';
    return used && socket !== '' ? [socket] : [];
  });
}

const ENTITIES: Record<string, string> = {amp: '&', lt: '<', gt: '>', quot: '"', apos: "'"};

function unescapeXml(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
