#!/bin/sh
# Named pipes between programs: servers and clients, several writers, tee into pipes, ends of file.
d=$(mktemp -d); cd "$d"
mkfifo a b; cat a & echo "through a" >a; wait
(while read -r x; do [ "$x" = stop ] && break; echo "reply $x" ; done <a >b) & exec 3>a 4<b; for i in 1 2 3; do echo $i >&3; read -r r <&4; echo "$r"; done; echo stop >&3; exec 3>&- 4<&-; wait
seq 1 1000 >a & seq 1001 2000 >b & cat a b | sort -n | cksum; wait
sort -n a >sorted & seq 500 | tac >a; wait; head -n 1 sorted; tail -n 1 sorted
seq 1 100 | tee a >b & (wc -l <a >c1) & wc -l <b; wait; cat c1
{ echo x; echo y; } >a & read -r v <a; echo "$v"; wait
paste a b & seq 3 >a & seq 4 6 >b; wait
dd if=/dev/zero bs=100k count=5 2>/dev/null >a & wc -c <a; wait
[ -p a ] && echo pipe; ls -l a | cut -c1; rm a b; ls
cd /; rm -r "$d"
