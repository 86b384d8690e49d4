#!/bin/sh
# bzip2 and xz: round trips and checks; tar with both.
# needs: bzip2 xz
# timeout: 120
d=$(mktemp -d); cd "$d"
seq 1 20000 >big; for t in bzip2 xz; do $t -k big; $t -t big.* && echo "$t sound"; $t -dc big.* | cksum; rm big.*; $t -c big | $t -d | cmp - big && echo round; echo damage | $t -d 2>/dev/null; echo $?; done
mkdir s; cp big s; tar cjf a.tbz s; tar cJf a.txz s; tar tf a.tbz; tar tf a.txz; xz -T2 -c big | xz -d | cksum; xz --format=lzma -c big | xz -d | cksum
cd /; rm -r "$d"
