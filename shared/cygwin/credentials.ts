/**
 * Cygwin's `struct ucred`: pid, uid and gid of 32 bits each. The uid is 0: a Cygwin ssh-agent serves uid 0 and its
 * own user only (ssh-agent.c, handle_socket_read), nobody else looks at it, and the agent's own uid would cost
 * a second connection each time just to learn it.
 */
export function cygwinCredentials(pid: number): Uint8Array {
  const bytes = new Uint8Array(12);
  new DataView(bytes.buffer).setUint32(0, pid, true);
  return bytes;
}

/** What libassuan sends in the same place: the older struct, whose uid and gid have 16 bits each. */
export function assuanCredentials(pid: number): Uint8Array {
  return cygwinCredentials(pid).subarray(0, 8);
}
