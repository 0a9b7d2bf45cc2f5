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

/**
 * koffi's calls run on libuv's pool, as reading stdin and writing stdout do, and one that waits for a person keeps
 * its thread until then: the 4 that there are without this would be too few.
 */
const THREADS = {name: 'UV_THREADPOOL_SIZE', value: '16'};

/** The environment for a helper: our own, without what is meant for the relay alone, and more threads. */
export function helperEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const passed = Object.entries(env).filter(([name]) => !PRIVATE.includes(name));
  return {...Object.fromEntries(passed), [THREADS.name]: THREADS.value, WSLENV: crossing(env.WSLENV ?? '')};
}

/** WSLENV with our variable in it, once and for this direction: WSL hands over only what is listed (`NAME/flags:…`). */
function crossing(list: string): string {
  const others = list.split(':').filter(item => item !== '' && item.split('/')[0] !== THREADS.name);
  return [...others, `${THREADS.name}/w`].join(':');
}
