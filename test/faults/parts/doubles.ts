/** Servers in this process in the place of agents on Windows: one that says everything back, and one that speaks Assuan. */
import {once} from 'node:events';
import {createServer, type Server, type Socket} from 'node:net';

export const ASSUAN_GREETING = 'OK at your service\n';

/** What the double answers to a line. */
export function assuanAnswer(line: string): string {
  return `D ${line}\nOK\n`;
}

export async function startEcho(path: string): Promise<Double> {
  return await listen(path, socket => {
    socket.on('data', bytes => {
      if (!socket.write(bytes)) socket.pause();
    });
    socket.on('drain', () => socket.resume());
    socket.on('end', () => socket.end());
  });
}

export async function startAssuan(path: string): Promise<Double> {
  return await listen(path, socket => {
    let open = '';
    socket.write(ASSUAN_GREETING);
    socket.on('data', bytes => {
      const lines = (open + bytes.toString('latin1')).split('\n');
      open = lines.pop() ?? '';
      for (const line of lines) socket.write(assuanAnswer(line), 'latin1');
    });
    socket.on('end', () => socket.end());
  });
}

export type Double = {
  target: string;
  /** How many clients it has now. */
  open(): number;
  stop(): void;
};

async function listen(path: string, serve: (socket: Socket) => void): Promise<Double> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({allowHalfOpen: true}, socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    target: `pipe:${path}`,
    open: () => sockets.size,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
