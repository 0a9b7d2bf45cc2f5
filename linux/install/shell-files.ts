import {basename, isAbsolute, join} from 'node:path';

export type ShellFacts = {
  /** The person's shell, as in $SHELL: `bash`, `fish`; empty when it is not known. */
  shell: string;
  home: string;
  /** Where zsh keeps its files. */
  zdotdir: string;
  /** XDG_CONFIG_HOME. */
  config: string;
  exists(path: string): boolean;
};

/** A file that a shell reads when it starts. `fish` files are ours alone, the others get lines added. */
export type ShellFile = {path: string; syntax: 'posix' | 'fish'};

/** Bash reads the first of these in a login shell, and no other. */
const LOGIN_FILES = ['.bash_profile', '.bash_login', '.profile'];

/** Shells that read ~/.profile when it is a login. */
const PROFILE_SHELLS = ['', 'bash', 'sh', 'dash', 'ksh', 'mksh', 'ash'];

export function shellFacts(
  env: NodeJS.ProcessEnv,
  home: string,
  config: string,
  exists: ShellFacts['exists'],
): ShellFacts {
  const zdotdir = env.ZDOTDIR;
  return {
    shell: basename(env.SHELL ?? ''),
    home,
    zdotdir: zdotdir !== undefined && isAbsolute(zdotdir) ? zdotdir : home,
    config,
    exists,
  };
}

/** All POSIX start-up files that may have lines of ours. */
export function startupFiles(env: NodeJS.ProcessEnv, home: string): string[] {
  const {zdotdir} = shellFacts(env, home, '', () => false);
  return [...LOGIN_FILES.map(name => join(home, name)), join(home, '.bashrc'), join(zdotdir, '.zshrc')];
}

/** The start-up files of the shells this person uses: those that are there, and the main one of $SHELL. */
export function shellFiles(facts: ShellFacts): ShellFile[] {
  const {shell, home, exists} = facts;
  const login = LOGIN_FILES.map(name => join(home, name)).find(exists);
  const zshrc = join(facts.zdotdir, '.zshrc');
  const fish = join(facts.config, 'fish');
  const posix = [
    login ?? (PROFILE_SHELLS.includes(shell) ? join(home, '.profile') : undefined),
    // a shell that is no login reads it alone; where a login file reads it too, it finds the work done
    exists(join(home, '.bashrc')) ? join(home, '.bashrc') : undefined,
    shell === 'zsh' || exists(zshrc) ? zshrc : undefined,
  ];
  const files: ShellFile[] = posix.flatMap(path => (path === undefined ? [] : {path, syntax: 'posix'}));
  if (shell === 'fish' || exists(fish))
    files.push({path: join(fish, 'conf.d', 'wslagent.fish'), syntax: 'fish'});
  return files;
}

/** Whether $SHELL is one whose start-up files are written; others are told how to do it by hand. */
export function isKnownShell({shell}: Pick<ShellFacts, 'shell'>): boolean {
  return PROFILE_SHELLS.includes(shell) || shell === 'zsh' || shell === 'fish';
}
