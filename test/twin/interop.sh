#!/bin/sh
# Stands where /init stands in WSL: the kernel starts it for every Windows image, with the image's path and its
# arguments. As there, the program gets the Windows user's environment and of the Linux one only what WSLENV names
# (NAME[/flags], colon separated; p a path, l a list of paths, u only the other way; an empty value is left out).
prefix=${WINEPREFIX:-/run/wslagent-twin/prefix}
read -r wine </run/wslagent-twin/wine

list_to_windows() {
  windows=
  while [ -n "$1" ]; do
    windows=$windows${windows:+;}$(wslpath -w "${1%%:*}")
    case $1 in *:*) set -- "${1#*:}" ;; *) set -- '' ;; esac
  done
  printf '%s\n' "$windows"
}

# as there, a link is followed: the program finds what lies beside the image, not beside the link
if [ -L "$1" ]; then
  image=$(readlink -f "$1")
  shift
  set -- "$image" "$@"
fi
set -- "$wine" "$@"
rest=${WSLENV-}
while [ -n "$rest" ]; do
  item=${rest%%:*}
  case $rest in *:*) rest=${rest#*:} ;; *) rest= ;; esac
  name=${item%%/*}
  flags=${item#"$name"}
  case $name in '' | [0-9]* | *[!A-Za-z0-9_]*) continue ;; esac
  eval "value=\${$name-}"
  case $flags in *u*) continue ;; *l*) value=$(list_to_windows "$value") ;; *p*) value=$(wslpath -w "$value") ;; esac
  [ -z "$value" ] || set -- "$name=$value" "$@"
done
# USER is where Wine takes the name of the Windows user from
exec env -i PATH="$PATH" LANG=C.UTF-8 HOME="$prefix" USER='Ada Lovelace' WINEPREFIX="$prefix" WINEDEBUG=-all \
  ${WSLENV:+WSLENV="$WSLENV"} "$@"
