"""The fault harness: the real program in a process of its own, struck at every point; the sandbox's record judges.

A *point* is a place in a delivery's journey that has a name: before and after each commit, at each entry of the log,
each file, each request and its answer. A *strike* is one fault at one point. A *case* is a scene (a kind of channel
with its workspace) with its strikes; its *lives* are the processes that work on it one after another, the last of them
unharmed. `python -m tests.faults` runs all cases, and as many random ones as are wanted.
"""
