/** What a helper must not inherit. */
const PRIVATE = [
  // names a session's own interop socket, which ends with that session; init's is found without it (microsoft/WSL#6799)
  'WSL_INTEROP',
  // systemd's words to the relay itself: sockets handed over, readiness, watchdog
  'LISTEN_FDS',
  'LISTEN_PID',
  'LISTEN_FDNAMES',
  'NOTIFY_SOCKET',
  'WATCHDOG_PID',
  'WATCHDOG_USEC',
];

/** What a helper gets from us, whatever the user has set for other programs. */
const OURS: Readonly<Record<string, string>> = {
  // koffi's calls run on libuv's pool, as reading stdin and large writes to stdout do, and one that waits for a person
  // keeps its thread until then: libuv's own 4 would be too few, and each costs memory
  UV_THREADPOOL_SIZE: '8',
  // one thread to compile and collect beside the main one, for a heap of a few megabytes; Node's own flag, not V8's
  NODE_OPTIONS: '--v8-pool-size=1',
};

/** The environment for a helper: our own, without what is meant for the relay alone, and with what bounds its memory. */
export function helperEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const passed = Object.entries(env).filter(([name]) => !PRIVATE.includes(name));
  return {...Object.fromEntries(passed), ...OURS, WSLENV: crossing(env.WSLENV ?? '')};
}

/** WSLENV with our variables in it, once and for this direction: WSL hands over only what is listed (`NAME/flags:…`). */
function crossing(list: string): string {
  const others = list
    .split(':')
    .filter(item => item !== '' && !Object.hasOwn(OURS, item.split('/')[0] ?? ''));
  return [...others, ...Object.keys(OURS).map(name => `${name}/w`)].join(':');
}
