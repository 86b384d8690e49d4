#!/bin/sh
# find and xargs: tests, actions, pruning, depth, links, exec forms, printf, null bytes, sizes.
d=$(mktemp -d); cd "$d"
mkdir -p a/b/c e 'sp ace'; for f in a/1.txt a/b/2.txt a/b/c/3.c e/4.c 'sp ace/5 x.txt'; do echo "$f" >"$f"; done
: >empty; head -c 5000 /dev/zero >big; ln -s a link; ln -s none broken; mkfifo fifo; touch -d '2000-01-01' ancient; chmod 600 e/4.c
find . | sort; find . -type f -name '*.txt' | sort; find . -type d | sort; find . -type l | sort; find . -type p; find . -empty | sort
find . -size +4k; find . -size -2 -type f | sort; find . -newer ancient -type f | sort | head -n 2; find . ! -newermt 2010-01-01; find . -perm 600 | sort; find . -perm -u=rw -type f | wc -l
find . -maxdepth 1 | sort; find . -mindepth 3 | sort; find . -path './a/*' -prune -o -print | sort; find a -depth | tail -n 1
find . -name '*.c' -exec echo found {} \; | sort; find . -name '*.txt' -exec echo {} + | tr ' ' '\n' | wc -l; find . -name '*.c' -execdir echo {} \; | sort; find a -type f -printf '%f %s %m %d %P\n' | sort
find . -iname '*.TXT' | wc -l; find . -regex '.*/[0-9]\.c' | sort; find . \( -name '1*' -o -name '2*' \) -print | sort; find . -name '*.txt' -not -path '*sp*' | sort; find -L link -name '1.txt'; find -L . -maxdepth 1 -type l; find . -samefile empty
find . -type f -print0 | xargs -0 wc -c | tail -n 1; find . -name '*.c' | xargs cat | sort; find . -type f -print0 | sort -z | xargs -0 -n 2 echo; find . -links 2 -type d | wc -l >/dev/null
seq 10 | xargs; seq 10 | xargs -n 3; seq 3 | xargs -I{} echo '<{}>'; printf 'a b\nc\n' | xargs -L 1 echo line; printf "'q u' \"d q\" e\\\\ s" | xargs -n 1; echo | xargs echo none; echo | xargs -r echo never; seq 3 | xargs -t echo 2>&1; printf 'a,b,c' | xargs -d, echo
echo 1 | xargs sh -c 'exit 3'; echo $?; echo 1 | xargs sh -c 'exit 255' 2>/dev/null; echo $?; echo 1 | xargs no-such-command 2>/dev/null; echo $?; echo 1 | xargs sh -c 'kill -TERM $$' 2>/dev/null; echo $?
seq 2000 | xargs -s 2000 echo | wc -l; seq 50000 | xargs echo | wc -w
find . -name 'empty' -delete; find . -name empty | wc -l; find nowhere 2>/dev/null; echo $?; find . -type f -quit; find . -name '*.txt' | sed 's|.*/||' | sort
cd /; rm -r "$d"
