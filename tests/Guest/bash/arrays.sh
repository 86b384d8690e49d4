#!/bin/bash
# Arrays, associative ones, slices, mapfile, indirect expansion, namerefs.
a=(one "two words" three); echo "${#a[@]} ${a[1]} ${a[-1]} ${a[@]:1:2}"; a+=(four); a[10]=ten; echo "${!a[@]}"; unset 'a[0]'; for x in "${a[@]}"; do echo "<$x>"; done; echo "${a[*]}"; IFS=,; echo "${a[*]}"; unset IFS
declare -A m=([x]=1 [y]=2 ["a key"]=3); m[z]=4; for k in "${!m[@]}"; do echo "$k=${m[$k]}"; done | sort; echo ${#m[@]}; unset 'm[x]'; [[ -v m[y] ]] && echo has y; [[ -v m[x] ]] || echo no x
mapfile -t l < <(seq 5); echo "${l[@]/3/three}"; readarray -n 2 two < <(seq 9); echo ${#two[@]}; mapfile -d : -t p <<<'a:b:c'; echo "${p[1]}"
v=hidden; r=v; echo ${!r}; declare -n ref=v; ref=changed; echo $v; f() { local -n out=$1; out=(x y); }; f res; echo ${res[1]}; echo ${!BASH_VERS*} | wc -w
n=({1..5}); echo ${n[@]: -2}; echo "${n[@]#1}"; printf '%s-' "${n[@]}"; echo; declare -a e=(); echo "${#e[@]} ${e[@]-none}"; declare -i i=5; i+=3; echo $i; declare -r c=1; (c=2) 2>/dev/null || echo readonly; declare -l low=ABC; declare -u up=abc; echo $low $up; declare -p a i
s=(z b y a); IFS=$'\n' sorted=($(sort <<<"${s[*]}")); unset IFS; echo "${sorted[@]}"; for ((i = 0; i < ${#s[@]}; i++)); do ((t += i)); done; echo $t; b=("${a[@]}"); echo ${#b[@]}; x=(); for i in {1..2000}; do x[i]=$((i * i)); done; echo ${x[1999]} ${#x[@]}
