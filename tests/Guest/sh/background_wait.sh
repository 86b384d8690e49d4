#!/bin/sh
# Background jobs and wait: statuses, order by wait, many at once, killed ones, wait without arguments.
# When the shell reports a killed background job is chance.
exec 2>/dev/null
(exit 3) & p=$!
wait $p; echo "status $?"
sh -c 'exit 0' & a=$!
sh -c 'exit 41' & b=$!
wait $a; echo "a $?"; wait $b; echo "b $?"
i=0; while [ $i -lt 20 ]; do (exit $i) & pids="$pids $!"; i=$((i + 1)); done
sum=0; for p in $pids; do wait $p; sum=$((sum + $?)); done; echo "sum $sum"
wait; echo "wait without jobs $?"
wait 99999999 2>/dev/null; echo "no such child $?"
sleep 100 & p=$!
kill $p; wait $p; echo "killed $?"
sleep 100 & p=$!
kill -9 $p; wait $p 2>/dev/null; echo "killed $?"
d=$(mktemp -d); cd "$d"
for i in 1 2 3 4 5; do (echo $i >f$i) & done
wait
cat f?
mkfifo gate
(read x <gate; echo "released $x" >result) &
echo go >gate
wait; cat result
{ sleep 0; echo one >>log; } & wait; echo two >>log; cat log
cat <gate & 
echo "from the foreground" >gate
wait
(sleep 50 & echo $! >pid; wait $!; echo "inner $?" >inner) &
while [ ! -s pid ]; do :; done
kill "$(cat pid)"; wait
cat inner
: & wait $! && echo "null job $?"
cd /; rm -r "$d"
echo "$(sleep 0 & wait; echo substituted)"
