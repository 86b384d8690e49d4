#!/bin/sh
# Pipelines: order, exit status, long ones, early ends, nothing lost between many processes.
echo one | cat
printf 'c\na\nb\n' | sort | tr 'a-z' 'A-Z' | sed 's/^/> /'
true | false; echo "last decides: $?"
false | true; echo "last decides: $?"
! true; echo "inverted: $?"
! false | false; echo "inverted: $?"
seq 1 100000 | head -n 3
seq 1 100000 | tail -n 2
yes | head -n 50000 | wc -l
seq 1 2000 | cat | cat | cat | cat | cat | cat | cat | cat | cat | wc -c
seq 1 1000 | while read -r n; do [ $((n % 250)) -eq 0 ] && echo "saw $n"; done
x=before
echo inner | read -r x
echo "the reader is a child: $x"
{ echo err >&2; echo out; } 2>&1 | sort
(exit 3) | cat; echo "status $?"
seq 5 | { read -r a; read -r b; echo "$a-$b"; cat; } | tr '\n' ' '; echo
echo a | { cat; echo b; } | { cat; echo c; } | tr -d '\n'; echo
for i in 3 1 2; do echo $i; done | sort | tee "$TMPDIR/pipelines" | wc -l
cat "$TMPDIR/pipelines"; rm "$TMPDIR/pipelines"
printf '%s\n' one two three | sed -n '2p;2q'
head -c 300000 /dev/zero | od -An -v -tx1 | tr -d ' \n0' | wc -c
cat /dev/null | wc -l
sleep 0 | echo done
echo "$(seq 1 50 | sort -rn | head -n 5 | tr '\n' ,)"
i=0; while [ $i -lt 20 ]; do echo $i; i=$((i + 1)); done | awk '{ s += $1 } END { print s }'
