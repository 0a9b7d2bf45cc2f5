import {readFileSync} from 'node:fs';
import type {Command} from './command.ts';
import type {Folders, Recipe} from './recipe.ts';

const HOST = 'x86_64-w64-mingw32';
/** Told, because configure would try it out: where Windows programs run, as in WSL, it takes this for no cross-build. */
const BUILD = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-pc-linux-gnu`;
const SYSROOT = `/usr/${HOST}`;
const CC = `${HOST}-gcc`;

const OFF =
  'dirmngr gpgsm g13 doc ldap gnutls ntbtls sqlite keyboxd libdns bzip2 nls tests wks-tools gpgtar tofu photo-viewers card-support scdaemon';
const LINK = '-Xlinker --no-insert-timestamp -static -static-libgcc -s';
const LIBRARIES = 'libgpg-error libgcrypt libassuan ksba npth';

// As with PuTTY, windows.h is most of what the compiler reads: precompiled, the same files take 24 s, not 122 s.
// gpg-error.h must stay out (utf8conv.c sets a switch before it), and so must dlgs.h, whose grp1 g10 uses.
const FLAGS = ['-O1', '-w', '-DWIN32_LEAN_AND_MEAN'];
const HEADER = `
#include <config.h>
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <shellapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
`;

/** What each folder of GnuPG has to make, in the order in which they need each other. */
const TARGETS = [
  ['common', 'libcommon.a', 'libcommonpth.a', 'libgpgrl.a', 'libsimple-pwquery.a'],
  ['regexp', 'libregexp.a'],
  ['kbx', 'libkeybox.a', 'libkeybox509.a'],
  ['agent', 'gpg-agent.exe'],
  ['g10', 'gpg.exe'],
  ['tools', 'gpgconf.exe', 'gpg-connect-agent.exe'],
];

const PARTS = [
  {proof: CC, package: 'gcc-mingw-w64-x86-64-win32'},
  {proof: `${HOST}-windres`, package: 'binutils-mingw-w64-x86-64'},
  {proof: '/usr/share/mingw-w64/include/windows.h', package: 'mingw-w64-common'},
  {proof: `${SYSROOT}/lib/libgpg-error.a`, package: 'libgpg-error-mingw-w64-dev'},
  {proof: `${SYSROOT}/lib/libgcrypt.a`, package: 'libgcrypt-mingw-w64-dev'},
  {proof: `${SYSROOT}/lib/libassuan.a`, package: 'libassuan-mingw-w64-dev'},
  {proof: `${SYSROOT}/lib/libksba.a`, package: 'libksba-mingw-w64-dev'},
  {proof: `${SYSROOT}/lib/libnpth.a`, package: 'libnpth-mingw-w64-dev'},
  {proof: `${SYSROOT}/lib/libz.a`, package: 'libz-mingw-w64-dev'},
  // GnuPG makes some of its tables with a program that runs on the building machine.
  {proof: 'cc', package: 'gcc'},
  {proof: '/usr/include/stdio.h', package: 'libc6-dev'},
  {proof: 'make', package: 'make'},
  {proof: 'tar', package: 'tar'},
  {proof: 'bzip2', package: 'bzip2'},
];

/** GnuPG of each Debian suite whose gpg-agent has an OpenSSH pipe (2.4 on), the newest first. */
export function gnupgRecipes(): Recipe[] {
  return [
    gnupg('2.4.9', 'dd17ab2e9a04fd79d39d853f599cbc852062ddb9ab52a4ddeb4176fd8b302964', ['sid', 'forky']),
    gnupg('2.4.7', '7b24706e4da7e0e3b06ca068231027401f238102c41c909631349dcc3b85eb46', ['trixie']),
  ];
}

function gnupg(version: string, sha256: string, suites: string[]): Recipe {
  return {
    agent: 'gnupg',
    version,
    takes: 'a minute',
    source: {package: 'gnupg2', file: `gnupg2_${version}.orig.tar.bz2`, sha256, suites},
    parts: PARTS,
    files: {
      'windows-all.h': HEADER,
      'entropy.c': readFileSync(new URL('entropy.c', import.meta.url), 'utf8'),
      'pinentry.c': readFileSync(new URL('pinentry.c', import.meta.url), 'utf8'),
    },
    steps,
    products: {
      'agent/gpg-agent.exe': 'bin/gpg-agent.exe',
      'g10/gpg.exe': 'bin/gpg.exe',
      'tools/gpgconf.exe': 'bin/gpgconf.exe',
      'tools/gpg-connect-agent.exe': 'bin/gpg-connect-agent.exe',
      'pinentry.exe': 'bin/pinentry.exe',
    },
  };
}

function steps({source, build, jobs}: Folders): Command[] {
  const compile = [...FLAGS, '-DHAVE_CONFIG_H', '-I.', `-I${SYSROOT}/include`];
  const settings = [
    `CFLAGS=${FLAGS.join(' ')} -include ${build}/windows-all.h`,
    // Ahead of libgcrypt.a, so that the linker never looks for these functions in there.
    `LDFLAGS=${LINK} ${build}/entropy.o`,
  ];
  return [
    configure(source, build),
    {
      command: CC,
      args: [...compile, '-x', 'c-header', 'windows-all.h', '-o', 'windows-all.h.gch'],
      cwd: build,
    },
    {command: CC, args: ['-O1', '-Wall', '-c', 'entropy.c', '-o', 'entropy.o'], cwd: build},
    ...TARGETS.map(([folder = '', ...targets]) => ({
      command: 'make',
      args: ['-C', `${build}/${folder}`, `-j${jobs}`, ...settings, ...targets],
    })),
    {command: CC, args: ['-O1', '-Wall', '-s', 'pinentry.c', '-o', 'pinentry.exe'], cwd: build},
  ];
}

function configure(source: string, build: string): Command {
  return {
    command: `${source}/configure`,
    args: [
      `--build=${BUILD}`,
      `--host=${HOST}`,
      '--disable-dependency-tracking',
      ...OFF.split(' ').map(name => `--disable-${name}`),
      ...LIBRARIES.split(' ').map(name => `--with-${name}-prefix=${SYSROOT}`),
      `--with-zlib=${SYSROOT}`,
    ],
    cwd: build,
    env: {
      CFLAGS: '-O1 -w',
      CPPFLAGS: '',
      LDFLAGS: LINK,
      // Where configure looks for the libraries' own config scripts.
      SYSROOT,
    },
  };
}
