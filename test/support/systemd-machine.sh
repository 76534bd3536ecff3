#!/bin/sh
# A systemd that is init of namespaces of its own, with the machine's file system under writable layers that vanish
# with it; or with another file system, whose systemd it is then, and this machine's node.
# usage: systemd-machine.sh PACKAGE_DIRECTORY NODE [ROOT]; run as root. `outer` is this machine, `inner` the namespaces.
#
# It needs no network and no booting, changes nothing outside, and ends with its process: --kill-child ends init, and
# with init everything in the namespace.
set -eu

outer() {
  # Control groups under the one that this runs in, so that what happens in there is bounded by them.
  name="signalbox-test-$$"
  made="" child=""
  end() {
    trap '' TERM INT HUP
    [ -z "$child" ] || kill -KILL "$child" 2>/dev/null || true
    wait 2>/dev/null || true
    for group in $made; do
      echo "$$" >"$(dirname "$group")/cgroup.procs"
      # Deepest first; what was killed takes a moment to be gone.
      for _ in 1 2 3 4 5 6 7 8 9 10; do
        find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
        sleep 0.1
      done
    done
  }
  trap end EXIT
  trap 'exit 143' TERM INT HUP
  while IFS=: read -r _ controllers path; do
    case "$controllers" in
      '')
        base=/sys/fs/cgroup
        [ -e "$base/cgroup.controllers" ] || base=/sys/fs/cgroup/unified
        [ -e "$base/cgroup.controllers" ] || continue
        ;;
      name=systemd) base=/sys/fs/cgroup/systemd ;;
      *) base="/sys/fs/cgroup/$controllers" ;;
    esac
    group="$base${path%/}/$name"
    mkdir "$group" 2>/dev/null || continue
    made="$made $group"
    # A group for cpusets takes no process before it has some.
    for file in cpuset.cpus cpuset.mems; do
      [ ! -e "$group/$file" ] || cat "$group/../$file" >"$group/$file"
    done
    (echo 0 >"$group/cgroup.procs") || exit 1
    echo "$$" >"$group/cgroup.procs"
  done </proc/self/cgroup
  unshare --fork --kill-child --pid --mount --uts --ipc --net --cgroup --propagation private "$0" inner "$@" &
  child=$!
  wait "$child"
}

inner() {
  package=$1 node=$2 root=${3-}
  hostname signalbox-test
  ip link set lo up 2>/dev/null || true
  outside=""
  if [ -n "$root" ]; then
    # Where this machine's file system is until what is needed of it is in place.
    outside=/srv
    mount --bind "$root" "$root"
    mount --rbind /dev "$root/dev"
    mount --rbind /sys "$root/sys"
    cd "$root"
    pivot_root . ".$outside"
  fi
  mount -t proc proc /proc
  # The kernel's settings are everybody's.
  mount --bind /proc/sys /proc/sys
  mount -o remount,bind,ro /proc/sys

  mount -t tmpfs -o mode=755 tmpfs /mnt
  layer() {
    key=$(echo "$1" | tr / _)
    mkdir -p "/mnt/$key/upper" "/mnt/$key/work" "$1"
    chmod --reference="$1" "/mnt/$key/upper"
    mount -t overlay overlay -o "lowerdir=$1,upperdir=/mnt/$key/upper,workdir=/mnt/$key/work" "$1"
  }
  for directory in /etc /usr/local /opt /var; do layer "$directory"; done
  mkdir -p /usr/local/lib/node_modules/signalbox
  mount --bind "$outside$package" /usr/local/lib/node_modules/signalbox
  if [ -n "$outside" ]; then
    touch /usr/local/bin/node
    mount --bind "$outside$node" /usr/local/bin/node
    umount --lazy "$outside"
  fi
  mount -t tmpfs -o mode=755 tmpfs /run
  mount -t tmpfs -o mode=1777 tmpfs /tmp

  # Each hierarchy anew, so that its root is our group.
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
  else
    mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
    for controllers in memory pids cpu devices; do
      mkdir "/sys/fs/cgroup/$controllers"
      mount -t cgroup -o "$controllers" cgroup "/sys/fs/cgroup/$controllers"
    done
    mkdir /sys/fs/cgroup/systemd
    mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
    mkdir /sys/fs/cgroup/unified
    mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified
  fi

  mkdir -p /run/systemd/system
  cat >/run/systemd/system/test.target <<'UNIT'
[Unit]
DefaultDependencies=no
AllowIsolate=yes
Wants=systemd-journald.socket systemd-journald.service
UNIT
  # Without the rest of a machine: no disks to be checked, no udev, nobody who logs in.
  for unit in signalbox.service signalbox.socket signalbox-admin.socket; do
    mkdir -p "/run/systemd/system/$unit.d"
    printf '[Unit]\nDefaultDependencies=no\n' >"/run/systemd/system/$unit.d/test.conf"
  done
  # Nobody wants to wait for as long as an operator would.
  printf '[Service]\nWatchdogSec=3\n' >>/run/systemd/system/signalbox.service.d/test.conf
  # Credentials are mounted for the service, and must get there.
  mount --make-rshared /
  # The last word is for a systemd that wants to be asked twice before it takes control groups of the first version.
  exec env -i container=signalbox-test PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system --unit=test.target --log-target=journal --show-status=no \
    SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1
}

case "$1" in
  inner) shift && inner "$@" ;;
  *) outer "$@" ;;
esac
