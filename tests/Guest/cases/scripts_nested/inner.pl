#!/usr/bin/perl -w
print "inner: $0 @ARGV\n"; print `./last.awk </etc/passwd`; exit 40;
