import fs from 'node:fs';
import type {PipeList} from '../../shared/probe.ts';

/** Pipes that agents are known to use, and those whose names say so. */
const AGENT_PIPE = /ssh|agent|pageant|gpg|1password|bitwarden|keepass/i;

/** Lists named pipes without touching them: asking for one by its path would be a connection. */
export function listPipes(): PipeList {
  if (process.platform !== 'win32') return {listed: false, agents: null};
  try {
    const names = fs.readdirSync('\\\\.\\pipe\\');
    return {listed: true, agents: names.filter(name => AGENT_PIPE.test(name)).sort()};
  } catch {
    return {listed: false, agents: null};
  }
}
