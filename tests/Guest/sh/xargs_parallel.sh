#!/bin/sh
# xargs -P: as many at once as asked for, every one runs, statuses count, output of each line stays whole.
d=$(mktemp -d); cd "$d"
seq 1 40 | xargs -P 4 -I{} sh -c 'echo "job {}"' | sort -k2n | cksum
seq 1 60 | xargs -P 8 -n 7 echo | wc -w
seq 1 20 | xargs -P 5 -n 1 sh -c 'echo $((${0} * ${0})) >f$0'; cat f* | sort -n | tail -n 2; ls f* | wc -l; rm f*
seq 1 9 | xargs -P 3 -n 1 sh -c '[ $0 -ne 5 ]'; echo "status $?"
# Four at once pass a gate that opens only when all four have come.
mkfifo gate
(exec 3<>gate; seq 1 4 | xargs -P 4 -n 1 sh -c 'echo $0 >here.$0; i=0; while [ $(ls here.* | wc -l) -lt 4 ]; do i=$((i+1)); done; echo "passed $0"' | sort); ls here.*
seq 1 30 | xargs -P 0 -n 1 echo | sort -n | tr '\n' ' '; echo
seq 1 100 | xargs -P 3 -n 10 sh -c 'for i; do echo $i; done' sh | sort -n | uniq | wc -l
cd /; rm -r "$d"
