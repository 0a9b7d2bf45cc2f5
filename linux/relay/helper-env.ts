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

/** The environment for a helper: our own, without what is meant for the relay alone. */
export function helperEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !PRIVATE.includes(name)));
}
