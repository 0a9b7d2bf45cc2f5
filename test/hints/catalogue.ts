/** Every hint of the sources, and how it is known to help. Who adds one says it here. */

/** The test that types it as it is printed, in a real shell, and sees that it mends what it names. */
type Typed = string;

/** Why no test does. */
type Untyped = {not: string};

const LOOK: Untyped = {
  not: 'it shows more and mends nothing; every command of its kind is typed by "what only shows more is understood"',
};
const MOVED: Typed = 'what was installed from a folder that is gone is installed from where wslagent is now';
const WINDOWS: Untyped = {
  not: 'it needs Windows itself: it ends WSL, installs a program there, or comes after a step that is done there',
};
const MACHINE: Untyped = {not: 'it changes the machine, as root'};
const BUILD: Untyped = {
  not: 'it takes minutes; that there is such a script is looked at by the catalogue itself',
};
const SAME: Untyped = {
  not: 'what is wrong then was not to be had in the twin; the same command is typed for another cause',
};
const OTHERS: Untyped = {not: 'the command is what its own tests type'};
const NETWORK: Untyped = {not: 'it fetches a newer version'};
const CLONE: Untyped = {not: 'for who works in the clone, where npm run has its scripts'};
const PASSED: Untyped = {not: 'passed on as it came'};

