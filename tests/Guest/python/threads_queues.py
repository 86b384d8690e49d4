#!/usr/bin/python3
# threading, queue, concurrent.futures, locks, events, conditions, semaphores, barriers, timers, thread-local data.
import concurrent.futures, queue, sys, threading, time

total, lock = 0, threading.Lock()
def add(n):
    global total
    for _ in range(n):
        with lock:
            total += 1
threads = [threading.Thread(target=add, args=(2000,)) for _ in range(6)]
[t.start() for t in threads]; [t.join() for t in threads]
print(total, threading.active_count())
q, results = queue.Queue(maxsize=5), queue.Queue()
def worker():
    while (item := q.get()) is not None:
        results.put(item * item)
        q.task_done()
workers = [threading.Thread(target=worker) for _ in range(4)]
[w.start() for w in workers]
for i in range(300):
    q.put(i)
q.join()
[q.put(None) for _ in workers]; [w.join() for w in workers]
print(results.qsize(), sum(results.get() for _ in range(300)))
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    print(list(pool.map(lambda x: x ** 3, range(10))))
    f = pool.submit(lambda: 1 / 0)
    print(type(f.exception()).__name__)
    print(sorted(f.result() for f in concurrent.futures.as_completed([pool.submit(pow, 2, i) for i in range(8)])))
event, log = threading.Event(), []
t = threading.Thread(target=lambda: (event.wait(), log.append("released")))
t.start(); print(event.wait(0.01), log); event.set(); t.join(); print(log)
cond, items = threading.Condition(), []
def consumer():
    with cond:
        cond.wait_for(lambda: len(items) == 3)
        items.append("seen")
t = threading.Thread(target=consumer); t.start()
for i in range(3):
    with cond:
        items.append(i); cond.notify()
t.join(); print(items)
barrier, order = threading.Barrier(3), []
def phase(n):
    order.append(0); barrier.wait(); order.append(1); barrier.wait(); order.append(2)
ts = [threading.Thread(target=phase, args=(i,)) for i in range(3)]
[t.start() for t in ts]; [t.join() for t in ts]; print(order)
sem, peak, now = threading.Semaphore(2), 0, 0
def limited():
    global peak, now
    with sem:
        with lock:
            now += 1; peak = max(peak, now)
        time.sleep(0.002)
        with lock:
            now -= 1
ts = [threading.Thread(target=limited) for _ in range(10)]; [t.start() for t in ts]; [t.join() for t in ts]; print(peak <= 2, now)
local = threading.local(); local.x = 1
t = threading.Thread(target=lambda: print(hasattr(local, "x"))); t.start(); t.join()
fired = threading.Event(); timer = threading.Timer(0.01, fired.set); timer.start(); print(fired.wait(10)); threading.Timer(100, print).cancel()
r = threading.RLock(); r.acquire(); r.acquire(); r.release(); r.release(); print(lock.acquire(timeout=1), lock.acquire(timeout=0.01), lock.release())
errors = []
threading.excepthook = lambda a: errors.append(a.exc_type.__name__)
t = threading.Thread(target=lambda: [][1]); t.start(); t.join(); print(errors)
d = threading.Thread(target=time.sleep, args=(1000,), daemon=True); d.start(); print(d.is_alive(), d.daemon, threading.main_thread() is threading.current_thread())
deep = []
threading.stack_size(512 * 1024)
def recurse(n): return n and recurse(n - 1)
t = threading.Thread(target=lambda: deep.append(recurse(500))); t.start(); t.join(); print(deep)
