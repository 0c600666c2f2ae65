import numpy

a = numpy.arange(10_000, dtype=float).reshape(100, 100)
print(int((a @ a.T).trace()), numpy.linalg.norm(a) > 0)
