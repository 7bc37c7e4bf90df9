#!/bin/bash
# manager.sh FOLDER: becomes a systemd of its own, in namespaces of its own, on this machine's files with a layer
# above them that nobody else sees. FOLDER is /rig to it: units/ are its units, the FIFO ready hears when it has
# started. All of it ends with this process; the control groups are its caller's to remove.
set -euo pipefail
rig=$1
name=lav-ir-systemd-$$
groups=(/sys/fs/cgroup)
if [ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ]; then groups=(/sys/fs/cgroup/systemd /sys/fs/cgroup/unified); fi
for group in "${groups[@]}"; do
  mkdir "$group/$name"
  echo $$ >"$group/$name/cgroup.procs"
done
exec unshare --mount --propagation private --cgroup --pid --fork --ipc --uts --net --kill-child -- \
  bash -euo pipefail -c '
rig=$1
groups=$2
mount -t tmpfs tmpfs "$rig/layer"
mkdir "$rig"/layer/{upper,work,root}
root=$rig/layer/root
mount -t overlay -o "lowerdir=/,upperdir=$rig/layer/upper,workdir=$rig/layer/work" overlay "$root"
for tree in run tmp var/log dev; do mount -t tmpfs -o mode=755 tmpfs "$root/$tree"; done
mount -t proc proc "$root/proc"
# No setting of this machine is changed.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
if [ "$groups" = 1 ]; then
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
else
  mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
  mkdir "$root"/sys/fs/cgroup/{systemd,unified}
  mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified"
fi
for node in null zero full random urandom; do
  touch "$root/dev/$node"
  mount --bind "/dev/$node" "$root/dev/$node"
done
mkdir "$root/dev/shm" "$root/rig"
mount --bind "$rig" "$root/rig"
rm -rf "$root/etc/systemd/system"
ln -s /rig/units "$root/etc/systemd/system"
mkdir "$root/old"
cd "$root"
pivot_root . old
umount -l /old
exec env -i container=lav-ir PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=null --show-status=0
' - "$rig" "${#groups[@]}"
