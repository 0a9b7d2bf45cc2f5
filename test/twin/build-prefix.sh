#!/bin/sh
# Makes the template of a Windows side once per machine: a Wine prefix that says Windows 10, needs no display, and
# belongs to the user "Ada Lovelace", because a space in the profile folder is what scripts stumble over.
#
# usage: flock LOCK build-prefix.sh TARGET WINE
# TARGET appears complete or not at all. Prints nothing; exits 0 when TARGET is there.
set -eu
target=$1 wine=$2
[ ! -d "$target" ] || exit 0
# we hold the lock, so an unfinished one is nobody's
rm -rf "$target".unfinished.*
work=$(mktemp -d "$target.unfinished.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/home"

windows() {
  env -i PATH="$PATH" LANG=C.UTF-8 HOME="$work/home" USER='Ada Lovelace' WINEPREFIX="$work/prefix" WINEARCH=win64 \
    WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml,winemenubuilder.exe=' "$@" </dev/null >/dev/null 2>&1
}

windows "$wine" wineboot --init
windows "$wine" winecfg -v win10
windows "$wine" reg add 'HKCU\Software\Wine\Drivers' /v Graphics /d null /f
windows wineserver --wait

# Desktop, Documents … are links into the Linux home of whoever built this; on Windows they are folders
profile="$work/prefix/drive_c/users/Ada Lovelace"
[ -d "$profile" ]
find "$profile" -type l | while read -r link; do
  rm "$link"
  mkdir "$link"
done

# most of the 700 MB are copies of files that the distribution has installed; only programs need an x bit of their own
system32="$work/prefix/drive_c/windows/system32"
for library in /usr/lib/*/wine/x86_64-windows /usr/lib/wine/x86_64-windows /usr/lib64/wine/x86_64-windows; do
  [ -d "$library" ] || continue
  for file in "$system32"/*; do
    original=$library/${file##*/}
    case $file in *.exe) continue ;; esac
    if [ -f "$file" ] && [ ! -L "$file" ] && cmp -s "$file" "$original" 2>/dev/null; then ln -sf "$original" "$file"; fi
  done
done
find "$work/prefix/drive_c" -type f -name '*.exe' -exec chmod a+x {} +
# an update would write through those links
echo disable >"$work/prefix/.update-timestamp"
chmod 700 "$work/prefix"
mv "$work/prefix" "$target"
