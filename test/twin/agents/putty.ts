import {readFileSync} from 'node:fs';
import type {Folders, Recipe} from './recipe.ts';

const CC = 'x86_64-w64-mingw32-gcc';
const WARNINGS_OFF = '-w';

// Nearly all the time goes into reading windows.h once for each of 220 files: 3.6 MB of text. Read once into a
// precompiled header, and without its rarely used parts, the build takes 12 s where it took 51 s.
const LEAN = ['-DWIN32_LEAN_AND_MEAN', '-O1', '-std=gnu99', WARNINGS_OFF];
const HEADER = `
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <commdlg.h>
#include <wincrypt.h>
#include <shellapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
`;
// The macros that PuTTY's own cmake files define; a precompiled header counts only with the same ones.
const DEFINES = [
  'HAVE_CMAKE_H',
  '_ARM_WINAPI_PARTITION_DESKTOP_SDK_AVAILABLE',
  '_CRT_SECURE_NO_WARNINGS',
  '_WINDOWS',
  '_WINSOCK_DEPRECATED_NO_WARNINGS',
  '__USE_MINGW_ANSI_STDIO',
].map(name => `-D${name}`);
// Directory options reach every target but none of cmake's feature checks, which the header would slow down.
const INCLUDE_HEADER = `
add_compile_options("$<$<COMPILE_LANGUAGE:C>:SHELL:${LEAN.join(' ')} -include \${CMAKE_BINARY_DIR}/windows-all.h>")
`;

const PARTS = [
  {proof: CC, package: 'gcc-mingw-w64-x86-64-win32'},
  {proof: 'x86_64-w64-mingw32-windres', package: 'binutils-mingw-w64-x86-64'},
  {proof: '/usr/x86_64-w64-mingw32/include/windows.h', package: 'mingw-w64-x86-64-dev'},
  {proof: 'cmake', package: 'cmake'},
  {proof: 'ninja', package: 'ninja-build'},
  {proof: 'tar', package: 'tar'},
  {proof: 'gzip', package: 'gzip'},
];

/** Pageant of each PuTTY version that Debian offers, the newest first; and a client for its pipe. */
export function pageantRecipes(): Recipe[] {
  return [
    pageant('0.85', '13fd4db2936d03b73812a7bcc2a658e4dd29cc776a56c3670a7fc6f1a0ee8af8', ['sid', 'forky']),
    pageant('0.83', '718777c13d63d0dff91fe03162bc2a05b4dfc8b0827634cd60b51cefdff631c6', ['trixie']),
  ];
}

function pageant(version: string, sha256: string, suites: string[]): Recipe {
  return {
    agent: 'pageant',
    version,
    takes: 'half a minute',
    source: {package: 'putty', file: `putty_${version}.orig.tar.gz`, sha256, suites},
    parts: PARTS,
    files: {
      'windows-all.h': HEADER,
      'precompile.cmake': INCLUDE_HEADER,
      'ask-pipe.c': readFileSync(new URL('ask-pipe.c', import.meta.url), 'utf8'),
    },
    steps,
    products: {'pageant.exe': 'bin/pageant.exe', 'ask-pipe.exe': 'bin/ask-pipe.exe'},
  };
}

function steps({source, build, jobs}: Folders) {
  const settings = {
    CMAKE_TOOLCHAIN_FILE: `${source}/cmake/toolchain-mingw.cmake`,
    // PuTTY refuses to compile with NDEBUG, which some of cmake's build types define.
    CMAKE_BUILD_TYPE: 'None',
    CMAKE_PROJECT_INCLUDE: `${build}/precompile.cmake`,
    CMAKE_EXE_LINKER_FLAGS: '-s -Wl,--no-insert-timestamp',
  };
  const defines = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  return [
    {
      command: CC,
      args: [...DEFINES, ...LEAN, '-x', 'c-header', 'windows-all.h', '-o', 'windows-all.h.gch'],
      cwd: build,
    },
    {command: 'cmake', args: ['-S', source, '-B', build, '-G', 'Ninja', ...defines]},
    {command: 'ninja', args: ['-C', build, '-j', `${jobs}`, 'pageant']},
    {command: CC, args: ['-O1', '-Wall', '-s', 'ask-pipe.c', '-o', 'ask-pipe.exe'], cwd: build},
  ];
}
