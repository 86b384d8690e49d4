#!/bin/bash
# What bash adds to expansion: braces, patterns, case, substrings, extglob, printf -v, regular expressions.
echo {a,b}{1,2} {1..5} {5..1..2} {a..e} {01..03} x{,y}z; s=hello.world.txt; echo ${s/o/0} ${s//o/0} ${s/#hello/bye} ${s/%txt/md} ${s^} ${s^^} ${s,,} ${s:2:3} ${s: -3} ${#s} ${s%.*} ${s##*.}
shopt -s extglob nullglob
d=$(mktemp -d); cd "$d"; touch a.c b.c c.h d.txt; echo *.@(c|h) !(*.c) +([a-z]).txt ?(x)a.c *.none; shopt -s globstar; mkdir -p x/y; touch x/y/e.c; echo **/*.c; shopt -u nullglob; echo *.none; cd /; rm -r "$d"
case abc in +([a-c])) echo ext;; esac; case x in x) echo one;;& [a-z]) echo two;; esac; case 1 in 1) echo fall;& 2) echo through;; esac
[[ abc == a* && abc != *d ]] && echo match; [[ foobar =~ ^(fo+)(.*)$ ]] && echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"; [[ 10 -gt 9 && ! -e /none ]] && echo cond; [[ a < b ]] && echo less; [[ $'a\tb' == *$'\t'* ]] && echo tab; re='[0-9]+\.[0-9]+'; [[ "v 3.14" =~ $re ]] && echo "${BASH_REMATCH[0]}"
printf -v x '%05.2f|%q|%b|%(%Y)T' 3.14159 'a b' 'c\td' 0; echo "$x"; printf '%s\n' "${x@Q}"; echo "${x@U}" | cut -c1-5; echo $'\x41\u00e9\n' | od -An -c | head -n 1; echo "${PATH:+path}" ~+ | sed "s|$PWD|pwd|"; echo $((2 ** 40)) $((16#ff)) $((2#1011)) $((x = 5, x++ + ++x)) $((7 <=> 3 ? 1 : 0)) 2>/dev/null || echo arithmetic error
((x = 10, y = x / 3)); echo $y; let 'z = x % 3' ; echo $z; for ((i = 0, j = 10; i < j; i += 3, j--)); do echo -n "$i-$j "; done; echo; (( 0 )) || echo false; echo $((RANDOM >= 0)) $((SECONDS >= 0)) $LINENO; v=abc; echo ${v:1} ${v:0:1} ${v: -1}; set -- a b c d; echo ${@:2:2} ${*: -1} $#; echo "${@/#/pre}"; echo ${v@A}; IFS=: read -ra p <<<a:b:c; echo ${#p[@]} ${p[2]}; echo "${v/b/[&]}"
