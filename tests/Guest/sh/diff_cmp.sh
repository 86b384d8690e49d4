#!/bin/sh
# diff, cmp, diff3, sdiff and patch where it is there: formats, directories, statuses.
d=$(mktemp -d); cd "$d"
seq 1 12 >a; sed -e 3d -e 's/^7$/seven/' -e '9a new' a >b
diff a b; echo $?; diff -u --label a --label b a b; diff -c --label a --label b a b; diff -q a b; diff -s a a; diff -y -W 30 a b; diff -e a b; diff a a && echo equal; diff -i -w -B - b <<END
1
END
mkdir x y; cp a x/same; cp a y/same; cp a x/differs; cp b y/differs; echo 1 >x/left; echo 2 >y/right; diff -r x y | sed 's/^diff .*/diff/'; diff -rq x y; cmp a b; echo $?; cmp -l a b | head -n 2; cmp -s a a && echo same; cmp -n 4 a b && echo prefix; diff nothing a 2>/dev/null; echo $?
seq 1 12 | sed 's/^2$/two/' >c; diff3 -m c a b; sdiff -s -w 30 a b; seq 1 3000 >l; sed 's/0$/zero/' l >m; diff l m | grep -c '^<'; diff -u l m | wc -l; diff a - <b | head -n 1; diff --brief l m
cd /; rm -r "$d"
