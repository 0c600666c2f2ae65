# expect: {"status": "ok", "stdout": {"text": "TestResults(failed=0, attempted=1)\nTrue\n"}}
import doctest, unittest, io
def double(x):
    """
    >>> double(2)
    4
    """
    return x * 2
class T(unittest.TestCase):
    def test(self): self.assertEqual(double(3), 6)
print(doctest.testmod())
r = unittest.TextTestRunner(stream=io.StringIO()).run(unittest.defaultTestLoader.loadTestsFromTestCase(T))
print(r.wasSuccessful())
