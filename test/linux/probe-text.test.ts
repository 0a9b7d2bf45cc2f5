import test from 'ava';
import {probeText} from '../../linux/probe-text.ts';
import {EMPTY_REPORT} from './empty-report.ts';

test('nothing at all', t => {
  t.is(probeText(EMPTY_REPORT), 'helper  0.1.0 on win32 x64\nGnuPG   not found on Windows\n');
});

test('each agent has who it is, how it answers and what to do; nothing from outside breaks a line', t => {
  const socket = {path: 'C:\\S', exists: false};
  const text = probeText({
    ...EMPTY_REPORT,
    agents: [
      {
        target: 'pipe:openssh-ssh-agent',
        protocol: 'ssh-agent',
        foundBy: 'well known',
        state: 'answers',
        detail: '//./pipe/openssh-ssh-agent',
        keys: 1,
        server: {pid: 12, program: 'C:\\1Password.exe', product: '1Password', owner: 'PC\\ada'},
        elapsed: 7,
      },
      {
        target: 'pageant:window',
        protocol: 'ssh-agent',
        foundBy: 'pageant',
        state: 'answers',
        detail: 'the window\n\u001b[2J of x',
        keys: 0,
        server: {pid: 13, program: null, product: null, owner: null},
        elapsed: 8,
      },
      {
        target: 'cygwin:C:\\s',
        protocol: 'ssh-agent',
        foundBy: 'KeeAgent',
        state: 'absent',
        detail: 'socket file C:\\s does not exist',
        hint: 'start KeePass',
        elapsed: 9,
      },
    ],
    gnupg: {
      gpgconf: 'C:\\gpgconf.exe',
      version: '2.4.9',
      homedir: 'C:\\home',
      sockets: {
        'agent-socket': socket,
        'agent-ssh-socket': socket,
        'agent-extra-socket': socket,
        'agent-browser-socket': socket,
        'scdaemon-socket': socket,
        'dirmngr-socket': socket,
      },
      sshSupport: true,
      puttySupport: true,
      opensshPipe: 'mine',
    },
    pipes: {listed: true, agents: ['a', 'b']},
    pageant: {
      window: null,
      configFiles: [
        {path: 'C:\\p', pipe: null},
        {path: 'C:\\q', pipe: 'pageant.x'},
      ],
    },
    sshAuthSock: 'C:\\s',
    notes: [{text: 'koffi is missing', hint: 'wslagent install --now'}],
  });
  t.is(
    text,
    `helper                  0.1.0 on win32 x64
pipe:openssh-ssh-agent  1Password: answers after 7 ms, 1 key
                        C:\\1Password.exe, pid 12, pipe of PC\\ada
pageant:window          answers on the window [2J of x after 8 ms, 0 keys
                        a program that Windows does not name, pid 13
cygwin:C:\\s             socket file C:\\s does not exist
                        KeeAgent's options name it
                        hint: start KeePass
GnuPG                   2.4.9: C:\\gpgconf.exe
                        home: C:\\home
                        gpg-agent.conf: enable-ssh-support, enable-putty-support, enable-win32-openssh-support (pipe mine)
Pageant                 C:\\p: empty, as Pageant leaves it when it ends
Pageant                 C:\\q: names //./pipe/pageant.x
SSH_AUTH_SOCK           of Windows: C:\\s
pipes                   of agents: a, b
note                    koffi is missing
                        hint: wslagent install --now
`,
  );
});
