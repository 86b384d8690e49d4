#!/bin/sh
# A program's file is written over, in place and by another file of its name: what runs is what is there now.
cp /bin/true x
./x; echo $?
./x; echo $?
cat /bin/false > x
./x; echo $?
./x; echo $?
cat /bin/true > x
for i in 1 2 3; do ./x; echo $?; done
cp /bin/false y
mv y x
./x; echo $?
dd if=/bin/true of=x conv=notrunc 2>/dev/null
./x; echo $?
