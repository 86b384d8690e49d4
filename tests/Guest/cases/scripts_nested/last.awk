#!/usr/bin/awk -f
BEGIN { FS = ":" } $3 == 0 { print "awk found", $1 }
