#!/bin/sh
# kill from the shell: names and numbers, groups, stopped jobs, status by signal.
# When the shell reports a killed background job is chance.
exec 2>/dev/null
for s in HUP INT QUIT ABRT KILL USR1 SEGV USR2 PIPE ALRM TERM; do
    sh -c "kill -$s \$\$; sleep 0.1" 2>/dev/null; echo "$s $?"
done
kill -l 9; kill -l 15; kill -l 130
kill -0 $$ && echo alive
kill -0 99999999 2>/dev/null || echo "no such process"
kill -NOSUCH $$ 2>/dev/null || echo "no such signal"
sleep 100 & p=$!
kill -STOP $p
while [ "$(ps -o stat= -p $p | cut -c1)" != T ]; do :; done; echo stopped
kill -CONT $p
while [ "$(ps -o stat= -p $p | cut -c1)" = T ]; do :; done; echo continued
kill $p; wait $p; echo "status $?"
sleep 100 & a=$!; sleep 100 & b=$!; kill $a $b; wait $a; echo $?; wait $b; echo $?
/bin/kill -l HUP; /bin/kill -TERM 99999999 2>/dev/null; echo $?
sh -c 'sh -c "kill -TERM \$PPID; sleep 0.1"; echo never' ; echo "status $?"
setsid sh -c '(sleep 100 & sleep 100 & wait) & sleep 0; kill -TERM 0' ; echo "status $?"
timeout -s KILL 0.1 sleep 100; echo "status $?"
timeout 0.1 sleep 100; echo "status $?"
timeout 5 sh -c 'exit 7'; echo "status $?"
