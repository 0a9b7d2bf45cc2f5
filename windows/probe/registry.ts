import {queryRegistry} from '../system/registry.ts';

const REGISTRY_MS = 2000;

/**
 * A variable of the Windows user's own environment, as it is set for all their programs; WSL gives us another. Undefined
 * when it is not set.
 */
export async function userVariable(name: string): Promise<string | undefined> {
  const output = await queryRegistry(['HKCU\\Environment', '/v', name], REGISTRY_MS);
  return output === undefined ? undefined : parseUserVariable(output, name);
}

/** Reads what `reg.exe query` prints: name, type and text in columns. Names of variables have no case. */
export function parseUserVariable(output: string, name: string): string | undefined {
  for (const line of output.split(/\r?\n/)) {
    const [, found, text] = /^\s*(\S+)\s+REG_(?:EXPAND_)?SZ\s+(.*\S)\s*$/.exec(line) ?? [];
    if (found?.toLowerCase() === name.toLowerCase() && text !== undefined) return expandVariables(text);
  }
  return undefined;
}

/** `%NAME%` as Windows would put in; what is not set stays as it is written. */
export function expandVariables(text: string, env: NodeJS.ProcessEnv = process.env): string {
  return text.replace(/%([^%]+)%/g, (whole, name: string) => env[name] ?? whole);
}