/** Hints that are no command. */
export const SENTENCES: readonly string[] = [
  'a name has lower-case letters, digits and dashes',
  'add there by hand what this prints (…)',
  'check the disk',
  'choose a folder of your own for the socket',
  'choose a shorter one: --listen PATH, or listen = "PATH" in the configuration',
  'close programs and ssh sessions that use this agent, then try again',
  'close that program, or answer the question on the windows desktop, then try again',
  'find out who made it; if it is to be trusted, name the target any-owner:pipe:…',
  'find out who made it; if it is to be trusted: -trust-any-owner',
  'for a socket file of Cygwin, MSYS2 or Git for Windows write cygwin: in place of unix:, for one of GnuPG assuan:',
  'get the whole project again: dist/ and systemd/ belong side by side',
  'give fewer',
  'give the endpoint protocol = "ssh-agent"',
  'in a unit, let ExecStart= run node itself',
  'in an administrator PowerShell: Set-Service ssh-agent -StartupType Automatic; Start-Service ssh-agent (or switch on the SSH agent in 1Password, Bitwarden or KeeAgent)',
  'in Git Bash, MSYS2 or Cygwin: eval "$(ssh-agent -a …)"',
  'in the socket unit: FileDescriptorName=…',
  'in the socket unit: ListenStream=%t/…',
  'in the socket unit: ListenStream=%t/…, Accept=no',
  'in the socket unit: SocketMode=0600',
  'installed: …',
  'it was started with another HOME: log in anew',
  'keep the public keys on the Linux side: gpg --import',
  'known: pipe:NAME, //./pipe/NAME, pageant, gpg:agent-socket, assuan:C:\\path\\S.gpg-agent, cygwin:C:\\path\\agent.sock, unix:C:\\path\\agent.sock',
  'known: …',
  'known: …; others go into the configuration file: docs/configuration.md',
  'let the agent listen on a named pipe and name that one, for example --target pageant',
  'let the agent make its socket in a folder with a shorter name',
  'let them set it to: …',
  'look for a question on the windows desktop (a PIN, a confirmation), answer it, then try again',
  'mend the file; docs/configuration.md lists every key with an example',
  'name a file that pageant.exe --openssh-config wrote, or just: pageant',
  'name a pipe of this one: pipe:NAME',
  'name it as Windows does, which this tells in its shell: cygpath -w …',
  'name one, such as --target pipe:openssh-ssh-agent',
  'name the socket file of a gpg-agent',
  'name the socket of a running agent: in its shell, cygpath -w "$SSH_AUTH_SOCK"',
  'on windows: pageant.exe --openssh-config "…"',
  'one of: …',
  'or, without systemd, for as long as this shell is open',
  'put Windows paths into single quotes: …',
  'raise the limit on open files, which is …: LimitNOFILE= in the unit of the service, ulimit -n in a shell',
  'reach the agent through its pipe or socket instead',
  'rename that file or folder',
  'restart the agent',
  'restart …; it and wsl must run as the same user, and neither as administrator',
  'run gpg-agent as the same user',
  'run Pageant as the same user',
  'run the agent as the same user, and neither it nor wsl as administrator',
  'save it as UTF-8: in Notepad with "Save as" and the encoding UTF-8; docs/configuration.md says more',
  'see what it says: "…" --list-dirs',
  'shorten it',
  'start it from a socket unit',
  'start it with --help',
  'start it with probe to see what is there, with --help to see the rest',
  "start one of these: Windows' own agent (in PowerShell as administrator: Set-Service ssh-agent -StartupType Automatic; Start-Service ssh-agent), the SSH agent in the settings of 1Password, Bitwarden or KeeAgent, Pageant, or Gpg4win",
  'start Pageant 0.75 or newer on windows; others have a window only: target pageant:window',
  'start Pageant on windows, or switch on what stands in for it: KeeAgent in Pageant mode, gpg-agent with enable-putty-support',
  'start Pageant',
  'start the agent again',
  "start the agent again, in Git Bash, MSYS2 or Cygwin: rm -f '…'; eval \"$(ssh-agent -a '…')\"",
  'start the agent that makes it',
  'start the agent that owns it',
  'start the agent that owns the pipe',
  'start what serves it, then try again',
  'start … again',
  'start … as yourself, without "run as administrator"',
  'start … without "run as administrator"',
  'stop that process, or choose another path',
  'take keys out of the agent on windows',
  'the lines above say what ran where',
  'under [endpoints.…] of the configuration file: targets = […]',
  'uninstall with the version that installed',
  'unlock the agent on Windows, and look whether it asks you something',
  'wait until it is done, then try again',
  'when the sockets of wslagent are stopped, gpg may start an agent of its own, which gpgconf --kill gpg-agent ends',
  'where clients still get no answer, WSL has to start anew',
  'write any-owner:pipe:NAME',
  'write enabled=true below [automount] into /etc/wsl.conf',
  'write enabled=true below [interop] into /etc/wsl.conf',
  'write options = "metadata" below [automount] into /etc/wsl.conf',
  'write pageant, pageant:pipe, pageant:window, or pageant:C:\\path\\FILE for a file of pageant --openssh-config',
  'write pipe:…',
  'write pipe:NAME or //./pipe/NAME',
  'write pipe:NAME',
  'write systemd=true below [boot] into /etc/wsl.conf',
  'write targets = ["pipe:NAME"] under [endpoints.…] in the configuration file',
  'write …',
  'write …:…',
  '… install --now',
];

