#!/bin/sh
# Code that a just-in-time compiler makes, optimises and throws away: V8.
# needs: node
# timeout: 240
node -e '
const a = [];
for (let i = 0; i < 300000; i++) a[i % 1000] = (a[i % 1000] || 0) + i * 1.5;
console.log(a.reduce((x, y) => x + y), JSON.stringify({ a: [1, 2, { b: 3 }] }), /a(b+)c/.exec("xabbbc")[1]);
function shape(o) { return o.x + (o.y || 0); }
let sum = 0;
for (let i = 0; i < 50000; i++) sum += shape(i % 1000 == 999 ? { y: 1, x: "2" }.x.length : { x: i }) || 0;
console.log(sum);
for (let n = 1; n < 40; n++) sum += new Function("k", `let s = 0; for (let i = 0; i < 2000; i++) s += i * k % ${n}; return s`)(n);
console.log(sum);
Promise.resolve(7).then(v => console.log(v, [5, 3, 9].sort().join()));'
