/** What people call the programs that serve agents, by their file names in lower case and without `.exe`. */
const PRODUCTS: Record<string, string> = {
  'ssh-agent': 'OpenSSH agent',
  '1password': '1Password',
  'op-ssh-agent': '1Password',
  bitwarden: 'Bitwarden',
  'bitwarden desktop': 'Bitwarden',
  keepass: 'KeeAgent',
  keepassxc: 'KeePassXC',
  'gpg-agent': 'gpg-agent',
  pageant: 'Pageant',
  'winssh-pageant': 'WinSSH-Pageant',
  wincryptsshagent: 'WinCryptSSHAgent',
  omnisshagent: 'OmniSSHAgent',
  'wsl-ssh-pageant': 'wsl-ssh-pageant',
  'wsl-ssh-agent-gui': 'wsl-ssh-agent',
  'agent-gui': 'win-gpg-agent',
};

/** What people call a program, by its full path; its file name when it is not known. */
export function productOf(program: string): string {
  const file = program.split(/[\\/]/).at(-1) ?? program;
  const name = file.replace(/\.exe$/i, '').toLowerCase();
  // PuTTY-CAC keeps PuTTY's file names; its folder is all that tells it apart without reading the program
  if (name === 'pageant' && /\\[^\\]*putty[- ]?cac[^\\]*\\/i.test(program)) return 'PuTTY-CAC';
  return Object.hasOwn(PRODUCTS, name) ? (PRODUCTS[name] ?? file) : file;
}
