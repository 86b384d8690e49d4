#!/bin/sh
# awk: fields, patterns, arrays, functions, printf, getline, pipes, regular expressions, numbers.
d=$(mktemp -d); cd "$d"
printf 'tom 30 m\nann 25 f\nbob 41 m\neve 25 f\n' >t
awk '{ print $1 }' t; awk '$2 > 26 { print NR, $0 }' t; awk '{ s += $2 } END { print s, s / NR, NR }' t; awk -F: '$3 == 0 { print $1; exit }' /etc/passwd; awk 'BEGIN { OFS = "-" } { $2 = "x"; print }' t; awk '{ print NF, $NF, $(NF - 1) }' t
awk '{ n[$3]++; a[$3] = a[$3] " " $1 } END { print n["m"], n["f"], a["m"] a["f"] }' t; awk '/^[ab]/ { print } !/m$/ { c++ } END { print c }' t; awk 'NR == 2, NR == 3' t; awk 'length($0) > 8' t; awk '$3 ~ /f/ { print toupper($1) }' t
awk 'BEGIN { printf "%5d|%-5s|%05.1f|%x|%c|%e|%s\n", 42, "ab", 3.14159, 255, 65, 12345.678, 1e6; print 1e300 * 1e10, -1 / 3, 2 ^ 10, 7 % 3, 1 == 1.0, "a" < "b", 10 < 9, "10" < "9" }'
awk 'BEGIN { print length("hello"), substr("hello", 2, 3), index("hello", "l"), toupper("x"), tolower("Y"), sprintf("%03d", 7); n = split("a:b:c", p, ":"); print n, p[1], p[3]; s = "aaa"; gsub(/a/, "b&", s); print s; t = "xay"; sub("a", "-", t); print t; if (match("foobar", /o+/)) print RSTART, RLENGTH }'
awk 'function f(n) { return n < 2 ? n : f(n - 1) + f(n - 2) } BEGIN { print f(17) }'; awk 'function change(a) { a["k"] = 5 } BEGIN { x["k"] = 1; change(x); print x["k"] }'; awk 'BEGIN { for (i = 0; i < 3; i++) for (j = 0; j < 2; j++) m[i, j] = i * j; print m[2, 1]; if ((1, 1) in m) print "in"; delete m[1, 1]; print ((1, 1) in m) }'
awk 'BEGIN { while ((getline line < "t") > 0) n++; close("t"); print n; "echo from a command" | getline x; print x; print "b\na" | "sort"; close("sort"); print system("exit 3") }'; awk -v v=5 'BEGIN { print v * 2, ENVIRON["TZ"], ARGC, ARGV[1] }' arg
awk '{ print > ($3 ".out") } END { close("m.out") }' t; cat m.out f.out; awk 'BEGIN { RS = "" } { print NR ": " $1 "/" $NF }' <<END
p one
p two

q one
END
echo 'a,b;c' | awk -F'[,;]' '{ print $3 $2 $1 }'; echo abc | awk -F '' '{ print NF }' ; printf 'a b\tc  d\n' | awk '{ $1 = $1; print }'; awk 'BEGIN { x = "3x"; print x + 4, +"0x10", -"5", !"", !"a", 1 " " 2 }'
seq 1 30000 | awk '{ a[$1 % 100] += $1 } END { for (i = 0; i < 3; i++) print i, a[i] }'; awk 'BEGIN { for (i = 1; i <= 20000; i++) s += sin(i) * i ^ 0.5; printf "%.6f\n", s; srand(1); r = rand(); print (r >= 0 && r < 1), int(-3.7), exp(1), log(10), sqrt(2), atan2(0, -1), cos(1) }'
awk 'BEGIN { i = 5; do { printf i " "; i-- } while (i > 0); print ""; while (1) { if (++k > 3) break; if (k == 2) continue; print "k" k } }'; awk 'BEGIN { exit 7 } END { print "end runs" }'; echo $?; awk '{' t 2>/dev/null; echo $?; awk 'BEGIN { print > "/dev/stderr" }' 2>&1; awk 'BEGIN { getline; print "read " $0 }' t
cd /; rm -r "$d"
