#!/bin/sh
# Text tools: cut, paste, join, tr, sort, uniq, comm, nl, fold, fmt, expand, head, tail, tac, wc, od, split, shuf with a source.
d=$(mktemp -d); cd "$d"
printf 'banana 3 x\napple 10 y\ncherry 2 z\napple 1 w\n' >t
cut -d' ' -f1,3 t; cut -c2-4 t; paste -d, t t | head -n 1; paste -s t
sort t; sort -k2n t; sort -k2,2 t; sort -u -k1,1 t; sort -r t | head -n 1; sort -k1,1 -k2,2nr t
printf '1K\n5\n2M\n100\n' | sort -h; printf 'v1.10\nv1.9\nv1.2\n' | sort -V; printf 'b\nA\na\nB\n' | sort -f
sort -c t 2>/dev/null; echo $?; printf 'a\0c\0b\0' | sort -z | tr '\0' '\n'
cut -d' ' -f1 t | sort | uniq -c; cut -d' ' -f1 t | sort | uniq -d; cut -d' ' -f1 t | sort | uniq -u
sort t >s; printf 'apple red\ncherry dark\n' >c; join s c; join -v1 s c; join -a1 -e none -o 0,1.2,2.2 s c
printf 'a\nb\nc\n' >x; printf 'b\nc\nd\n' >y; comm x y; comm -12 x y
tr a-z A-Z <x; echo hello | tr -d l; echo aabbcc | tr -s abc; echo abc | tr -c a-b _; echo; echo 'a1b2' | tr -dc '[:digit:]'; echo
nl t; nl -ba -w3 -s: x; seq 3 | tac; seq 100 | tail -n +98; seq 100 | head -n -97; printf abcdef | tail -c 3; echo
echo 'a long line of words that should be folded somewhere' | fold -w 20; echo 'a long line of words that should be filled somewhere' | fmt -w 25
printf 'a\tb\n' | expand -t 4 | od -c; printf '        x\n' | unexpand | od -c
wc t; wc -l x y; printf 'äöü' | wc -cm; wc -L t
od -An -tx1 -N4 t; od -Ad -c x; printf '\001\002\003\004' | od -An -td4; printf hello | od -An -v -tu1
seq 10 | split -l 4 - part; ls part*; cat partac; rm part*; seq 10 >ten; split -n l/3 ten n; wc -l n*; rm n* ten
seq 5 | csplit -s - 3; head xx00 xx01; rm xx0*
seq 1 10 >r; shuf --random-source=/etc/passwd r | wc -l; seq -s, 1 2 9; seq -w 8 11; seq 1 .5 2.5; seq -f '%03g' 3
printf '%s-%03d-%5.2f|%-5s|%x %c %%\n' str 7 3.14159 ab 255 z; printf '%s\n' a b c; printf '\x41\101\n'; printf '%b' 'a\tb\n'; printf '%q\n' 'a b' 2>/dev/null || :
echo 'x y' | xxd 2>/dev/null | cut -c1-9; basename /a/b.txt .txt; dirname /a/b/c; numfmt --to=iec 1048576 1500; numfmt --from=si 2K
factor 360 97 1000000007; yes no | head -n 2; printf 'b a\nc b\nd c\n' | tsort; echo "a,b" | tr , '\n' | pr -t -2 | head -n 2
ptx -f x >/dev/null 2>&1; echo hello | base64; echo aGVsbG8K | base64 -d; echo hi | base32; printf 'a\nb\n' | sum; printf 'a\nb\n' | cksum
cd /; rm -r "$d"
