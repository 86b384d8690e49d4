#!/bin/bash
# The README's first command and some like it.
bash -c "for i in 3 1 2; do echo \$i; done | sort | tee $TMPDIR/x | wc -l; cat $TMPDIR/x"; rm "$TMPDIR/x"
bash -c 'echo $0 $1 $2' a b c; bash -c 'echo "${BASH_VERSINFO[0]}" | grep -c "^[0-9]"'; bash --version | head -n 1 | cut -d, -f1
echo 'echo from stdin $((6 * 7))' | bash; bash -s x y <<<'echo $2 $1'; bash -e -c 'false; echo never'; echo $?; bash -c 'exit 200'; echo $?
bash --norc --noprofile -c 'shopt -q login_shell || echo "no login shell"'; { bash -c 'kill -9 $$'; echo $?; } 2>/dev/null
