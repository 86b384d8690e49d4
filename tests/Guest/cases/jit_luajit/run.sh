#!/bin/sh
# Code that a just-in-time compiler makes and links anew while it runs: LuaJIT, with callbacks from C.
# needs: luajit
luajit -e '
local t = {}
for i = 1, 200000 do t[i % 1000 + 1] = (t[i % 1000 + 1] or 0) + i * 1.5 end
local s = 0
for i = 1, 1000 do s = s + t[i] end
print(s, string.format("%x", bit.bxor(12345, 777)), (jit.status()))
local ffi = require("ffi")
ffi.cdef[[void qsort(void *base, size_t count, size_t size, int (*compare)(const int *, const int *));]]
local numbers = ffi.new("int[50]")
for i = 0, 49 do numbers[i] = i * 37 % 50 end
ffi.C.qsort(numbers, 50, 4, ffi.cast("int (*)(const int *, const int *)", function(a, b) return a[0] - b[0] end))
for i = 0, 49 do assert(numbers[i] == i) end
for round = 1, 60 do
    local f = load("local n = 0; for i = 1, 300 do n = n + i % " .. round .. " + 1 end; return n")
    io.write(f(), round % 20 == 0 and "\n" or " ")
end'
