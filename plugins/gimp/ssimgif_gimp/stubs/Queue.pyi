# The module that Python 3 calls queue.
from queue import Queue as Queue
