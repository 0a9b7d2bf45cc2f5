import {parseShow, systemctl} from '../install/systemctl.ts';

const DEADLINE = 5000;

/** A socket unit of the user's that listens on a path, and what it starts for a client, if that is one service. */
export type SocketUnit = {socket: string; service: string | undefined};

/** The unit for which the user's systemd listens on a Unix socket; undefined when there is none, or nobody to ask. */
export async function socketUnitAt(path: string): Promise<SocketUnit | undefined> {
  const {ok, stdout} = await systemctl(
    ['show', '--state=listening,running', '--property=Id,Listen,Triggers', '--', '*.socket'],
    {deadline: DEADLINE},
  );
  if (!ok) return undefined;
  const unit = parseShow(stdout).find(properties => listensOn(properties.get('Listen'), path));
  const socket = unit?.get('Id');
  if (socket === undefined) return undefined;
  return {
    socket,
    service: unit
      ?.get('Triggers')
      ?.split(' ')
      .find(name => name.endsWith('.service')),
  };
}

/** systemd writes `PATH (Stream)`, and one after another where there are several. */
function listensOn(listen: string | undefined, path: string): boolean {
  return ` ${listen ?? ''}`.includes(` ${path} (Stream)`);
}
