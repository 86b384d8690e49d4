#!/bin/sh
# What cannot be run, and how the shell says so: 126 and 127, directories, bad ELF files, missing interpreters, signals.
d=$(mktemp -d); cd "$d"
say() { echo "status $?"; }
no-such-command-at-all; say
./missing; say
/nowhere/at/all; say
echo 'echo script without a line' >plain; ./plain; say
chmod +x plain; ./plain; say
mkdir dir; ./dir; say
printf '\177ELF\002\001\001garbage' >elf; chmod +x elf; ./elf 2>/dev/null; say
printf '#!/no/such/interpreter\n' >lost; chmod +x lost; ./lost 2>/dev/null; say
: >empty; chmod +x empty; ./empty; say
printf '#!/bin/sh\nexit 9\n' >nine; chmod +x nine; ./nine; say
printf '#!%s/nine\n' "$d" >nested; chmod +x nested; ./nested; say
printf '#!/bin/cat\nthe file itself\n' >cat; chmod +x cat; ./cat; say
printf '#!/usr/bin/env sh\necho "by env: $0 $1" | sed "s|.*/||"\n' >env; chmod +x env; ./env arg; say
sh -c 'kill -SEGV $$' 2>/dev/null; say
sh -c 'kill -ABRT $$' 2>/dev/null; say
sh -c 'exit 255'; say
sh no-such-script 2>/dev/null; say
sh -c 'if' 2>/dev/null; say
PATH=/nowhere; /bin/ls / >/dev/null; say; ls / 2>/dev/null; say
PATH=.:/bin:/usr/bin; nine; say
ln -s nine link; link; say
ln -s loop loop; ./loop 2>/dev/null; say
ls /no/such/file 2>/dev/null; say
cat dir 2>/dev/null; say
cd "$d/none" 2>/dev/null; say
cd /; rm -r "$d"
