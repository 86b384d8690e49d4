#!/bin/bash
# Longer computations in pure bash: primes, sorting, strings, recursion, word counts, a little interpreter.
# timeout: 120
p=(); for ((n = 2; n < 1500; n++)); do ok=1; for d in "${p[@]}"; do ((d * d > n)) && break; ((n % d == 0)) && { ok=0; break; }; done; ((ok)) && p+=($n); done; echo "${#p[@]} ${p[-1]}"
a=(); for ((i = 0; i < 150; i++)); do a+=($(( (i * 7919 + 13) % 1009 ))); done; for ((i = 1; i < ${#a[@]}; i++)); do v=${a[i]}; for ((j = i - 1; j >= 0 && a[j] > v; j--)); do a[j+1]=${a[j]}; done; a[j+1]=$v; done; echo "${a[@]:0:5} ${a[@]: -3}"
ack() { if (($1 == 0)); then r=$(($2 + 1)); elif (($2 == 0)); then ack $(($1 - 1)) 1; else ack $1 $(($2 - 1)); ack $(($1 - 1)) $r; fi; }; ack 2 6; echo $r; fib() { (($1 < 2)) && { r=$1; return; }; local a; fib $(($1 - 1)); a=$r; fib $(($1 - 2)); ((r += a)); }; fib 14; echo $r
declare -A w; while read -r -a l; do for x in "${l[@]}"; do ((w[$x]++)); done; done < <(for i in {1..60}; do echo "word$((i % 7)) other$((i % 3)) same"; done); for k in "${!w[@]}"; do echo "$k ${w[$k]}"; done | sort | tail -n 4
s=; for ((i = 0; i < 500; i++)); do s+=$((i % 10)); done; echo ${#s}; t=${s//5/five}; echo ${#t}; rev=; for ((i = ${#s} - 1; i >= 480; i--)); do rev+=${s:i:1}; done; echo $rev; for ((i = 1, f = 1; i <= 20; i++)); do ((f *= i)); done; echo $f
prog=(push 7 push 6 mul print push 100 push 58 sub print); st=(); for ((i = 0; i < ${#prog[@]}; i++)); do case ${prog[i]} in push) st+=(${prog[++i]});; mul) st[-2]=$((st[-2] * st[-1])); unset 'st[-1]';; sub) st[-2]=$((st[-2] - st[-1])); unset 'st[-1]';; print) echo ${st[-1]}; unset 'st[-1]';; esac; done
h() { local n=$1; ((n == 0)) && return; h $((n - 1)) $2 $4 $3; ((m++)); h $((n - 1)) $4 $3 $2; }; m=0; h 9 a b c; echo $m; x=1; for i in {1..300}; do x=$(( (x * 1103515245 + 12345) & 0x7fffffff )); done; echo $x; printf '%s\n' {a..e}{1..40} | wc -l; for i in {1..100}; do r=$(echo $i); done; echo $r
