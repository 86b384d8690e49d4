#!/bin/sh
# sort of a 50 MB file: in memory and through temporary files, merged, checked.
# timeout: 400
d=$(mktemp -d); cd "$d"
pad=$(printf 'x%.0s' $(seq 92))
seq 100001 600000 | rev | sed "s/\$/ $pad/" | sed '1~2s/x/y/' >big
stat -c %s big | cut -c1-2; wc -l <big
sort -S 20M -T . big >sorted; echo "status $?"
sort -c sorted && echo ordered; wc -l <sorted; head -n 2 sorted | cut -c1-9; tail -n 2 sorted | cut -c1-9; cmp -s big sorted; echo $?
sort -m sorted sorted | uniq | wc -l
ls
cd /; rm -r "$d"
