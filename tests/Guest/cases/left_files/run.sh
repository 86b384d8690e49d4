#!/bin/sh
# What a guest leaves behind in a directory that is written through: names, kinds, modes, contents, links.
umask 022
echo plain >plain; printf 'a\0b' >binary; mkdir -p dir/sub; echo x >dir/sub/deep; chmod 700 dir/sub; chmod 4755 plain; ln -s plain soft; ln -s /no/where dangling; ln plain hard; mkfifo fifo; : >empty; seq 1 5000 >large; cp large copy; mv copy moved; echo tail >>moved; rm large
printf 'x%.0s' $(seq 200) >"name with spaces"; touch .hidden "ünï" 'quo"te'; truncate -s 10000 sparse; dd if=/dev/zero of=sparse bs=1 count=1 seek=5000 conv=notrunc 2>/dev/null; mkdir empty-dir; rm -f run.sh.bak; sed -i s/plain/PLAIN/ plain; chmod 000 binary; mkdir sticky; chmod 1777 sticky; echo over >dir/over; echo written >dir/over; (cd dir && ln -s ../plain up); python3 -c 'open("py", "w").write("py")' 2>/dev/null || printf py >py; sort -o sorted moved; ls -a | wc -l
