#!/bin/sh
# The first process of a twin's pid namespace: makes the machine inside look like WSL2, runs one command, reaps
# orphans, and ends everything when the command or the outside ends. Started by enter.ts and each.sh, not by hand.
#
# usage: init.sh CONTROL UID GID WINE COMMAND [ARG…]
#   CONTROL  the descriptor that carries signal names from outside, one a line, and whose end means "die"; - for none
#   UID GID  who the command runs as; 0 while this script is an ordinary user's stand-in for root
#   WINE     the program that runs Windows images
set -eu
control=$1 uid=$2 gid=$3 wine=$4
shift 4
here=$(dirname -- "$0")
umask 022

fail() {
  echo "twin: cannot $1" >&2
  exit 125
}

mount -t tmpfs -o mode=755 twin /run || fail 'mount a private /run'
mkdir -p /run/lock /run/sshd /run/user/"$uid" /run/wslagent-twin/home
chmod 1777 /run/lock
chmod 700 /run/user/"$uid" /run/wslagent-twin/home

# ssh and sshd ask this file for the home, not the environment; without this they would use the machine's own ~/.ssh
shell=/bin/bash
[ -x $shell ] || shell=/bin/sh
awk -F: -v OFS=: -v uid="$uid" -v gid="$gid" -v shell=$shell -v home=/run/wslagent-twin/home '
  $3 == uid { $6 = home; $7 = shell; found = 1 }
  { print }
  END { if (!found) print "twin", "x", uid, gid, "", home, shell }
' /etc/passwd >/run/wslagent-twin/passwd
mount --bind /run/wslagent-twin/passwd /etc/passwd || fail 'give the user another home'

# wineserver keeps its sockets here whatever the environment says; one outside that finds the folder empty removes it,
# and our mount with it
sockets=/tmp/.wine-$uid
mkdir -p -m 700 "$sockets"
: >"$sockets/.keep"
mount -t tmpfs -o mode=700 twin "$sockets" || fail "mount a private $sockets"

cp "$here/interop.sh" /run/wslagent-twin/init
chmod 755 /run/wslagent-twin/init
echo "$wine" >/run/wslagent-twin/wine
binfmt=/proc/sys/fs/binfmt_misc
mount -t binfmt_misc binfmt_misc "$binfmt" || fail 'mount binfmt_misc'
# a namespace inside a twin may share the registration of the one around it
if [ ! -e "$binfmt/WSLInterop" ]; then
  echo ':WSLInterop:M::MZ::/run/wslagent-twin/init:' >"$binfmt/register" || fail 'register MZ with binfmt_misc'
fi

# the Windows folder of a twin links to these; what root does to C:\windows must not reach the machine's own Wine
for library in /usr/lib/*/wine /usr/lib/wine /usr/lib64/wine; do
  [ -d "$library" ] && [ -w "$library" ] || continue
  mount --bind "$library" "$library" && mount -o remount,bind,ro "$library" || fail "protect $library"
done

# journald writes its own troubles to the kernel's log, which is the whole machine's
[ ! -e /dev/kmsg ] || mount --bind /dev/null /dev/kmsg

# The cgroup namespace was made inside the cgroup we own, so its root is ours, and systemd can live in it. The kernel
# refuses the same filesystem twice in one place, hence something else between.
mount -t tmpfs twin /sys/fs/cgroup || fail 'mount a private /sys/fs/cgroup'
if mount -t cgroup2 cgroup2 /sys/fs/cgroup && [ -w /sys/fs/cgroup/cgroup.procs ]; then
  : >/run/wslagent-twin/has-cgroup
fi

if [ "$uid" -ne 0 ]; then
  set -- unshare --user --map-user="$uid" --map-group="$gid" -- "$@"
fi
trap 'exit 137' USR1
# a background command would read /dev/null without a copy of the descriptor, and ignore SIGINT without env
exec 4<&0
if [ "$control" = - ]; then
  env --default-signal=HUP,INT,QUIT,TERM -- "$@" <&4 4<&- &
  command=$!
else
  eval "exec 5<&$control"
  [ "$control" -eq 5 ] || eval "exec $control<&-"
  env --default-signal=HUP,INT,QUIT,TERM -- "$@" <&4 4<&- 5<&- &
  command=$!
  {
    while read -r signal; do kill -s "$signal" "$command"; done
    kill -s USR1 1
  } <&5 >/dev/null 2>&1 &
  exec 5<&-
fi
exec 4<&-
code=0
wait "$command" 2>/dev/null || code=$?
exit "$code"
