#!/bin/bash
# Process substitution in both directions, coprocesses, here-strings, descriptors by name.
cat <(echo one) <(echo two); diff <(seq 5) <(seq 5 | sed s/3/three/); paste <(seq 3) <(seq 4 6); wc -l < <(seq 100)
while read -r a b; do echo "$b $a"; done < <(printf '1 x\n2 y\n'); n=0; while read -r l; do ((n += l)); done < <(seq 100); echo $n
seq 10 | tee >(wc -l >"$TMPDIR/count") >/dev/null; wait $!; until [ -s "$TMPDIR/count" ]; do :; done; cat "$TMPDIR/count"; rm "$TMPDIR/count"
coproc c { while read -r x; do echo "co $x"; done; }; echo a >&"${c[1]}"; read -r r <&"${c[0]}"; echo "$r"; echo b >&"${c[1]}"; read -r r <&"${c[0]}"; echo "$r"; exec {c[1]}>&-; wait $c_PID; echo "status $?"
cat <<<"here $((1 + 1)) string"; read -r x y <<<"first second"; echo $y; tr a-z A-Z <<<text; exec {fd}<<<"by name"; read -r line <&$fd; echo "$line"; exec {fd}<&-; [ $fd -ge 10 ] && echo high
sort <(echo b) <(echo a); cat < <(cat < <(cat < <(echo nested))); comm -12 <(seq 1 5) <(seq 3 8); echo <(:) | grep -c '^/dev/fd/'; f() { cat "$1" "$2"; }; f <(echo p) <(echo q); exec 7< <(seq 3); read -r -u 7 a; read -r -u 7 b; echo $a$b; exec 7<&-
