# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh
# For scripts that make a Debian root beside this system, enter it, or build and
# test in it. Sourced, not run.

# Runs a command whose words matter only if it fails.
quietly ()
{
  log=$(mktemp)
  status=0
  "$@" > "$log" 2>&1 || status=$?
  [ "$status" = 0 ] || tail -n 200 "$log"
  rm -f "$log"
  return "$status"
}

apt ()
{
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 \
    -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 "$@"
}

# The lists of packages, once a script. Uses say of the script.
updated=
update_packages ()
{
  [ ! "$updated" ] || return 0
  updated=yes
  apt update ||
    say "apt-get update failed; going on with the package lists that are there"
}

# need_packages PACKAGE...: installs those of this system that are missing, and
# shows apt-get's words when that fails. Uses say of the script.
need_packages ()
{
  missing=
  for package in "$@"; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2> /dev/null) || :
    [ "$status" = installed ] || missing="$missing $package"
  done
  [ "$missing" ] || return 0
  say "installing$missing"
  update_packages
  # shellcheck disable=SC2086
  quietly apt install -y --no-install-recommends $missing
}

# Does what a script's only argument says (prepare, build, test, or all of it)
# with the functions usage, prepare, build and run_tests of the script. The log
# of the tests is below $build.
do_stages ()
{
  [ $# -le 1 ] || { usage >&2; exit 2; }
  case ${1-} in
    prepare) prepare ;;
    build)
      prepare
      build
      ;;
    test) run_tests ;;
    -h | --help) usage ;;
    '')
      prepare
      build
      # The summary tells what failed.
      run_tests || :
      # shellcheck disable=SC2154
      exec python3 tests/summary.py "$build/meson-logs/testlog.json"
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
}

# claim_root ROOT VARIABLE: before ROOT, which VARIABLE names, is made or
# changed. One at a time: who comes second finds the work done. Uses fail of the
# script.
claim_root ()
{
  [ "$(id -u)" = 0 ] || fail "only root can make and enter a Debian root"
  case $1 in
    /*[!/]*) ;;
    *) fail "$2 is \"$1\"; an absolute path is expected" ;;
  esac
  mkdir -p "$(dirname "$1")"
  exec 9> "$1.lock"
  flock 9
  [ ! -e "$1" ] || [ -e "$1/var/lib/dpkg/status" ] ||
    fail "$1 is there and is no Debian root; remove it, or set $2 to another
place"
}

# enter_root ROOT PATHS COMMAND [ARGUMENT...]: runs the command in ROOT in the
# place of this shell. /dev, /proc, /sys, /tmp, /var/tmp, the home folder, the
# working directory with its parent, and the folders and files in PATHS,
# separated by colons, are this system's own.
enter_root ()
{
  # Meson and fontconfig must not share caches with this system's.
  export XDG_CACHE_HOME=/var/cache
  # The mounts are private to the command and end with it.
  # shellcheck disable=SC2016
  exec unshare --mount --propagation private sh -euc '
    wd=$1 root=$2 paths=$3
    shift 3
    mount_at ()
    {
      case $1 in / | "") return ;; esac
      if [ -d "$1" ]; then
        mkdir -p "$root$1"
      elif [ -f "$1" ]; then
        touch "$root$1"
      else
        return 0
      fi
      mount --rbind "$1" "$root$1"
    }
    for path in /dev /proc /sys /tmp /var/tmp "${HOME-}" "$(dirname "$wd")" \
        "$wd"; do
      mount_at "$path"
    done
    IFS=:
    for path in $paths; do
      mount_at "$path"
    done
    unset IFS
    exec unshare --root="$root" --wd="$wd" -- "$@"
  ' sh "$PWD" "$@"
}
