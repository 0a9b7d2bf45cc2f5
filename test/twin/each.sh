#!/bin/sh
# Stands where node stands for ava: gives a test file's process namespaces of its own inside a twin's, so that files
# can run at the same time, each with its own /run, and what a file leaves behind ends with it.
#
# usage: WSLAGENT_TWIN_NODE=NODE each.sh [ARG…]
set -eu
node=$WSLAGENT_TWIN_NODE
unset WSLAGENT_TWIN_NODE
uid=$(id -u)
root=--map-root-user
[ "$uid" -ne 0 ] || root=
group=/sys/fs/cgroup/file-$$
if [ -e /run/wslagent-twin/has-cgroup ]; then
  mkdir -p "$group"
  echo $$ >"$group/cgroup.procs"
fi
# This shell stays, because unshare does not listen to the signal that ava ends its processes with: when this shell is
# ended, however, setpriv has unshare killed, and unshare its child. A background command would read /dev/null without
# a copy of the descriptor.
exec 4<&0
setpriv --pdeathsig KILL unshare ${root:+--user $root} --mount --pid --ipc --cgroup --fork --kill-child --mount-proc \
  sh "$(dirname -- "$0")/init.sh" - "$uid" "$(id -g)" "$(cat /run/wslagent-twin/wine)" "$node" "$@" <&4 4<&- &
wait $! 2>/dev/null
