from . import version
def double(x): return x * 2, version
