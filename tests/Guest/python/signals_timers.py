#!/usr/bin/python3
# signal: handlers, alarms, timers, masks, wakeup descriptors, default actions, KeyboardInterrupt.
import os, select, signal, sys, time

seen = []
def handler(number, frame):
    seen.append(signal.Signals(number).name)

signal.signal(signal.SIGUSR1, handler)
signal.signal(signal.SIGALRM, handler)
os.kill(os.getpid(), signal.SIGUSR1)
print(seen)
signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
while seen.count("SIGALRM") < 3:
    signal.pause()
print(signal.setitimer(signal.ITIMER_REAL, 0)[1])
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
os.kill(os.getpid(), signal.SIGUSR1)
print(sorted(s.name for s in signal.sigpending()), seen.count("SIGUSR1"))
print(signal.sigwait([signal.SIGUSR1]).name)
print(signal.sigtimedwait([signal.SIGUSR1], 0.01))
os.kill(os.getpid(), signal.SIGUSR1)
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
print(seen.count("SIGUSR1"))
try:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)
except KeyboardInterrupt:
    print("interrupted")
r, w = os.pipe()
os.set_blocking(w, False)
signal.set_wakeup_fd(w)
os.kill(os.getpid(), signal.SIGUSR1)
print(select.select([r], [], [], 5)[0] == [r], os.read(r, 1)[0] == signal.SIGUSR1)
signal.set_wakeup_fd(-1)
print(signal.getsignal(signal.SIGUSR1) is handler, signal.getsignal(signal.SIGTERM) == signal.SIG_DFL)
# A sleep goes on after a handler (PEP 475).
signal.setitimer(signal.ITIMER_REAL, 0.02)
start = time.monotonic()
time.sleep(0.1)
print(time.monotonic() - start >= 0.1)
class Alarm(Exception):
    pass
def raises(number, frame):
    raise Alarm
signal.signal(signal.SIGALRM, raises)
signal.setitimer(signal.ITIMER_REAL, 0.02)
try:
    os.read(r, 1)
except Alarm:
    print("read given up")
sys.stdout.flush()
pid = os.fork()
if pid == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.kill(os.getpid(), signal.SIGTERM)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(5)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
signal.siginterrupt(signal.SIGUSR1, False)
print(signal.strsignal(signal.SIGSEGV), len(signal.valid_signals()) >= 62)
try:
    signal.signal(signal.SIGKILL, handler)
except OSError as e:
    print(e.errno)
