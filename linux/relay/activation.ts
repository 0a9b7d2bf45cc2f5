import {UserError} from '../errors.ts';

/** The first descriptor that systemd hands over (sd_listen_fds(3)). */
const FIRST_FD = 3;

export type HandedSocket = {
  fd: number;
  /** FileDescriptorName= of its unit; undefined when systemd gave no names. */
  name: string | undefined;
};

/**
 * The sockets that systemd handed to this process, and takes the words about them out of `env`, so that
 * no child believes that they are meant for it. Throws UserError for words that make no sense.
 */
export function handedSockets(env: NodeJS.ProcessEnv, pid: number): HandedSocket[] {
  const {LISTEN_FDS: fds, LISTEN_PID: meant, LISTEN_FDNAMES: names} = env;
  delete env.LISTEN_FDS;
  delete env.LISTEN_PID;
  delete env.LISTEN_FDNAMES;
  if (fds === undefined || meant === undefined) return [];
  if (meant !== String(pid))
    throw new UserError(
      `systemd's sockets are meant for process ${meant}, and this is ${pid}`,
      'in a unit, let ExecStart= run node itself\nunset LISTEN_PID LISTEN_FDS LISTEN_FDNAMES',
      'cannotListen',
    );
  const count = Number(fds);
  if (!Number.isInteger(count) || count < 0 || count > 1024)
    throw new UserError(`LISTEN_FDS is "${fds}"`, 'start it from a socket unit', 'cannotListen');
  const list = names === undefined || names === '' ? [] : names.split(':');
  return Array.from({length: count}, (_, index) => ({fd: FIRST_FD + index, name: list[index]}));
}
