#!/usr/bin/python3
# multiprocessing: fork and spawn, queues, pipes, pools, shared values, locks, managers left out, exit codes.
# timeout: 120
import multiprocessing as mp, os, signal, sys, time

def square(x): return x * x
def put(q, n): q.put((n, os.getpid() != os.getppid()))
def echo(c):
    while (m := c.recv()) != "stop":
        c.send(m * 2)
    c.close()
def add(v, a, l):
    for i in range(200):
        with l:
            v.value += 1
            a[i % 5] += 1
def fail(code): sys.exit(code)
def raises():
    sys.stderr = open(os.devnull, "w")
    raise ValueError("x")
def forever(e): e.set(); time.sleep(1000)
def wait_event(e, q): q.put(e.wait(20))

if __name__ == "__main__":
    mp.set_start_method("fork")
    q = mp.Queue()
    ps = [mp.Process(target=put, args=(q, i)) for i in range(4)]
    [p.start() for p in ps]
    print(sorted(q.get() for _ in range(4)))
    [p.join() for p in ps]; print([p.exitcode for p in ps])
    a, b = mp.Pipe()
    p = mp.Process(target=echo, args=(b,)); p.start()
    for m in [1, "ab", [1, 2]]:
        a.send(m); print(a.recv())
    a.send("stop"); p.join(); print(p.exitcode)
    v, arr, lock = mp.Value("i", 0), mp.Array("i", 5), mp.Lock()
    ps = [mp.Process(target=add, args=(v, arr, lock)) for _ in range(4)]
    [p.start() for p in ps]; [p.join() for p in ps]
    print(v.value, arr[:])
    with mp.Pool(3) as pool:
        print(pool.map(square, range(10)), pool.apply(square, (12,)), list(pool.imap(square, range(3))), pool.starmap(pow, [(2, 3), (3, 2)]))
        r = pool.apply_async(square, ("x",))
        try:
            r.get(20)
        except TypeError as e:
            print("TypeError")
    for target, args in [(fail, (3,)), (raises, ()), (os._exit, (9,)), (os.abort, ())]:
        p = mp.Process(target=target, args=args); p.start(); p.join(); print(p.exitcode)
    e = mp.Event()
    p = mp.Process(target=forever, args=(e,)); p.start(); e.wait(); print(p.is_alive()); p.terminate(); p.join(); print(p.exitcode == -signal.SIGTERM)
    e = mp.Event(); p = mp.Process(target=wait_event, args=(e, q)); p.start(); e.set(); print(q.get()); p.join()
    ctx = mp.get_context("spawn")
    sq = ctx.Queue(); p = ctx.Process(target=put, args=(sq, 7)); p.start(); print(sq.get()); p.join(); print(p.exitcode)
    s = mp.Semaphore(1); print(s.acquire(timeout=1), s.acquire(timeout=0.01)); s.release(); print(len(mp.active_children()), mp.current_process().name)