/** Hints that are typed: by file and line, with … for what is put in. */
export const COMMANDS: Readonly<Record<string, Readonly<Record<string, Typed | Untyped>>>> = {
  '.ci/build.ts': {
    'npm run build -- --help': CLONE,
  },
  '.ci/build/align.ts': {
    'npm ci': CLONE,
  },
  '.ci/build/build.ts': {
    'npm run build': CLONE,
  },
  '.ci/build/bundle.ts': {
    'npm run check:types': CLONE,
  },
  '.ci/build/exe.ts': {
    'npm ci': CLONE,
  },
  '.ci/build/pinned-package.ts': {
    'npm pack …@…': CLONE,
    'npm view …@… dist.integrity': CLONE,
  },
  '.ci/test/needs.ts': {
    'head …': CLONE,
  },
  'linux/bench/first.ts': {
    'SSH_AUTH_SOCK=… ssh-add -l': LOOK,
    'echo "$SSH_AUTH_SOCK"': 'typed in the same shell, it shows more: no such socket',
    'ls -l …': 'typed in the same shell, it shows more: a file in the place of a socket',
    'wslagent install … --now':
      'typed in the same shell, it lets the command go on: an endpoint to measure that is not installed',
    'wslagent probe': LOOK,
    'wslagent status': LOOK,
  },
  'linux/cli.ts': {
    'wslagent … --help': 'typed in the same shell, it shows more: usage',
  },
  'linux/command-words.ts': {
    'cd … && git pull && npm start': NETWORK,
    'journalctl --user -u wslagent.service -e': 'the words of other programs lead to the lines that do it',
    'ssh-add -l': OTHERS,
    'systemctl --user restart wslagent.service': 'the words of other programs lead to the lines that do it',
    "systemctl --user stop 'wslagent-*.socket' wslagent.service":
      'the words of other programs lead to the lines that do it',
    'wslagent --help': OTHERS,
    'wslagent --version': 'the words of other programs lead to the lines that do it',
    'wslagent bench': OTHERS,
    'wslagent completion --help': 'the words of other programs lead to the lines that do it',
    'wslagent endpoints': 'the words of other programs lead to the lines that do it',
    'wslagent env': 'the words of other programs lead to the lines that do it',
    'wslagent install --now': 'the words of other programs lead to the lines that do it',
    'wslagent probe': 'the words of other programs lead to the lines that do it',
    'wslagent relay --help': 'the words of other programs lead to the lines that do it',
    'wslagent status': 'the words of other programs lead to the lines that do it',
    'wslagent trial': OTHERS,
    'wslagent uninstall': 'the words of other programs lead to the lines that do it',
    'wslagent …': OTHERS,
  },
  'linux/commands/bench.ts': {
    'wslagent bench --help': 'typed in the same shell, it shows more: how long bench takes',
  },
  'linux/commands/env.ts': {
    'wslagent install --now': 'where nothing is installed, what is typed leads to an installation',
    'wslagent install ssh --now': 'typed in the same shell, it lets the command go on: no endpoint for ssh',
  },
  'linux/commands/status.ts': {
    'wslagent install --now': 'where nothing is installed, what is typed leads to an installation',
  },
  'linux/config/read-text.ts': {
    'iconv -f UTF-16 -t UTF-8 … > … && mv … …': 'a mark is named, and the line to type mends it',
    'iconv -f UTF-16BE -t UTF-8 … > … && mv … …': 'a mark is named, and the line to type mends it',
    'iconv -f UTF-16LE -t UTF-8 … > … && mv … …': 'a mark is named, and the line to type mends it',
    'ls -ld …': LOOK,
  },
  'linux/endpoints.ts': {
    'gpgconf --list-dirs': 'typed in the same shell, it shows more: no place for a GnuPG socket',
  },
  'linux/gnupg.ts': {
    'gpgconf --list-dirs': LOOK,
    'sudo apt-get install gnupg': MACHINE,
  },
  'linux/helper-command.ts': {
    'env -u WSLAGENT_HELPER wslagent install --now': SAME,
    'npm --prefix … run …': BUILD,
    'unset WSLAGENT_HELPER':
      'typed in the same shell, it lets the command go on: a helper of the person’s that is not there',
    'wslagent install --now':
      'typed in the same shell, it lets the command go on: an installed helper that is gone',
  },
  'linux/install/ask-person.ts': {
    '…()': 'where nothing is installed, what is typed leads to an installation',
  },
  'linux/install/choice.ts': {
    'sudo apt-get install gnupg': MACHINE,
    'wslagent install gpg --now': OTHERS,
  },
  'linux/install/competitors.ts': {
    'kill …': 'typed in the same shell, it lets the command go on: another program in the place of a socket',
    'mv … …':
      'typed in the same shell, it lets the command go on: a unit of the person’s that cannot be masked',
    'ss -xlp src …': LOOK,
    'systemctl --user daemon-reload':
      'typed in the same shell, it lets the command go on: a unit of the person’s that cannot be masked',
    'systemctl --user disable --now …':
      'typed in the same shell, it lets the command go on: another unit in the place of a socket',
  },
  'linux/install/discover.ts': {
    'wslagent install --now': WINDOWS,
  },
  'linux/install/end-process.ts': {
    'kill -9 …': 'typed in the same shell, it lets the command go on: a local gpg-agent that does not end',
  },
  'linux/install/endpoint-problems.ts': {
    'kill …': 'typed as it is printed, it mends: another program in the place of a socket',
    'systemctl --user revert …':
      'typed as it is printed, it mends: a socket with another mode that a drop-in gives it',
    'wslagent install --now': 'typed as it is printed, it mends: a socket file that is gone',
    'wslagent probe': LOOK,
  },
  'linux/install/environment-problems.ts': {
    '"${EDITOR:-nano}" +… …':
      'what comes in the way of SSH_AUTH_SOCK in start-up files is named with its line, by install and status',
    'systemctl --user unset-environment SSH_AUTH_SOCK':
      'systemctl --user set-environment SSH_AUTH_SOCK is named, and the line to type takes it back',
  },
  'linux/install/exe-place.ts': {
    'wsl.exe --shutdown': WINDOWS,
  },
  'linux/install/fault.ts': {
    'systemctl --user unmask …': 'typed as it is printed, it mends: a socket that is masked',
    'wslagent install --now': 'typed as it is printed, it mends: a socket that is masked',
  },
  'linux/install/gnupg-facts.ts': {
    'gpgconf --version': LOOK,
    'ls -l …': LOOK,
  },
  'linux/install/helper-source.ts': {
    'npm --prefix … run …': BUILD,
    'unset WSLAGENT_HELPER':
      'typed in the same shell, it lets the command go on: a helper of the person’s that is not on PATH',
    'wsl.exe --shutdown': WINDOWS,
    'wslagent trial': OTHERS,
  },
  'linux/install/last-words.ts': {
    '…()': PASSED,
  },
  'linux/install/lock.ts': {
    'rm …': 'one in a container with the same home cannot be seen: it counts, and its file is named',
  },
  'linux/install/look.ts': {
    'ls -l …': LOOK,
  },
  'linux/install/manager.ts': {
    'sudo systemctl restart user@$(id -u).service': MACHINE,
    'unset XDG_CONFIG_HOME':
      'typed in the same shell, it lets the command go on: another configuration folder',
    'wsl.exe --shutdown': WINDOWS,
    'wslagent relay ssh &': 'a relay of one’s own is started as it is printed',
  },
  'linux/install/plan-items.ts': {
    'wslagent env': LOOK,
    'wslagent install --now --force':
      'typed in the same shell, it lets the command go on: a unit that is not from wslagent',
  },
  'linux/install/prepare.ts': {
    'wslagent uninstall …':
      'typed in the same shell, it lets the command go on: an installed endpoint that the configuration has no more',
  },
  'linux/install/record.ts': {
    'ls -l …': LOOK,
    'mv … …': 'typed in the same shell, it lets the command go on: a record that is a folder',
    'wslagent install --now':
      'typed in the same shell, it lets the command go on: a record that cannot be read, and no copy of it',
  },
  'linux/install/status-problems.ts': {
    'journalctl --user-unit=wslagent.service --lines=20':
      'typed as it is printed, it mends: sockets that failed with their service',
    'sudo systemctl restart user@$(id -u).service': MACHINE,
    'systemctl --user restart wslagent.service':
      'typed as it is printed, it mends: a relay that could not start',
    'systemctl --user stop wslagent.service':
      'typed as it is printed, it mends: a relay that runs with an older configuration',
    'wsl.exe --shutdown': WINDOWS,
    'wslagent install --now --force':
      'typed in the same shell, it lets the command go on: a unit that is not from wslagent',
    'wslagent install --now':
      'typed as it is printed, it mends: a helper that is damaged, and a library that is gone',
    'wslagent relay ssh &': 'a relay of one’s own is started as it is printed',
    '… install --now': MOVED,
  },
  'linux/install/status-sight.ts': {
    'sudo systemctl restart user@$(id -u).service': MACHINE,
    'wsl.exe --shutdown': WINDOWS,
    'wslagent install --now': 'a configuration that is wrong is a problem before a client has found out',
    'wslagent relay ssh &': 'a relay of one’s own is started as it is printed',
  },
  'linux/install/systemctl.ts': {
    'systemctl --user status …': LOOK,
    'systemctl --user status': LOOK,
  },
  'linux/install/tell-systemd.ts': {
    'systemctl --user unmask …': SAME,
  },
  'linux/install/uninstall.ts': {
    'systemctl --user status': LOOK,
    'wslagent install --now': 'where nothing is installed, what is typed leads to an installation',
    'wslagent uninstall': SAME,
  },
  'linux/install/until-unchanged.ts': {
    'wslagent install --now': OTHERS,
  },
  'linux/install/wanted.ts': {
    'npm --prefix … run …': BUILD,
    'wslagent env …': LOOK,
  },
  'linux/install/windows-program.ts': {
    'npm --prefix … run …': BUILD,
    'wsl.exe --shutdown': WINDOWS,
    'wslagent probe --json': LOOK,
  },
  'linux/option-check.ts': {
    'wslagent --help': 'typed in the same shell, it shows more: usage',
    'wslagent … --help': 'typed in the same shell, it shows more: usage',
  },
  'linux/paths.ts': {
    'export HOME=~': 'typed in the same shell, it lets the command go on: no HOME',
    'export XDG_RUNTIME_DIR=/run/user/$(id -u)':
      'typed in the same shell, it lets the command go on: a wrong XDG_RUNTIME_DIR',
    'sudo chown "$(id -u):$(id -g)" /run/user/… && chmod 700 /run/user/… && export XDG_RUNTIME_DIR=/run/user/$(id -u)':
      MACHINE,
    'sudo systemctl restart user@$(id -u).service': MACHINE,
    'wsl.exe --shutdown': WINDOWS,
  },
  'linux/probe.ts': {
    'env -u WSLAGENT_HELPER wslagent install --now': SAME,
    'unset WSLAGENT_HELPER':
      'typed in the same shell, it lets the command go on: a helper of the person’s that is none',
  },
  'linux/relay/activation.ts': {
    'unset LISTEN_PID LISTEN_FDS LISTEN_FDNAMES':
      'typed in the same shell, it lets the command go on: sockets that systemd meant for another process',
  },
  'linux/relay/bind.ts': {
    'ls -l …': 'typed in the same shell, it shows more: a file in the place of a socket',
    'ls -ld …': LOOK,
  },
  'linux/relay/helper-failure.ts': {
    'chmod +x …': 'typed as it is printed, it mends: a helper that may not be executed',
    'env -u WSLAGENT_HELPER wslagent install --now': SAME,
    'unset WSLAGENT_HELPER': SAME,
    'wsl.exe --shutdown': WINDOWS,
    'wslagent install --now':
      'typed as it is printed, it mends: a helper that is damaged, and what its client was told',
  },
  'linux/relay/helper-process.ts': {
    'wsl.exe --shutdown': WINDOWS,
  },
  'linux/relay/in-use.ts': {
    'ls -l …': LOOK,
    'ss -xlp src …': LOOK,
    'systemctl --user stop …':
      'typed in the same shell, it lets the command go on: a socket that the service has',
  },
  'linux/relay/refusals.ts': {
    'ss -xp': LOOK,
  },
  'linux/relay/serve.ts': {
    'wslagent relay --help': 'typed in the same shell, it shows more: usage of the relay',
    'wslagent relay --listen ~/agent.sock --target pipe:openssh-ssh-agent':
      'a relay of one’s own is started as it is printed',
  },
  'linux/relay/socket-folder.ts': {
    'ls -ld …': 'typed in the same shell, it shows more: a file in the place of a folder',
  },
  'linux/relay/sockets.ts': {
    'wslagent install … --now': SAME,
  },
  'linux/run-helper.ts': {
    'wsl.exe --shutdown': WINDOWS,
  },
  'linux/system-error.ts': {
    'cat /proc/sys/fs/file-nr': LOOK,
    'chmod u+rw …': 'typed in the same shell, the line mends: a closed file',
    'chmod u+rwx …': 'typed in the same shell, the line mends: a closed folder',
    'df -h …': LOOK,
    'df -h': LOOK,
    'export XDG_RUNTIME_DIR=/run/user/$(id -u)': SAME,
    'free -h': LOOK,
    'ls -l …': LOOK,
    'ls -ld …': LOOK,
    'mv … ….old': 'a file in the place of a folder is moved out of the way by the line to type',
    'sudo chown -R "$(id -u):$(id -g)" …': MACHINE,
    'sudo dmesg | tail': MACHINE,
    'sudo mount -o remount,rw "$(findmnt -no TARGET -T …)"':
      'the line for a read-only file system makes it writable',
    'sudo prlimit --nofile=65536 --pid $$': MACHINE,
    'unset WSLAGENT_HELPER': SAME,
    'unset XDG_CONFIG_HOME': 'typed in the same shell, the line mends: a closed place that a variable names',
    'unset XDG_STATE_HOME': SAME,
  },
  'linux/system/trusted-folder.ts': {
    'chmod go-w …':
      'typed in the same shell, it lets the command go on: a folder of a foreground relay that others can write',
    'ls -ld …': 'typed in the same shell, it shows more: a file in the place of a folder',
  },
  'linux/trial/run.ts': {
    'wslagent relay --help': LOOK,
  },
  'linux/trial/step.ts': {
    'wslagent trial': OTHERS,
  },
  'linux/trial/trial.ts': {
    'npm --prefix … run …': BUILD,
    'sudo apt-get install openssh-client': MACHINE,
  },
  'shared/protocol/decode.ts': {
    '…()': PASSED,
  },
  'windows/gnupg/place.ts': {
    'winget.exe install GnuPG.Gpg4win': WINDOWS,
  },
  'windows/native/koffi.ts': {
    'wslagent install --now':
      'typed as it is printed, it mends: a helper that is damaged, and a library that is gone',
  },
  'windows/pageant/window-stream.ts': {
    'wslagent probe --target pageant:window': LOOK,
    'wslagent probe': LOOK,
  },
  'windows/probe/survey.ts': {
    'gpgconf.exe --list-dirs': 'what GnuPG of Windows is told is typed as it is printed',
  },
  'windows/sessions/pump.ts': {
    'wslagent probe': LOOK,
  },
  'windows/sessions/ssh-agent-link.ts': {
    'wslagent probe': LOOK,
  },
  'windows/sessions/ssh-agent.ts': {
    'wslagent probe': LOOK,
  },
  'windows/targets/assuan.ts': {
    'gpgconf.exe --kill gpg-agent': 'what GnuPG of Windows is told is typed as it is printed',
    'gpgconf.exe --launch gpg-agent': 'what GnuPG of Windows is told is typed as it is printed',
    'wslagent probe': LOOK,
  },
  'windows/targets/gpg.ts': {
    'gpg-connect-agent.exe …': SAME,
    'gpgconf.exe …': 'what GnuPG of Windows is told is typed as it is printed',
  },
  'windows/targets/greeting.ts': {
    'gpgconf.exe --kill gpg-agent': 'what GnuPG of Windows is told is typed as it is printed',
  },
  'windows/targets/pipe-failure.ts': {
    'wslagent probe': LOOK,
  },
  'windows/targets/unix-failure.ts': {
    'wslagent probe': LOOK,
  },
};
