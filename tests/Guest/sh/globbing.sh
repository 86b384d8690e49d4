#!/bin/sh
# Globbing and case patterns against real files: order, hidden files, brackets, directories, no match, quoting.
d=$(mktemp -d); cd "$d"
touch a b c ab abc B .hidden 1 2 10 'with space' 'star*' '[x]' e.txt f.txt
mkdir dir dir/sub; touch dir/x dir/y dir/sub/z
echo *; echo .h*; echo ?; echo ??; echo [a-c]; echo [!a-c]; echo [[:digit:]]*; echo *.txt; echo *' '*
echo dir/*; echo */*; echo */; echo */*/*; echo d*/s*/z
echo 'star*'; echo star\*; echo "*"; echo \[x]; echo none*; echo [z]*
for f in *.txt; do echo "${f%.txt}"; done
set -- *; echo $#
set -f; echo *; set +f
x='*.txt'; echo $x; echo "$x"
case "e.txt" in *.c) echo c;; e.*|f.*) echo text;; esac
case "[x]" in '[x]') echo literal;; esac
case abc in a[bx]c) echo bracket;; esac
case a/b in *) echo slash matches;; esac
case "" in "") echo empty;; *) echo other;; esac
case -x in -[xy]) echo option;; esac
for f in .*; do case $f in .|..) ;; *) echo "$f";; esac; done
rm -f *.txt; ls
rm -r "$d"/* ; echo "$d"/* | sed "s|$d||"; rm "$d"/.hidden
i=0; while [ $i -lt 300 ]; do : >"file$i"; i=$((i + 1)); done
set -- file*; echo $# $1 $300
set -- file[0-9][0-9]; echo $#
rm file*; cd /; rmdir "$d"
