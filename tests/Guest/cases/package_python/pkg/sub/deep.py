from ..tools import double
def where(): return __name__, double(1)[0]
