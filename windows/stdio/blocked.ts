/** How many reads and writes of stdio sit in a thread of libuv's pool; `leave` needs to know. */
export const blocked = {calls: 0};
