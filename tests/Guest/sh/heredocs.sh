#!/bin/sh
# Here-documents: expansion or not, tabs, several, in loops and functions, large ones.
x=value
cat <<END
plain $x $(echo substituted) $((1 + 2)) \$escaped `echo old`
"quotes" 'stay' \\ backslash
END
cat <<'END'
nothing $x $(echo no) \ here
END
cat <<-END
	tabs are
		removed $x
	END
cat <<ONE; cat <<TWO
first
ONE
second
TWO
cat <<A - <<B 2>/dev/null | tr a-z A-Z
first is replaced
A
last wins
B
while read -r a b; do echo "$b-$a"; done <<END
1 one
2 two words
END
f() { cat; }
f <<END
into a function
END
if true; then
	cat <<-END | sed 's/^/| /'
	in an if
	END
fi
cat <<END | wc -c
$(seq 1 30000)
END
sh <<'END'
echo "a script from here, \$# is $#"
END
cat /dev/fd/3 3<<END
on descriptor 3
END
v=$(cat <<END
into a variable
END
); echo "$v"
wc -l <<END
END
