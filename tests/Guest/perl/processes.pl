#!/usr/bin/perl
# fork, wait, exec, system, backticks, pipes by open, exit codes, signals, POSIX, sessions, select on handles.
# status: 9
use strict; use warnings; use POSIX qw(:sys_wait_h :signal_h setsid _exit dup2 pause ttyname); use Errno;
$| = 1; my $main = $$;
my $pid = fork() // die; if (!$pid) { exit 7 } waitpid($pid, 0); print "exit ", $? >> 8, "\n";
$pid = fork(); if (!$pid) { kill 'TERM', $$; sleep 5 } waitpid($pid, 0); print "signal ", $? & 127, "\n";
print "system ", system("exit 3;") >> 8, " ", system("sh", "-c", "kill -9 \$\$") & 127, " ", system("/no/such/program 2>/dev/null") >> 8, "\n";
my $out = `echo text; exit 4`; print "backticks $out", $? >> 8, "\n"; my @lines = `seq 5`; print scalar(@lines), " $lines[4]";
open(my $in, '-|', 'printf "a\nb\n"') or die; print "read $_" while <$in>; close $in; print "close $?\n";
open(my $to, '|-', 'tr a-z A-Z; exit 2') or die; print $to "to a pipe\n"; close $to; print "status ", $? >> 8, "\n";
$pid = open(my $kid, '-|') // die; if (!$pid) { print "from the child\n"; exit 5 } print "got ", <$kid>; close $kid; print $? >> 8, "\n";
pipe(my $r, my $w) or die; my @pids = map { my $n = $_; my $p = fork(); if (!$p) { syswrite $w, "$n"; _exit($n) } $p } 1 .. 5;
my $sum = 0; for (@pids) { waitpid($_, 0); $sum += $? >> 8 } sysread $r, my $buf, 100; print "sum $sum ", join('', sort split //, $buf), "\n";
print "no child ", wait(), " ", $!{ECHILD} ? "ECHILD" : "?", "\n"; $pid = fork(); if (!$pid) { sleep 100 while 1 } print waitpid($pid, WNOHANG), "\n"; kill 'STOP', $pid; print "stopped ", waitpid($pid, WUNTRACED) == $pid ? 1 : 0, " ", waitpid($pid, WNOHANG | WUNTRACED), "\n"; kill 'KILL', $pid; waitpid($pid, 0); print WIFSIGNALED($?) ? 1 : 0, " ", WTERMSIG($?), "\n";
$pid = fork(); if (!$pid) { exec 'sh', '-c', 'echo from exec; exit 6' or die } waitpid($pid, 0); print $? >> 8, "\n"; { no warnings; print exec('/no/such') ? 1 : 0, " $!\n"; }
$pid = fork(); if (!$pid) { setsid(); _exit(getpgrp() == $$ ? 0 : 1) } waitpid($pid, 0); print "setsid $?\n"; { local %ENV = (A => 1, PATH => $ENV{PATH}); print `sh -c 'echo \$A'` } local $SIG{CHLD} = 'IGNORE'; $pid = fork(); _exit(1) if !$pid; print waitpid($pid, 0), "\n"; $SIG{CHLD} = 'DEFAULT';
my $depth = 0; sub tree { my $d = shift; return 1 if !$d; my $t = 1; for (1, 2) { my $p = open(my $k, '-|'); if (!$p) { print tree($d - 1); exit 0 } $t += <$k>; close $k } return $t } print "tree ", tree(4), "\n"; print "times ", (times)[0] >= 0 ? 1 : 0, " $0" =~ /processes/ ? " name" : "", " ", getppid() > 0, "\n"; open(STDERR, '>&', \*STDOUT); print STDERR "joined\n"; system("echo also >&2"); END { if ($$ == $main) { print "end block $?\n"; $? = 9 } } exit 1;
