#!/bin/sh
# ps, pgrep, pkill, pidof, pstree, kill by name: what a process tree shows of itself.
# needs: ps pgrep pstree
# When the shell reports a killed background job is chance.
exec 2>/dev/null
d=$(mktemp -d); cd "$d"
ps -o comm= -p $$; ps -o args= -p $$ | sed 's|/[^ ]*/||g'; ps -o ppid= -p $$ | tr -d ' ' | grep -c '^[0-9]*$'; until [ "$(ps -o stat= -p $$ | cut -c1)" = S ]; do :; done # the shell may still be on its way to wait
sleep 300 & a=$!; sleep 301 & b=$!
until [ "$(ps -o comm= -p $a)$(ps -o comm= -p $b)" = sleepsleep ]; do :; done
ps --ppid $$ -o comm= | sort | uniq -c | awk '{ print $1, $2 }' | grep sleep; ps -o comm,args -p $a,$b | sort; ps -o stat= -p $a | cut -c1; ps -o ni=,cls= -p $a; ps -o nlwp= -p $a | tr -d ' '; ps -o tty= -p $a
pgrep -P $$ -x sleep | wc -l; pgrep -P $$ -f 'sleep 301' | grep -c "^$b\$"; pstree -A $a; ps -o pid= -p 99999999; echo $?
kill -STOP $a; until [ "$(ps -o stat= -p $a | cut -c1)" = T ]; do :; done; ps -o stat= -p $a | cut -c1; kill -CONT $a
pkill -P $$ -f 'sleep 300'; wait $a; echo "status $?"; kill $b; wait $b; echo "status $?"
sh -c 'sh -c "exit 5" & exec sleep 302' & p=$!; until ps --ppid $p -o stat= | grep -q '^Z'; do :; done; ps --ppid $p -o stat=,comm= | sed 's/  */ /g'; kill $p; wait $p
ps -e -o pid= | grep -c "^ *$$\$"; ps -p $$ -o user= | head -n 1; ps -o etimes= -p $$ | awk '{ print ($1 < 1000) }'; ps -L -p $$ -o lwp= | wc -l; ps aux | awk 'NR == 1 { print $1, $2, $8, $11 }'; ps -ef | awk 'NR == 1 { print $1, $2, $3, $8 }'
cat /proc/$$/comm; tr '\0' ' ' </proc/$$/cmdline | sed 's|/[^ ]*/||g'; echo; uptime | grep -c load; free | awk 'NR == 1 { print $1, $2, $3 }'; nproc | grep -c '^[1-9]'; uname; uname -m; id -u | grep -c '^[0-9]'; whoami >/dev/null && echo known; tty; who | wc -l >/dev/null; env | grep -c '^PATH='; date -u -d @1000000000 +%FT%T; arch
cd /; rm -r "$d"
