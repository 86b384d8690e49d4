#!/bin/sh
# Traps: EXIT, signals, ignoring, resetting, inheritance, order, status inside.
# status: 5
trap 'echo "exit trap $?"' EXIT
sh -c 'trap "echo int" INT; kill -INT $$; echo after'
sh -c 'trap "" TERM; kill -TERM $$; echo survived; sh -c "kill -TERM \$\$; echo child survived"'
sh -c 'trap "echo x" TERM; trap - TERM; kill -TERM $$; echo never'; echo "status $?"
sh -c 'trap "echo leaving; exit 9" HUP; kill -HUP $$; echo never'; echo "status $?"
sh -c 'trap "echo bye" EXIT; exit 4'; echo "status $?"
sh -c 'trap "exit 8" EXIT; exit 4'; echo "status $?"
sh -c 'trap "echo bye" EXIT; kill -TERM $$'; echo "status $?"
sh -c 'trap "echo usr1" USR1; for i in 1 2 3; do kill -USR1 $$; done; echo done'
sh -c 'trap "echo caught" USR1; (trap; kill -USR1 $$) ; echo after'
trap 'echo one' USR1; trap 'echo two' USR2
trap
kill -USR2 $$; kill -USR1 $$
f() { trap 'echo from function' USR1; }
f; kill -USR1 $$
trap '' USR1; kill -USR1 $$; echo ignored
trap - USR1 USR2
# wait ends when a trapped signal comes, with 128 plus its number.
sh -c 'trap "echo woken" USR1; sleep 100 & s=$!; (sleep 0.5; kill -USR1 $$) & wait $s; echo "wait $?"; kill $s'
sh -c 'trap "n=\$((n+1))" USR1; n=0; i=0; while [ $i -lt 50 ]; do kill -USR1 $$; i=$((i+1)); done; echo $n'
(trap 'echo subshell exit' EXIT)
echo "in substitution: $(trap 'echo inner' EXIT; echo body)"
(exit 5)
