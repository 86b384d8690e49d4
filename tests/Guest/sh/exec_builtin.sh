#!/bin/sh
# exec: replacing the shell, its environment and descriptors; failing ones; shells in shells.
sh -c 'exec echo replaced; echo never'
sh -c 'exec /no/such/program; echo never' 2>/dev/null; echo "status $?"
sh -c 'exec /etc/passwd; echo never' 2>/dev/null; echo "status $?"
sh -c 'exec 2>/dev/null; exec no-such-command-here'; echo "status $?"
sh -c 'A=1 exec sh -c "echo A=\$A"'
sh -c 'exec env -i B=2 sh -c "echo [\$A] [\$B]"'
sh -c 'p=$$; exec sh -c "[ \$\$ = $p ] && echo same pid"'
sh -c 'exec >/dev/null; echo hidden'; echo shown
sh -c 'trap "echo kept" EXIT; exec true'; echo "no trap after exec"
sh -c 'cd /usr; umask 027; exec sh -c "pwd; umask"'
sh -c 'exec sh -c "exec sh -c \"exec echo deep\""'
echo 'echo "args $# $*"' | sh -s a b c
sh -c 'echo "$0 $1"' zero one
command -v sh >/dev/null && echo found
command no-such-command 2>/dev/null; echo "status $?"
env -i /bin/sh -c 'echo "PATH is ${PATH:+set}"'
env A=b C=d sh -c 'echo $A $C'
eval 'x=5; echo $((x * 2))'
. /dev/null && echo "sourced nothing"
printf 'y=7\nreturn 3\necho never\n' >"$TMPDIR/lib"; . "$TMPDIR/lib"; echo "$? $y"; rm "$TMPDIR/lib"
type cd | head -n 1
