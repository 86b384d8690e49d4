#!/bin/sh
# Functions: arguments, locals, recursion, status, redefinition, positional parameters.
f() { echo "$# $1 $2"; }; f a "b c"
g() { return 5; }; g; echo $?
h() { local x=inner; x=changed; echo $x; }; x=outer; h; echo $x
fact() { if [ "$1" -le 1 ]; then echo 1; else echo $(( $1 * $(fact $(( $1 - 1 ))) )); fi; }; fact 10
fib() { [ "$1" -lt 2 ] && { echo "$1"; return; }; echo $(( $(fib $(($1 - 1))) + $(fib $(($1 - 2))) )); }; fib 8
count() { n=$(( ${n:-0} + 1 )); }; count; count; count; echo $n
sh_args() { shift; echo "$@"; for a; do echo "<$a>"; done; }; sh_args 1 2 "3 4"
set -- x y z; f p; echo "$1 $#"
outer() { inner() { echo defined inside; }; }; outer; inner
unset -f inner; inner 2>/dev/null || echo gone
deep() { [ "$1" -eq 0 ] || deep $(( $1 - 1 )); }; deep 500 && echo "500 deep"
p() { echo piped; }; p | tr a-z A-Z
hanoi() { [ $1 -eq 0 ] && return; hanoi $(($1-1)) $2 $4 $3; moves=$((moves+1)); hanoi $(($1-1)) $4 $3 $2; }; moves=0; hanoi 8 a b c; echo $moves
last() { eval "echo \${$#}"; }; last a b c d
ret() { return; }; false; ret; echo $?
w() { while :; do return 9; done; }; w; echo $?
echo() { printf 'my echo: %s\n' "$*"; }; echo hi; unset -f echo; echo real
