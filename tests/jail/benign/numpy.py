# expect: {"status": "ok", "stdout": {"text": "8000.0\n"}}
# needs: numpy
import numpy
a = numpy.ones((20, 20))
print((a @ a).sum())
