#!/bin/sh
# Processors as /sys shows them: as many as may be used, each with its place.
stat -f -c %T /sys
ls -d /sys/devices/system/cpu/cpu0/topology
[ "$(lscpu -p=cpu | grep -vc '^#')" = "$(nproc --all)" ] && echo as many as nproc says
cat /sys/devices/system/cpu/cpu0/topology/core_cpus_list /sys/devices/system/cpu/cpu0/topology/physical_package_id
case $(cat /sys/devices/system/cpu/online) in 0|0-*) echo online from 0 ;; esac
cat /sys/devices/system/cpu/nothing
ls /sys/devices/system/cpu | grep -c '^cpu0$'
grep -o 'always\|madvise\|never' /sys/kernel/mm/transparent_hugepage/enabled
