#!/usr/bin/python3
# ctypes calling libc and libm, callbacks from C, resource limits, faulthandler, time, datetime, logging, argparse, unittest.
import argparse, ctypes, datetime, faulthandler, io, logging, os, resource, signal, subprocess, sys, time, unittest

libc = ctypes.CDLL(None, use_errno=True)
print(libc.abs(-5), libc.strlen(b"hello"), libc.getpid() == os.getpid(), libc.open(b"/no/such", 0), os.strerror(ctypes.get_errno()))
libm = ctypes.CDLL("libm.so.6"); libm.pow.restype = ctypes.c_double; libm.pow.argtypes = [ctypes.c_double] * 2; print(libm.pow(2, 10))
CMP = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
a = (ctypes.c_int * 6)(5, 2, 9, 1, 7, 3); libc.qsort(a, 6, 4, CMP(lambda x, y: x[0] - y[0])); print(list(a))
class S(ctypes.Structure):
    _fields_ = [("a", ctypes.c_char), ("b", ctypes.c_int), ("c", ctypes.c_double)]
print(ctypes.sizeof(S), S.b.offset, bytes(S(b"x", 1, 0.5)).hex(), ctypes.cast(ctypes.create_string_buffer(b"text"), ctypes.c_char_p).value)
buf = ctypes.create_string_buffer(50); libc.snprintf(buf, 50, b"%d %s %.2f", 42, b"str", ctypes.c_double(3.14159)); print(buf.value)
print(resource.getrlimit(resource.RLIMIT_CORE)[0], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 1000, resource.getpagesize())
code = "import resource; resource.setrlimit(resource.RLIMIT_AS, (300 << 20, 300 << 20))\ntry:\n  x = bytearray(500 << 20)\nexcept MemoryError: print('MemoryError')"
print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip())
r = subprocess.run([sys.executable, "-X", "faulthandler", "-c", "import ctypes; ctypes.string_at(16)"], capture_output=True, text=True); print(r.returncode, r.stderr.splitlines()[0])
print(datetime.datetime(2024, 2, 29, 12) + datetime.timedelta(days=366), datetime.datetime.fromtimestamp(10 ** 9, datetime.timezone.utc).isoformat(), datetime.date(2024, 12, 30).isocalendar()[1], time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(0)), time.strptime("5 Mar 2020", "%d %b %Y").tm_yday, time.localtime(0).tm_hour)
t = time.monotonic(); time.sleep(0.02); print(time.monotonic() - t >= 0.02, time.time() > 1.7e9, time.process_time() > 0, time.perf_counter_ns() > 0, time.get_clock_info("monotonic").monotonic)
s = io.StringIO(); logging.basicConfig(stream=s, level=logging.INFO, format="%(levelname)s:%(name)s:%(message)s"); logging.getLogger("x").warning("careful %d", 5); logging.debug("no"); print(s.getvalue())
p = argparse.ArgumentParser(prog="p"); p.add_argument("--n", type=int, default=1); p.add_argument("rest", nargs="*"); print(p.parse_args(["--n", "5", "a", "b"]), p.format_usage())
class T(unittest.TestCase):
    def test_ok(self): self.assertEqual(1 + 1, 2)
    def test_bad(self): self.fail("on purpose")
    @unittest.skip("later")
    def test_skip(self): pass
r = unittest.TextTestRunner(stream=io.StringIO()).run(unittest.defaultTestLoader.loadTestsFromTestCase(T)); print(r.testsRun, len(r.failures), len(r.skipped))
pid = os.fork()
if pid == 0:
    signal.alarm(1); resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))
    try:
        l = [open("/dev/null") for _ in range(20)]
    except OSError as e:
        os._exit(e.errno)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
