#!/bin/bash
# Jobs without a terminal: wait -n, wait with ids, job control switched on, disown, fg and bg, PIPESTATUS, times.
# When the shell reports a killed background job is chance.
exec 2>/dev/null
for s in 5; do (exit $s) & done; wait -n; echo "any $?"; (exit 3) & (exit 3) & wait -n; wait -n; echo "both $?"; wait -n; echo "none $?"
sleep 100 & a=$!; sleep 101 & b=$!; jobs | sed 's/^\(\[[0-9]\]\)[-+ ]*/\1 /'; jobs -p | wc -l; kill %1 %2; wait $a; echo $?; wait $b; echo $?
true | false | (exit 3) | true; echo "${PIPESTATUS[@]} $?"; set -o pipefail; false | true; echo $?; (exit 4) | (exit 5) | true; echo $?; set +o pipefail; ! false | false; echo "${PIPESTATUS[*]}"
set -m; sleep 100 & p=$!; [ "$(ps -o pgid= -p $p | tr -d ' ')" = $p ] && echo "own group"; kill -STOP %%; until jobs -s | grep -q Stopped; do :; done; jobs | sed 's/ *$//' | cut -c7-20; bg >/dev/null; until jobs -r | grep -q Running; do :; done; kill %%; wait $p; echo $?; (exit 6) & fg >/dev/null; echo $?; cat </dev/null & wait $!; echo $?; set +m
sleep 200 & disown; kill $!; jobs; coproc sleep 300; kill $COPROC_PID; wait $COPROC_PID; echo $?; { sleep 0.1; echo late; } & wait; echo waited; ( sleep 0.05 & wait $!; echo "inner $?"); TIMEFORMAT='timed %P' && { time true; } 2>&1 | cut -c1-5; echo "$(times | wc -l)"; ids=; for i in {1..30}; do (exit $((i % 3))) & ids+=" $!"; done; c=0; for p in $ids; do wait $p || ((c++)); done; echo $c
wait; echo "$(jobs | wc -l)"; exec 3< <(sleep 0.05; echo x); read -r -t 5 -u 3 v; echo $v; mkfifo $TMPDIR/f; exec 4<>$TMPDIR/f; rm $TMPDIR/f; read -r -t 0.05 -u 4 v; [ $? -gt 128 ] && echo "timed out"
