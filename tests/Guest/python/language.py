#!/usr/bin/python3
# The interpreter itself: classes, generators, exceptions, closures, recursion, comprehension, garbage, compile, imports, tracebacks.
# status: 3
import abc, collections, contextlib, copy, dataclasses, enum, functools, gc, heapq, importlib, inspect, io, itertools, operator, sys, traceback, types, typing, weakref

def fib():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b
print(list(itertools.islice(fib(), 20)), sum(x * x for x in range(1000) if x % 3), {k: v for k, v in zip("abc", range(3))}, sorted({3, 1, 2}))
class Meta(type):
    def __new__(m, n, b, d): d["made"] = n.lower(); return super().__new__(m, n, b, d)
class Base(metaclass=Meta):
    def __getattr__(self, n): return f"no {n}"
    def __enter__(self): return self
    def __exit__(self, *a): print("exit", a[0] and a[0].__name__); return True
class Sub(Base):
    __slots__ = ("x",)
    @property
    def prop(self): return 5
    @staticmethod
    def s(): return "static"
    @classmethod
    def c(cls): return cls.__name__
with Sub() as s:
    print(s.prop, s.s(), s.c(), s.made, s.unknown, Sub.__mro__[1].__name__); raise ValueError
@dataclasses.dataclass(order=True)
class P:
    x: int
    y: list = dataclasses.field(default_factory=list)
print(P(1), P(1) < P(2), dataclasses.asdict(P(3, [4])), enum.Enum("E", "A B").B.value, collections.Counter("mississippi").most_common(2), collections.deque(range(5), 3), collections.OrderedDict(a=1), collections.namedtuple("N", "a b")(1, 2))
@functools.lru_cache(None)
def f(n): return n if n < 2 else f(n - 1) + f(n - 2)
print(f(100), functools.reduce(operator.mul, range(1, 10)), list(itertools.permutations("abc", 2))[:3], list(itertools.combinations(range(4), 2)), list(itertools.accumulate([1, 2, 3])), [list(g) for k, g in itertools.groupby("aabbb")])
def rec(n): return 0 if n == 0 else 1 + rec(n - 1)
print(rec(800))
try:
    rec(10 ** 6)
except RecursionError as e:
    print("RecursionError")
def gen():
    try:
        x = yield 1
        print("sent", x)
        yield from [2, 3]
    finally:
        print("closed")
g = gen(); print(next(g), g.send("v"), next(g)); g.close()
try:
    try:
        {}["k"]
    except KeyError as e:
        raise RuntimeError("outer") from e
except RuntimeError as e:
    print("".join(traceback.format_exception(e)).replace(__file__, "FILE"))
class Node: pass
a = Node(); a.me = a; r = weakref.ref(a); del a; print(gc.collect() > 0, r() is None)
print(eval(compile("[i ** 2 for i in range(5)]", "c", "eval")), type(lambda: 0).__name__, inspect.signature(rec), copy.deepcopy([[1], {2: [3]}]), sys.getsizeof(0) > 0, sys.byteorder, sys.maxsize)
m = types.ModuleType("m"); exec("def g(): return 42", m.__dict__); print(m.g(), importlib.import_module("json").__name__)
h = [5, 1, 4]; heapq.heapify(h); print(heapq.heappop(h), heapq.nsmallest(2, h)); l = [[i, -i] for i in range(5)]; l.sort(key=lambda p: p[1]); print(l, l[::2], l[-1])
match {"kind": "point", "xy": (1, 2)}:
    case {"kind": "point", "xy": (x, y)} if x < y:
        print("matched", x, y)
big = {i: str(i) for i in range(30000)}; print(len(big), sum(len(v) for v in big.values())); s = "".join(chr(97 + i % 26) for i in range(5000)); print(s.count("abc"), s.find("xyz"), hash((1, 2)) == hash((1, 2)), b"abc"[1], bytearray(b"ab") + b"c", memoryview(b"hello")[1:3].tobytes())
print(*map(str.upper, "abc"), sep="-", end="!\n"); print(any([0, 1]), all([]), min("b", "a"), divmod(7, 2), round(2.5), isinstance(1, int), callable(print), [*range(3)], {**{1: 2}}, (lambda *a, **k: (a, k))(1, x=2))
with contextlib.redirect_stdout(io.StringIO()) as o:
    print("captured")
print(repr(o.getvalue())); sys.stderr.write("to stderr\n"); sys.exit(3)
