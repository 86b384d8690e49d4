#!/bin/sh
# Arithmetic expansion: operators, precedence, assignment, bases, overflow, errors; expr; test.
echo $((1 + 2 * 3)) $(((1 + 2) * 3)) $((7 / 2)) $((-7 / 2)) $((7 % 3)) $((-7 % 3))
echo $((1 << 10)) $((1024 >> 3)) $((-8 >> 1)) $((6 & 3)) $((6 | 3)) $((6 ^ 3)) $((~5)) $((!5)) $((!0))
echo $((3 > 2)) $((2 >= 3)) $((1 == 1)) $((1 != 1)) $((1 && 0)) $((1 || 0)) $((5 ? 10 : 20))
x=5; echo $((x)) $((x + 1)) $(($x * 2)) $((x += 3)) $x $((x -= 1)) $((x *= 2)) $((x <<= 1)) $x
echo $((0x1f)) $((010)) $((0xffffffffffffffff))
echo $((9223372036854775807 + 1)) $((-9223372036854775807 - 2))
echo $((2147483647 * 2147483647)) $((1 ? 2 ? 3 : 4 : 5))
sh -c 'echo $((1 / 0))' 2>/dev/null; echo "status $?"
sh -c 'echo $((1 +))' 2>/dev/null; echo "status $?"
i=0; s=0; while [ $i -lt 300 ]; do s=$((s + i * i)); i=$((i + 1)); done; echo $s
expr 3 + 4; expr 3 \* 4; expr 10 / 3; expr length hello; expr substr hello 2 3; expr index hello l; expr abc : 'a\(.*\)'
expr 1 \> 2; echo $?; expr 0; echo $?
[ 3 -gt 2 ] && echo gt; [ 3 -eq 03 ] && echo eq; [ abc = abc ] && echo same; [ -z "" ] && echo empty; [ -n x ] && echo full
[ a \< b ] && echo less; [ ! 1 = 2 ] && echo not; [ 1 = 1 -a 2 = 2 ] && echo and; [ 1 = 2 -o 2 = 2 ] && echo or
[ x -eq 1 ] 2>/dev/null; echo "status $?"
test -d /usr && test -r /etc/passwd && test -x /bin/sh && test ! -e /nothing && echo files
gcd() { a=$1 b=$2; while [ $b -ne 0 ]; do t=$((a % b)); a=$b; b=$t; done; echo $a; }; gcd 1071 462
primes=; n=2; while [ $n -lt 60 ]; do d=2 p=1; while [ $((d * d)) -le $n ]; do [ $((n % d)) -eq 0 ] && p=0; d=$((d + 1)); done; [ $p = 1 ] && primes="$primes $n"; n=$((n + 1)); done; echo $primes
