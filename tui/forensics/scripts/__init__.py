"""What lifecycle scripts do to files, worked out from their text alone: nothing is ever run.

A script is followed as its interpreter would, with every branch taken that its text does not rule
out. What only a running machine can tell (a command's output, the environment, the time) is an
unknown piece of a path, so that a path is known whole, known as a pattern, or not told at all.
"""
