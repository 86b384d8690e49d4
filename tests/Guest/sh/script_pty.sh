#!/bin/sh
# script: a program that runs another one on a pseudo terminal, by poll and signalfd, and copies between them.
# needs: script
script -qec 'echo in a terminal; tty | cut -c1-9; test -t 0 && test -t 1 && test -t 2 && echo all three; stty size; exit 3' /dev/null </dev/null; echo "status $?"
script -qc 'seq 1 300' /dev/null </dev/null | tail -n 2 | tr -d '\r'
script -qec 'kill -TERM $$' /dev/null </dev/null; echo "status $?"
printf 'typed\n' | script -qc 'stty -echo; read x; echo "got $x"' /dev/null | tail -n 1
script -q -c 'echo recorded' "$TMPDIR/record" >/dev/null </dev/null; grep -c recorded "$TMPDIR/record"; rm "$TMPDIR/record"
