#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs a command in a virtual machine with the kernel that prepare.sh fetched:
#
#   tests/vm/run.sh [-t SECONDS] [-w FOLDER] COMMAND [ARGUMENT...]
#
# The guest sees this system's files, the environment and the working folder.
# What it writes is gone afterwards, but for what is below FOLDER. It has the
# modules of VM_MODULES (vivid and vgem), options for them from VM_APPEND
# (vivid.n_devs=2), VM_MEMORY megabytes (2048) and no network.
#
# Exit code: the command's; 124 when SECONDS (300, with the boot) are over; 125
# when the machine ended without one.
set -eu

dir=${VM_DIR:-/var/tmp/vm}
seconds=300
writable=

usage ()
{
  sed -n '3,13s/^# \{0,1\}//p' "$0"
}

# What the guest runs.
write_script ()
{
  export -p
  for module in ${VM_MODULES-vivid vgem}; do
    printf 'modprobe -d %q -S %q %q || exit 125\n' "$dir/kernel" \
      "${kernel##*/vmlinuz-}" "$module"
  done
  printf 'cd %q\n' "$PWD"
  printf 'exec'
  printf ' %q' "$@"
}

[ "${1-}" != --help ] || { usage; exit 0; }
while getopts ht:w: option; do
  case $option in
    t) seconds=$OPTARG ;;
    w) writable=$(realpath "$OPTARG") ;;
    h) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || { usage >&2; exit 2; }
kernel=$(ls "$dir"/kernel/boot/vmlinuz-* 2> /dev/null) || {
  echo "vm: there is no kernel in $dir; tests/vm/prepare.sh fetches one" >&2
  exit 125
}

job=$(mktemp -d)
qemu=
trap '[ ! "$qemu" ] || kill "$qemu" 2>/dev/null || :; wait; rm -rf "$job"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
write_script "$@" > "$job/script"
touch "$job/stdout" "$job/stderr" "$job/console"

shared=security_model=none,multidevs=remap
folders=(-virtfs "local,path=/,mount_tag=host,readonly=on,$shared"
  -virtfs "local,path=$job,mount_tag=job,$shared")
if [ "$writable" ]; then
  echo "$writable" > "$job/writable"
  folders+=(-virtfs "local,path=${writable//,/,,},mount_tag=writable,$shared")
fi
timeout -k 5 "$seconds" qemu-system-x86_64 \
  -accel tcg,thread=multi -cpu max -smp 2 -m "${VM_MEMORY:-2048}" \
  -kernel "$kernel" -initrd "$dir/initrd.gz" -no-reboot \
  -append "console=ttyS0 quiet panic=-1 ${VM_APPEND-}" \
  -display none -monitor none -serial "file:$job/console" -nic none \
  "${folders[@]}" < /dev/null >&2 &
qemu=$!
status=0
wait $qemu || status=$?
qemu=

cat "$job/stdout"
cat "$job/stderr" >&2
if [ -s "$job/status" ]; then
  exit "$(cat "$job/status")"
elif [ $status = 124 ] || [ $status = 137 ]; then
  echo "vm: not done after $seconds s" >&2
  exit 124
fi
echo "vm: qemu ended with $status and no status of the command; the console:" >&2
tail -n 40 "$job/console" >&2
exit 125
