import {parseSocketFile} from '../../../../shared/assuan/socket-file.ts';
import {parseCygwinSocketFile} from '../../../../shared/cygwin/socket-file.ts';
import {kindOf, promise, type Subject} from '../subject.ts';

/** Files that name a port and hold a secret, of GnuPG and of Cygwin. */
export const socketFiles: Subject = {
  name: 'socket files',
  make(random) {
    const port = random.pick(['1', '49152', '65535', '65536', '0', '080']);
    if (random.once(2))
      return Buffer.concat([Buffer.from(`${port}${random.pick(['\n', '\r\n'])}`), random.bytes(16)]);
    const group = () => random.next().toString(16).padStart(8, '0');
    const secret = [group(), group(), group(), group()].join('-');
    return Buffer.from(`!<socket >${port} ${random.pick(['s', 'd'])} ${secret}${random.pick(['', '\0'])}`);
  },
  feed(input) {
    const words: string[] = [];
    for (const parse of [parseSocketFile, parseCygwinSocketFile]) {
      const file = parse(input);
      words.push(typeof file === 'string' ? kindOf(file) : 'a file');
      if (typeof file === 'string') promise(!quotes(file, input), `it quotes the file: ${file}`);
      else promise(file.port > 0 && file.port < 65_536 && file.nonce.length === 16, `port ${file.port}`);
    }
    return {units: 2, word: words.join()};
  },
};

/** Whether a sentence has eight bytes in a row of a file that no sentence of ours has: part of its secret. */
function quotes(sentence: string, file: Uint8Array): boolean {
  const text = Buffer.from(file).toString('latin1');
  for (let at = 0; at + 8 <= text.length; at++) {
    const part = text.slice(at, at + 8);
    if (!/^[A-Za-z ,.:]*$/.test(part) && sentence.includes(part)) return true;
  }
  return false;
}
