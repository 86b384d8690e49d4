#!/bin/sh
# Command substitution: newlines, quoting, nesting, large output, status, descriptors.
a=$(printf 'x\n\n\n'); echo "[$a]"
a=$(printf '\n\nx'); echo "[$a]"
a="$(printf 'two  spaces')"; echo $a; echo "$a"
echo `echo old \`echo nested\` style`
echo "quotes $(echo "inner \"quoted\" $(echo 'deep "er"')")"
n=$(seq 1 20000 | wc -c); echo $n
big=$(seq 1 20000); echo ${#big}
set -- $(echo a b c); echo $# $3
echo $(exit 5) status $?
x=$(exit 6); echo $?
echo "$(cat <<END
here $(echo inside)
END
)"
IFS=:; set -- $(echo a:b::c); echo "$# [$3]"; unset IFS
v=$(cd / && pwd); echo $v
echo $(( $(echo 3) + $(echo 4) ))
case $(echo abc) in a*) echo matches;; esac
f() { echo "f $1"; return 3; }; r=$(f x); echo "$r $?"
for w in $(echo one two); do echo "<$w>"; done
e=$(sh -c 'echo out; echo err >&2' 2>&1); echo "$e"
e=$(sh -c 'echo out; echo err >&2' 2>/dev/null); echo "$e"
: $(echo side >"$TMPDIR/side"); cat "$TMPDIR/side"; rm "$TMPDIR/side"
echo $(echo '*')
echo "$(printf 'a\000b' | od -An -c)"
