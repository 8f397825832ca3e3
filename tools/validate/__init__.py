"""Published data and closed forms against runs of ctc: ``python -m tools.validate``."""

import os

# Fits to autopsies multiply small matrices thousands of times: threads of OpenBLAS only wait for
# each other there, up to ten times as long on a busy machine. NumPy reads this when it is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
