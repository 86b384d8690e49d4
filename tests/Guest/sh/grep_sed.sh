#!/bin/sh
# grep and sed: expressions, options, context, substitutions with references, addresses, hold space, in-place edits.
d=$(mktemp -d); cd "$d"
printf 'alpha one\nbeta two\ngamma three\nalpha four\n\nomega.five\n' >t
grep alpha t; grep -n two t; grep -c alpha t; grep -v a t; grep -i ALPHA t; grep -w on t; echo $?; grep -x 'beta two' t; grep -o '[a-z]*a ' t; grep -E '(alp|gam)' t; grep -F . t; grep -l one t /etc/passwd; grep -L one t /dev/null
grep -A1 beta t; grep -B1 beta t; grep -C1 -n gamma t; grep -m1 alpha t; grep -q alpha t; echo $?; grep nothing t; echo $?; grep x missing 2>/dev/null; echo $?; grep -e one -e two t; printf 'one\nfive\n' | grep -f - t; grep -E '^$' -n t; grep -b two t
grep -E 'a{2}|e{2}' t; grep '\(a\)lph\1' t; grep -P '\bo\w+\.' t 2>/dev/null || grep -E 'o[a-z]+\.' t; mkdir r; cp t r/x; cp t r/y; grep -rn beta r | sort; grep -rl --include=x beta r; grep -h beta r/x r/y; grep -s x nothing; printf 'a\0b\n' | grep -c a; printf 'bin\0ary\n' | grep bin | head -c 12; grep -a -c bin t
seq 1 20000 | grep -c 7; seq 1 20000 | grep -E '^(1|2)[0-9]*5$' | tail -n 1; yes abcdefghijklmnop | head -n 3000 | grep -c 'k.*p'; seq 1 3000 | grep -E '(.)\1\1' | head -n 3
sed 's/alpha/A/' t; sed -n 's/a/X/gp' t | head -n 2; sed 's/a/X/2' t | head -n 1; sed -E 's/([a-z]+) ([a-z]+)/\2 \1/' t; sed -n '2,3p' t; sed -n '/beta/,/alpha/p' t; sed '1d;$d' t; sed -n '$=' t; sed '2q' t; sed -n '2~2p' t
sed '2i\before' t | head -n 3; sed '2a after' t | head -n 3; sed '2c\changed' t | head -n 2; sed 'y/abc/ABC/' t | head -n 1; sed -n 'l' t | head -n 1; sed '/^$/d' t | wc -l; sed 's|one|/x/y|' t | head -n 1; sed -e 's/a/1/' -e 's/1/2/' t | head -n 1
sed -n 'H;${x;s/\n/,/g;p}' t; sed 'N;s/\n/+/' t; sed '1!G;h;$!d' t; sed -n '/alpha/{s//found/;p}' t; sed ':a;s/^\(.\{1,9\}\)$/ \1/;ta' t | head -n 2; sed 's/.*/\U&/' t | head -n 1; sed 's/\w\+/<&>/g' t | head -n 1; sed = t | sed 'N;s/\n/\t/' | head -n 2
sed -i 's/one/ONE/' t; head -n 1 t; sed -i.bak 's/ONE/1/' t; ls; sed -n 'w out' t; cmp t out && echo same; sed 's/x/y/w changes' t >/dev/null; wc -c <changes; echo abc | sed 's/b/\n/'; echo 'a.b.c' | sed 's/\./-/g'; echo path | sed "s|^|$HOME/|" | sed 's|.*/||'
seq 1 5000 | sed -n '/00$/p' | wc -l; sed --debug -n p /dev/null >/dev/null 2>&1; echo 'x' | sed 's/\(/y/' 2>/dev/null; echo $?; sed p nofile 2>/dev/null; echo $?; echo hi | sed -z 's/\n/!/'; echo; printf 'a\nb' | sed 's/$/;/'; echo
cd /; rm -r "$d"
