#!/bin/sh
# Redirections: all forms, order, many descriptors, noclobber, duplicates, closing, errors.
d=$(mktemp -d); cd "$d"
echo one >f; echo two >>f; cat <f
sh -c 'echo out; echo err >&2' >o 2>e; cat o; cat e
sh -c 'echo out; echo err >&2' >both 2>&1; sort both
sh -c 'echo out; echo err >&2' 2>&1 >/dev/null
exec 3>three; echo "to three" >&3; echo more >&3; exec 3>&-; cat three
echo x 2>/dev/null >&3 || echo "closed: $?"
exec 4<f; read -r a <&4; read -r b <&4; echo "$a $b"; exec 4<&-
exec 5<>rw; echo hello >&5; exec 5>&-; cat rw
set -C; echo again >f 2>/dev/null || echo "noclobber: $?"; echo forced >|f; set +C; cat f
cat <nothere 2>/dev/null || echo "status $?"
echo x >/no/such/dir/file 2>/dev/null || echo "status $?"
{ echo grouped; echo lines; } >g; wc -l <g
for i in 1 2 3; do echo $i; done >loop; cat loop
while read -r l; do echo "<$l>"; done <loop
if true; then echo inside; fi >cond; cat cond
f() { echo in function; } >fun; f; cat fun
: >empty; wc -c <empty
>empty2; ls empty2
echo a >a >b; wc -c <a; cat b
cat <f - </dev/null
exec 6>&1; exec >captured; echo hidden; exec 1>&6 6>&-; echo visible; cat captured
(echo sub; echo sub2 >&2) >s1 2>s2; cat s1 s2
echo "swap" 3>&1 1>&2 2>&3 3>&-
sh -c 'exec 9<&0; cat <&9' <f
echo text | tee t1 t2 >t3; cat t1 t2 t3
cat 0<f
printf 'abc' 1>n; od -c n
echo one 1>&1 2>&1
ls -d /nonexistent 2>err; [ -s err ] && echo "error text kept"
cd /; rm -r "$d"
