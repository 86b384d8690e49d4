#!/bin/sh
# read: splitting, raw, IFS, ends without newline, several readers of one description, loops over commands.
printf 'a b c d\n' | { read -r x y; echo "[$x] [$y]"; }
printf '  lead trail  \n' | { read -r x; echo "[$x]"; }
printf '  keep  \n' | { IFS= read -r x; echo "[$x]"; }
printf 'a:b::c\n' | { IFS=: read -r p q r s; echo "[$p][$q][$r][$s]"; }
printf 'back\\slash\n' | { read -r x; echo "$x"; }
printf 'contin\\\nued\n' | { read x; echo "$x"; }
printf 'no newline' | { read -r x; echo "$x $?"; }
printf '' | { read -r x; echo "[$x] $?"; }
printf '1\n2\n3\n' | { read -r a; sh -c 'read -r b; echo "child $b"'; read -r c; echo "$a $c"; }
printf 'l1\nl2\n' | { head -n 1 >/dev/null; cat; } | wc -l >/dev/null
while read -r user pass uid rest; do :; done </etc/passwd; echo "loop ended"
IFS=:; while read -r name x uid x; do [ "$uid" = 0 ] && echo "$name"; done </etc/passwd; unset IFS
n=0; seq 1 500 >"$TMPDIR/n"; while read -r v; do n=$((n + v)); done <"$TMPDIR/n"; echo $n
exec 3<"$TMPDIR/n"; while read -r a <&3 && read -r b <&3; do last="$a,$b"; done; exec 3<&-; echo $last
rm "$TMPDIR/n"
i=0; until [ $i -ge 3 ]; do i=$((i + 1)); echo $i; done
for i in 1 2 3 4 5; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done
for i in a b; do for j in 1 2 3; do [ $j = 2 ] && continue 2; echo $i$j; done; done
for i in a b; do while :; do break 2; done; echo never; done; echo out
printf 'k1=v1\nk2=v2\n' | while IFS== read -r k v; do echo "$k -> $v"; done
yes x | { i=0; while [ $i -lt 5 ]; do read -r l; i=$((i + 1)); done; echo "$i $l"; }
