import {createHash} from 'node:crypto';
import type {Command} from './command.ts';

export type AgentName = 'pageant' | 'gnupg';

/** The upstream tarball inside a Debian source package, pinned by its sum. */
export type Source = {package: string; file: string; sha256: string; suites: string[]};

/** Something a build needs on the machine: the file or program that proves it, and the package that brings it. */
export type Part = {proof: string; package: string};

/** Folders of one build, all absolute. */
export type Folders = {source: string; build: string; jobs: number};

export type Recipe = {
  agent: AgentName;
  version: string;
  takes: string;
  source: Source;
  parts: Part[];
  /** Files of our own that the steps compile or read, by their path below the build folder. */
  files: Record<string, string>;
  steps: (folders: Folders) => Command[];
  /** Path in the result, by path below the build folder. */
  products: Record<string, string>;
};

/** Names a recipe's result: everything that decides its bytes, except the compiler, goes into the name. */
export function recipeKey(recipe: Recipe): string {
  const {agent, version, source, files, products} = recipe;
  const steps = recipe.steps({source: '@source@', build: '@build@', jobs: 1});
  const decides = JSON.stringify({version, sum: source.sha256, files, products, steps});
  return `${agent}-${version}-${createHash('sha256').update(decides).digest('hex').slice(0, 16)}`;
}
