#!/bin/sh
# g++: a program of two files with exceptions, iostream and templates, compiled and run.
# needs: g++
# timeout: 300
g++ -std=c++17 main.cc shape.cc -o shapes || exit 1
echo "a b a c a" | ./shapes 2>err; echo "status $?"; cat err
rm -f shapes err
