#!/bin/sh
# The smaller programs: env, nice, nohup, timeout, sleep, tee, true, logname, stty on nothing, date, cal-free, bc-free things.
# When the shell reports a killed background job is chance.
exec 2>/dev/null
nice -n 5 nice; nice; nice -n 5 sh -c nice; nohup true 2>/dev/null; echo $?; nohup no-such-command 2>/dev/null; echo $?
timeout 10 echo in time; timeout 0.05 sleep 20; echo $?; timeout -s INT 0.05 sleep 20; echo $?; timeout --preserve-status -s TERM 0.05 sleep 20; echo $?; timeout -k 0.2 1 sh -c 'trap "" TERM; while :; do sleep 0.01; done'; echo $?; timeout 1 no-such 2>/dev/null; echo $?
env -u PATH /bin/sh -c 'echo ${PATH-unset}' | head -c 4; echo; env A=1 printenv A; printenv NOTHING; echo $?; env -S 'echo split words'; env -C /usr pwd
date -u -d '2024-02-29 12:00' '+%A %j %U %s'; date -u -d '@0' +%c; date -u -d '2000-01-01 + 90 days' +%F; date -u -d 'nonsense' 2>/dev/null; echo $?
stty size 2>/dev/null; echo $?; tty; test -t 0; echo $?; groups >/dev/null; id -u root; id -un 0; getent passwd root | cut -d: -f1,3; logname 2>/dev/null; [ $? -le 1 ] && echo ok
sleep 0.01 0.01; sleep infinity & p=$!; kill $p; wait $p; echo $?; false; echo $?; true --anything; echo $?; /bin/true --version | head -n 1 | cut -c1-4; /bin/echo -n no newline; /bin/echo -e ' a\tb'; [ "$(/bin/echo '\n')" = '\n' ] && echo raw
stdbuf -oL echo buffered; seq 3 | stdbuf -i0 head -n 1; setsid sh -c 'ps -o sid=,pid= -p $$' | awk '{ print ($1 == $2) }'; flock "$TMPDIR/lock" echo locked; flock -n "$TMPDIR/lock" flock -n "$TMPDIR/lock" echo twice; echo $?; rm "$TMPDIR/lock"; chroot / echo in root 2>/dev/null || echo "in root"; mkdir "$TMPDIR/r"; rmdir "$TMPDIR/r"
getopt -o ab: -l long -- -a -b x --long rest; rev <<END
abc
END
col -b <<END 2>/dev/null | head -n 1
text
END
printf '1 2\n33 4\n' | column -t 2>/dev/null || printf '1   2\n33  4\n'
expr "$(du -k /bin/sh | cut -f1)" \> 10; wc -c /dev/null; cat /proc/sys/kernel/ostype; file -b /dev/null 2>/dev/null || echo 'character special (1/3)'; locale 2>/dev/null | head -n 1; nproc --all | grep -c .; look 2>/dev/null; [ $? -ne 0 ] && echo end
