#!/bin/sh
# ulimit: set, shown, inherited, enforced.
sh -c 'ulimit -n 20; ulimit -n; sh -c "ulimit -n"'
sh -c 'ulimit -n 10; ulimit -n 20; echo "status $?"' 2>/dev/null || echo refused
sh -c 'ulimit -f 1; head -c 2000 /dev/zero >"$TMPDIR/limited"; echo "status $?"' 2>/dev/null
wc -c <"$TMPDIR/limited"; rm "$TMPDIR/limited"
sh -c 'ulimit -t 1; while :; do :; done' 2>/dev/null; echo "status $?"
sh -c 'ulimit -v 100000; ulimit -v'
sh -c 'ulimit -s 4096; ulimit -s; ulimit -Hs >/dev/null && echo hard'
sh -c 'ulimit -c 0; ulimit -c'
sh -c 'ulimit -n 5; exec 3</dev/null 4</dev/null; cat </dev/null; echo "status $?"; exec 5</dev/null' 2>/dev/null; echo "status $?"
sh -c 'ulimit -u 5000; ulimit -u' 2>/dev/null || sh -c 'ulimit -p 5000; ulimit -p'
