import {exitCode} from '../../shared/exit-codes.ts';
import {PROTOCOL_VERSION} from '../../shared/protocol/greeting.ts';
import {VERSION} from '../../shared/version.ts';
import {FLAGS} from '../npiperelay/flags.ts';
import {print} from '../stdio/print.ts';

const FLAG_LINES = Object.entries(FLAGS).map(([name, words]) => `  ${`-${name}`.padEnd(18)} ${words}`);

const HELP = `usage: wslagent-helper serve
       wslagent-helper connect --target T [--target T] [--protocol P] [--trust-any-owner]
       wslagent-helper probe [--target T] [--protocol P] [--trust-any-owner]
       wslagent-helper [-a] [-bg] [-ei] [-ep] [-l] [-p] [-s] [-v] TARGET
       wslagent-helper --version | --help

the Windows side of wslagent: reaches agents for programs in WSL2

  serve          wslagent's relay protocol on stdin and stdout; wslagent starts this itself
  connect        one connection on stdin and stdout, to the first target that answers
  probe          what agents, pipes and GnuPG are there, as JSON
  TARGET         one connection, with npiperelay's command line

  --target T     //./pipe/NAME, pageant, gpg:agent-socket, assuan:C:\\path\\S.gpg-agent, cygwin:C:\\path\\agent.sock,
                 unix:C:\\path\\agent.sock
  --protocol P   ssh-agent (default), assuan or raw
  --trust-any-owner
                 accept a pipe that belongs to another user

npiperelay's flags:
${FLAG_LINES.join('\n')}

example: the OpenSSH agent of Windows for a shell in WSL2
  socat UNIX-LISTEN:/tmp/agent.sock,fork EXEC:"wslagent-helper.exe connect --target pipe:openssh-ssh-agent",nofork &
  SSH_AUTH_SOCK=/tmp/agent.sock ssh-add -l
`;

/** One line: our version, the relay protocol's, and what runs us. Resolves with the exit code. */
export async function printVersion(): Promise<number> {
  const {version, platform, arch} = process;
  const runtime = `node ${version}, ${platform} ${arch}`;
  await print(`wslagent-helper ${VERSION} (relay protocol ${PROTOCOL_VERSION}, ${runtime})\n`);
  return exitCode('ok');
}

/** The help text. Resolves with the exit code. */
export async function printHelp(): Promise<number> {
  await print(HELP);
  return exitCode('ok');
}
