#!/bin/sh
# Parameter expansion in all forms, special parameters, positional ones, field splitting, tilde.
unset u; e=; v=value
echo "${u-unset} ${e-unset} ${v-unset} ${u:-null} ${e:-null} ${v:-null}"
echo "${u+set} ${e+set} ${v+set} ${u:+full} ${e:+full} ${v:+full}"
echo "${u=assigned} $u"; unset u
sh -c 'echo "${u?message}"' 2>/dev/null; echo "status $?"
p=/usr/local/lib/file.tar.gz
echo "${p##*/} ${p#*/} ${p%.*} ${p%%.*} ${#p}"
x=aaabbb; echo "${x#a} ${x##a*a} ${x%b} ${x%%b*}"
set -- one "two words" three; echo $# "$1" "${2}" $3; echo "$*"; for a in "$@"; do echo "<$a>"; done; for a in $*; do echo "($a)"; done
IFS=-; echo "$*"; unset IFS
shift 2; echo $# $1
set -- a b c d e f g h i j k; echo ${10} ${11} $10
true; echo $?; false; echo $?
[ $$ -gt 1 ] && echo pid; : & [ $! -gt 1 ] && echo last; wait
echo "${v}s" "$v"s '$v' "\$v"
a='x  y'; echo $a; echo "$a"
IFS=,; l=1,2,,3; set -- $l; echo "$# [$3]"; unset IFS
echo ~ | sed "s|$HOME|home|"; echo ~root
readonly r=5; sh -c 'readonly q=1; q=2' 2>/dev/null; echo "status $?"
export X=1; sh -c 'echo ${X}'; unset X; sh -c 'echo "[$X]"'
echo "${v:-$(echo not run >&2)}"
echo ${u:-a b c} "${u:-a  b}"
t='a:b'; echo "${t%:*}${t#*:}"
set -u; sh -uc 'echo $nothing' 2>/dev/null; echo "status $?"; set +u
set -e; false || true; echo "still here"; set +e
sh -ec 'false; echo never'; echo "status $?"
sh -ec 'if false; then :; fi; ! true; false || echo or; (exit 3); echo never'; echo "status $?"
sh -xc 'x=1; echo $x' 2>&1
sh -nc 'echo syntax only'
sh -vc 'echo verbose' 2>&1
echo $-x | tr -d '\n' | wc -c >/dev/null
getopts ab:c o -a -b val -c rest; echo $o; getopts ab:c o -a -b val -c rest; echo "$o $OPTARG $OPTIND"
