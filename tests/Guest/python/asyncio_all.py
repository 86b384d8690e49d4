#!/usr/bin/python3
# asyncio: tasks, time-outs, queues, locks, subprocesses, Unix streams, signals, executors, cancellation.
import asyncio, os, signal, sys, tempfile

async def work(n, log):
    for i in range(3):
        await asyncio.sleep(0)
        log.append((n, i))
    return n * n

async def main():
    log = []
    print(await asyncio.gather(*(work(n, log) for n in range(4))), log[:5], len(log))
    try:
        await asyncio.wait_for(asyncio.sleep(100), 0.02)
    except asyncio.TimeoutError:
        print("timed out")
    q = asyncio.Queue(2)
    async def producer():
        for i in range(6):
            await q.put(i)
        await q.put(None)
    task = asyncio.create_task(producer()); got = []
    while (x := await q.get()) is not None:
        got.append(x)
    print(got); await task
    p = await asyncio.create_subprocess_exec("cat", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    print(await p.communicate(b"x" * 200000) == (b"x" * 200000, None), p.returncode)
    ps = [await asyncio.create_subprocess_shell(f"exit {i}") for i in range(5)]
    print([await p.wait() for p in ps])
    p = await asyncio.create_subprocess_exec("sleep", "100"); p.kill(); print(await p.wait())
    d = tempfile.mkdtemp(); path = os.path.join(d, "s")
    async def serve(r, w):
        while line := await r.readline():
            w.write(line.upper()); await w.drain()
        w.close()
    server = await asyncio.start_unix_server(serve, path)
    async def client(n):
        r, w = await asyncio.open_unix_connection(path)
        out = []
        for i in range(3):
            w.write(f"client {n} line {i}\n".encode()); out.append(await r.readline())
        w.close(); await w.wait_closed()
        return out[-1]
    print(await asyncio.gather(*(client(n) for n in range(5))))
    server.close(); await server.wait_closed(); os.unlink(path) if os.path.exists(path) else None; os.rmdir(d)
    got = asyncio.Event(); asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, got.set)
    os.kill(os.getpid(), signal.SIGUSR1); await asyncio.wait_for(got.wait(), 10); print("signal")
    print(await asyncio.get_running_loop().run_in_executor(None, sum, range(1000)), await asyncio.to_thread(max, [3, 9, 2]))
    async def cancelled():
        try:
            await asyncio.sleep(1000)
        finally:
            print("cleaned up")
    t = asyncio.create_task(cancelled()); await asyncio.sleep(0); t.cancel()
    try:
        await t
    except asyncio.CancelledError:
        print("cancelled", t.cancelled())
    lock, order = asyncio.Lock(), []
    async def locked(n):
        async with lock:
            order.append(n); await asyncio.sleep(0); order.append(n)
    await asyncio.gather(*(locked(n) for n in range(3))); print(order)
    done, pending = await asyncio.wait([asyncio.create_task(asyncio.sleep(t, t)) for t in (0.001, 50)], return_when=asyncio.FIRST_COMPLETED)
    print([t.result() for t in done], len(pending)); [t.cancel() for t in pending]
    async with asyncio.timeout(10) if sys.version_info >= (3, 11) else lock:
        loop = asyncio.get_running_loop(); f = loop.create_future(); loop.call_later(0.01, f.set_result, "later"); print(await f)
asyncio.run(main())
