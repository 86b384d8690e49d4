#!/bin/sh
# File tools: cp, mv, ln, rm, mkdir, rmdir, touch, chmod, stat, ls, readlink, realpath, install, dd, truncate, du, mktemp, test.
d=$(mktemp -d); cd "$d"; umask 022
echo content >a; cp a b; cp -p a c; cmp a b && echo same; mv b b2; ls; mkdir -p x/y/z; cp a x/y; cp -r x x2; find x2 | sort; cp -r x2 x3/new 2>/dev/null; echo $?
ln a hard; ln -s a soft; ln -s nowhere broken; ls -l hard soft broken | cut -c1-10; readlink soft; readlink -f soft | sed "s|$d|D|"; realpath --relative-to=x x/y/z
stat -c '%n %s %a %F %h' a hard; stat -c '%n %F' soft x; stat -L -c '%F' soft; stat -c '%N' soft
chmod 640 a; stat -c %a a; chmod u+x,g-r,o=w a; stat -c %a a; chmod -R go= x; stat -c '%a %n' x x/y/a; chmod a=rX,u+w x; stat -c %a x; chmod +t x; stat -c %a x; chmod u+s,g+s a; ls -l a | cut -c1-10; chmod 644 a
touch -d '2001-02-03 04:05:06' old; stat -c '%y' old | cut -d. -f1; touch -r old new; [ new -nt old ] || [ old -nt new ] || echo "same time"; touch -m -t 202001010000 old; [ old -nt new ] && echo newer; ls -l --time-style=+%Y old | awk '{ print $6 }'
rm hard; rmdir x 2>/dev/null; echo $?; rm x2 2>/dev/null; echo $?; rm -r x x2; rm -f nothing; echo $?; ls
install -D -m 750 a bin/prog; stat -c '%a %n' bin bin/prog; install -d -m 700 dirs/a; stat -c %a dirs/a
dd if=/dev/zero of=z bs=1k count=4 2>/dev/null; wc -c <z; dd if=a of=z conv=notrunc bs=1 seek=10 2>/dev/null; od -An -c -j8 -N12 z; dd if=z bs=1 skip=10 count=7 2>/dev/null; dd if=a 2>&1 >/dev/null | head -n 2
truncate -s 100 z; stat -c %s z; truncate -s +5 z; stat -c %s z; truncate -s 1G sparse; stat -c %s sparse; rm sparse
ls -1 -F; ls -a | head -n 3; ls -d */; ls -r; ls -S a z; ls -R bin; ls -i a | grep -c '^ *[0-9]'; ls -l broken | sed 's/.* //' 
cp -s "$d/a" sym; readlink sym | sed "s|$d|D|"; cp -l a hl; stat -c %h a; cp --parents bin/prog dirs; find dirs | sort; cp -u a b3; cp -n z a; cat a; mv -n z a; ls z; mv -b a b3 2>/dev/null; ls b3*
mkdir m; mkdir m 2>/dev/null; echo $?; mkdir -m 711 m2; stat -c %a m2; mkfifo -m 600 p; stat -c '%F %a' p; sync; df . >/dev/null && echo df; du -s --apparent-size bin >/dev/null && echo du
t=$(mktemp); [ -f "$t" ] && stat -c '%a' "$t"; rm "$t"; t=$(mktemp -d tmp.XXX -p .); [ -d "$t" ] && echo made; rmdir "$t"; mktemp -u nothing.XXXXXX | wc -c
tee t1 t2 <b3 | cat; tee -a t1 <b3 >/dev/null; wc -l <t1; link t1 t3; unlink t3; ls t3 2>/dev/null || echo gone; pathchk a/b && echo valid; shred -u t2 2>/dev/null; ls t2 2>/dev/null || echo shredded
[ -L soft ] && [ ! -e broken ] && [ -h broken ] && [ -p p ] && [ -s b3 ] && [ ! -s /dev/null ] && [ -c /dev/null ] && [ -w . ] && [ b3 -ef ./b3 ] && echo tests
chmod 000 t1; stat -c %A t1; chmod -R 755 .; cd /; rm -rf "$d"; [ -e "$d" ] || echo removed
