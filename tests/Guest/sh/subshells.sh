#!/bin/sh
# Subshells: variables, directories, functions, traps and options stay inside; status comes out.
x=1; (x=2; echo "inside $x"); echo "outside $x"
cd /usr; (cd bin; pwd); pwd
f() { echo outer; }; (f() { echo inner; }; f); f
(exit 7); echo "status $?"
(set -f; echo *x*y*z*); case $- in *f*) echo f;; *) echo "no f";; esac
(trap 'echo trapped' EXIT; echo body)
( ( ( echo deep; exit 4 ) ; echo "got $?"; exit 5 ); echo "got $?" ); echo "got $?"
{ x=3; }; echo "group $x"
(umask 077; umask); umask
y=$(x=9; echo $x); echo "$y $x"
(echo a; (echo b; (echo c))) | wc -l
export E=exported; (unset E; sh -c 'echo "child sees [$E]"'); sh -c 'echo "child sees [$E]"'
sh -c '(kill -TERM $$) & wait $!; sleep 0.1; echo not reached' 2>/dev/null; echo "status $?"
sh -c 'kill -KILL $$'; echo "status $?"
(sh -c 'exit 300'); echo "status $?"
for i in 1 2 3; do (exit $i); echo "$i $?"; done
if (test 1 = 2); then echo yes; else echo no; fi
(exec echo replaced; echo never)
echo "$(echo "$(echo "$(echo nested)")")"
a=$(false); echo "status of an assignment $?"
a=x$(exit 9)y; echo "$a $?"
